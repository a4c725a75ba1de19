// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --mlir-print-local-scope | FileCheck %s

// The pass' example. Zero points go, one number for the bias becomes one for each channel.
// CHECK-LABEL: @conv2d(
// CHECK-SAME: %[[X:[^:]*]]:
func.func @conv2d(%x: tensor<?x8x8x1xf32> loc("image")) -> tensor<?x4x8x2xf32> {
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{.*}}> : tensor<2x2x1x1xf32> loc("conv1.weight"
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<5.000000e-01> : tensor<2xf32> loc("conv1.bias"
  // CHECK: npir.conv2d %[[X]], %[[W]], %[[B]] {dilations = array<i64: 1, 2>, pads = array<i64: 0, 0, 2, 3>, strides = array<i64: 2, 1>}
  // CHECK-SAME: (tensor<?x8x8x1xf32>, tensor<2x2x1x1xf32>, tensor<2xf32>) -> tensor<?x4x13x2xf32> loc("conv1")
  %w = "tosa.const"() {values = dense<[[[[1.0]], [[2.0]]], [[[3.0]], [[4.0]]]]> : tensor<2x2x1x1xf32>} : () -> tensor<2x2x1x1xf32>
  %b = "tosa.const"() {values = dense<0.5> : tensor<1xf32>} : () -> tensor<1xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 2>, pad = array<i64: 0, 0, 2, 3>, stride = array<i64: 2, 1>} : (tensor<?x8x8x1xf32>, tensor<2x2x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x13x2xf32> loc("conv1")
  %s = tosa.const_shape {values = dense<0> : tensor<4xindex>} : () -> !tosa.shape<4>
  %e = tosa.const_shape {values = dense<[-1, 4, 8, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %1 = tosa.slice %0, %s, %e : (tensor<?x4x13x2xf32>, !tosa.shape<4>, !tosa.shape<4>) -> tensor<?x4x8x2xf32>
  return %1 : tensor<?x4x8x2xf32>
}

// -----

// A bias of zeros is none.
// CHECK-LABEL: @no_bias(
func.func @no_bias(%x: tensor<1x4x4x1xf32>) -> tensor<1x4x4x2xf32> {
  // CHECK: npir.conv2d %{{[^,]*}}, %{{[^,]*}} : (tensor<1x4x4x1xf32>, tensor<2x1x1x1xf32>) -> tensor<1x4x4x2xf32>
  %w = "tosa.const"() {values = dense<[[[[1.0]]], [[[2.0]]]]> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %b = "tosa.const"() {values = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<1x4x4x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x4x4x2xf32>
  return %0 : tensor<1x4x4x2xf32>
}

// -----

// What TOSA has for a linear layer.
// CHECK-LABEL: @pixel(
func.func @pixel(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  // CHECK: %[[W:.*]] = npir.constant dense<{{.*}}> : tensor<3x2xf32> loc("fc.weight")
  // CHECK: npir.linear %{{.*}}, %[[W]] : (tensor<?x2xf32>, tensor<3x2xf32>) -> tensor<?x3xf32> loc("fc")
  %to = tosa.const_shape {values = dense<[-1, 1, 1, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %0 = tosa.reshape %x, %to : (tensor<?x2xf32>, !tosa.shape<4>) -> tensor<?x1x1x2xf32>
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]], [[[5.0, 6.0]]]]> : tensor<3x1x1x2xf32>} : () -> tensor<3x1x1x2xf32> loc("fc.weight")
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %1 = tosa.conv2d %0, %w, %zp, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<?x1x1x2xf32>, tensor<3x1x1x2xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x1x3xf32> loc("fc")
  %back = tosa.const_shape {values = dense<[-1, 3]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %2 = tosa.reshape %1, %back : (tensor<?x1x1x3xf32>, !tosa.shape<2>) -> tensor<?x3xf32>
  return %2 : tensor<?x3xf32>
}

// -----

// CHECK-LABEL: @depthwise(
func.func @depthwise(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x4xf32> {
  // CHECK: %[[W:.*]] = npir.constant dense<{{\[\[\[\[}}1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]]]]> : tensor<1x1x1x4xf32> loc("depthwise_conv2d_0.weight"
  // CHECK: npir.depthwise_conv2d %{{.*}}, %[[W]], %{{.*}} : (tensor<?x4x4x2xf32>, tensor<1x1x1x4xf32>, tensor<4xf32>) -> tensor<?x4x4x4xf32>
  %w = "tosa.const"() {values = dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>} : () -> tensor<1x1x2x2xf32>
  %b = "tosa.const"() {values = dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32>} : () -> tensor<4xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.depthwise_conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<?x4x4x2xf32>, tensor<1x1x2x2xf32>, tensor<4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x4x4xf32>
  return %0 : tensor<?x4x4x4xf32>
}

// -----

// What is added at the bottom and the right, and what is cut off.
// CHECK-LABEL: @transpose_conv2d(
func.func @transpose_conv2d(%x: tensor<?x4x4x1xf32>) -> tensor<?x8x9x2xf32> {
  // CHECK: npir.transpose_conv2d {{.*}} {output_padding = array<i64: 0, 1>, pads = array<i64: 0, 1, 1, 0>, strides = array<i64: 2, 2>} : {{.*}} -> tensor<?x8x9x2xf32>
  %w = "tosa.const"() {values = dense<1.0> : tensor<2x3x3x1xf32>} : () -> tensor<2x3x3x1xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.transpose_conv2d %x, %w, %zp, %zp, %zp {acc_type = f32, out_pad = array<i64: 0, -1, -1, 1>, stride = array<i64: 2, 2>} : (tensor<?x4x4x1xf32>, tensor<2x3x3x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x8x9x2xf32>
  return %0 : tensor<?x8x9x2xf32>
}

// -----

// A product with a constant is a linear layer. Ones in front of the dynamic dimension are left out.
// CHECK-LABEL: @linear(
// CHECK-SAME: %[[X:[^:]*]]:
func.func @linear(%x: tensor<?x3x2xf32>) -> tensor<?x3x3xf32> {
  // CHECK-NEXT: %[[R:.*]] = npir.reshape %[[X]] : tensor<?x3x2xf32> -> tensor<?x2xf32>
  // CHECK-NEXT: %[[W:.*]] = npir.constant dense<{{\[\[}}1.000000e+00, 4.000000e+00], [2.000000e+00, 5.000000e+00], [3.000000e+00, 6.000000e+00]]> : tensor<3x2xf32> loc("fc.weight"
  // CHECK-NEXT: %[[Y:.*]] = npir.linear %[[R]], %[[W]] : (tensor<?x2xf32>, tensor<3x2xf32>) -> tensor<?x3xf32> loc("fc")
  %rows = tosa.const_shape {values = dense<[1, -1, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.reshape %x, %rows : (tensor<?x3x2xf32>, !tosa.shape<3>) -> tensor<1x?x2xf32>
  %w = "tosa.const"() {values = dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>} : () -> tensor<1x2x3xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %1 = tosa.matmul %0, %w, %zp, %zp : (tensor<1x?x2xf32>, tensor<1x2x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x?x3xf32> loc("fc")
  // CHECK-NEXT: %[[C:.*]] = npir.constant dense<{{.*}}> : tensor<1x3xf32>
  // CHECK-NEXT: npir.add %[[Y]], %[[C]] : (tensor<?x3xf32>, tensor<1x3xf32>)
  %b = "tosa.const"() {values = dense<[[[1.0, 2.0, 3.0]]]> : tensor<1x1x3xf32>} : () -> tensor<1x1x3xf32>
  %2 = tosa.add %1, %b : (tensor<1x?x3xf32>, tensor<1x1x3xf32>) -> tensor<1x?x3xf32>
  // CHECK-NEXT: npir.reshape {{.*}} -> tensor<?x3x3xf32>
  %back = tosa.const_shape {values = dense<[-1, 3, 3]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %3 = tosa.reshape %2, %back : (tensor<1x?x3xf32>, !tosa.shape<3>) -> tensor<?x3x3xf32>
  return %3 : tensor<?x3x3xf32>
}

// -----

// CHECK-LABEL: @matmul(
// CHECK-SAME: %[[X:[^:]*]]: {{.*}}, %[[Y:[^:]*]]:
func.func @matmul(%x: tensor<?x3x2xf32>, %y: tensor<?x2x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NEXT: npir.matmul %[[X]], %[[Y]] : (tensor<?x3x2xf32>, tensor<?x2x4xf32>) -> tensor<?x3x4xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %0 = tosa.matmul %x, %y, %zp, %zp : (tensor<?x3x2xf32>, tensor<?x2x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x3x4xf32>
  return %0 : tensor<?x3x4xf32>
}

// -----

// A pool over the whole image is a mean.
// CHECK-LABEL: @pools(
func.func @pools(%x: tensor<?x8x8x3xf32>) -> tensor<?x1x1x3xf32> {
  // CHECK-NEXT: npir.max_pool2d %{{.*}} {kernel = array<i64: 3, 2>, pads = array<i64: 1, 0, 0, 0>, strides = array<i64: 2, 2>} : tensor<?x8x8x3xf32> -> tensor<?x4x4x3xf32>
  %0 = tosa.max_pool2d %x {kernel = array<i64: 3, 2>, pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 2, 2>} : (tensor<?x8x8x3xf32>) -> tensor<?x4x4x3xf32>
  // CHECK-NEXT: npir.avg_pool2d %{{.*}} {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %1 = tosa.avg_pool2d %0, %zp, %zp {acc_type = f32, kernel = array<i64: 3, 3>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>} : (tensor<?x4x4x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x4x3xf32>
  // CHECK-NEXT: npir.reduce mean %{{.*}} {axes = array<i64: 1, 2>, keep_dims} : tensor<?x4x4x3xf32> -> tensor<?x1x1x3xf32>
  %2 = tosa.avg_pool2d %1, %zp, %zp {acc_type = f32, kernel = array<i64: 4, 4>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<?x4x4x3xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x1x3xf32>
  return %2 : tensor<?x1x1x3xf32>
}
