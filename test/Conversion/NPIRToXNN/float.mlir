// RUN: npir-opt --convert-npir-to-xnn %s | FileCheck %s

// Every op in float, from the station that calibration runs at.

// CHECK-LABEL: @conv
// CHECK-SAME: npir.station = #npir.station<target>, npir.target = "xnnpack"
func.func @conv(%x: tensor<?x8x8x4xf32> loc("x")) -> tensor<?x4x5x6xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0> : tensor<6x3x3x2xf32> loc("w")
  %b = npir.constant dense<2.0> : tensor<6xf32> loc("b")
  // CHECK: %[[S:.*]] = xnn.subgraph(%[[A:.*]]: tensor<?x8x8x4xf32> loc("x") = %{{.*}}) -> tensor<?x4x5x6xf32> {
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<1.000000e+00> : tensor<6x3x3x2xf32> loc(#[[WLOC:.*]])
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<2.000000e+00> : tensor<6xf32>
  // CHECK: %[[R:.*]] = xnn.convolution_2d %[[A]], %[[W]], %[[B]] {dilations = array<i64: 1, 1>, groups = 2 : i64, output_max = 6.000000e+00 : f32, output_min = 0.000000e+00 : f32, padding = array<i64: 0, 2, 1, 1>, strides = array<i64: 2, 2>}
  // CHECK: xnn.yield %[[R]]
  // CHECK: return %[[S]]
  %0 = npir.conv2d %x, %w, %b {pads = array<i64: 0, 1, 1, 2>, strides = array<i64: 2, 2>, groups = 2 : i64, clamp_min = 0.0 : f32, clamp_max = 6.0 : f32}
      : (tensor<?x8x8x4xf32>, tensor<6x3x3x2xf32>, tensor<6xf32>) -> tensor<?x4x5x6xf32> loc("conv")
  return %0 : tensor<?x4x5x6xf32>
}

// The bounds of one side; no bias; a depth multiplier.
// CHECK-LABEL: @depthwise
func.func @depthwise(%x: tensor<?x4x4x2xf32>) -> tensor<?x2x2x4xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0> : tensor<1x3x3x4xf32>
  // CHECK: xnn.depthwise_convolution_2d %{{.*}}, %{{.*}} {depth_multiplier = 2 : i64, dilations = array<i64: 1, 1>, output_min = 0.000000e+00 : f32, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>} : (tensor<?x4x4x2xf32>, tensor<1x3x3x4xf32>) -> tensor<?x2x2x4xf32>
  %0 = npir.depthwise_conv2d %x, %w {clamp_min = 0.0 : f32} : (tensor<?x4x4x2xf32>, tensor<1x3x3x4xf32>) -> tensor<?x2x2x4xf32>
  return %0 : tensor<?x2x2x4xf32>
}

// CHECK-LABEL: @linear
func.func @linear(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0> : tensor<2x4xf32>
  %b = npir.constant dense<1.0> : tensor<2xf32>
  // CHECK: xnn.fully_connected %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  %0 = npir.linear %x, %w, %b : (tensor<?x3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  return %0 : tensor<?x3x2xf32>
}

// CHECK-LABEL: @elementwise
func.func @elementwise(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: xnn.binary add %{{.*}}, %{{.*}} {output_min = 0.000000e+00 : f32}
  %0 = npir.add %x, %y {clamp_min = 0.0 : f32} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: xnn.unary clamp %{{.*}} {min = 0.000000e+00 : f32}
  %1 = npir.relu %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: xnn.unary clamp %{{.*}} {max = 6.000000e+00 : f32, min = -1.000000e+00 : f32}
  %2 = npir.clamp %1 {min = -1.0 : f32, max = 6.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: xnn.unary sigmoid
  %3 = npir.sigmoid %2 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: xnn.unary tanh
  %4 = npir.tanh %3 : tensor<?x4xf32> -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// CHECK-LABEL: @shapes
func.func @shapes(%x: tensor<?x5x5x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: xnn.max_pooling_2d %{{.*}} {dilations = array<i64: 1, 1>, padding = array<i64: 0, 1, 1, 0>, pooling = array<i64: 2, 2>, strides = array<i64: 2, 2>}
  %0 = npir.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 0, 1, 0, 1>} : tensor<?x5x5x2xf32> -> tensor<?x3x3x2xf32>
  // CHECK: xnn.static_transpose %{{.*}} {perm = array<i64: 0, 3, 1, 2>}
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x3x3x2xf32> -> tensor<?x2x3x3xf32>
  // CHECK: xnn.static_reshape %{{.*}} : tensor<?x2x3x3xf32> -> tensor<?x2x9xf32>
  %2 = npir.reshape %1 : tensor<?x2x3x3xf32> -> tensor<?x2x9xf32>
  // CHECK: xnn.static_reduce mean %{{.*}} {axes = array<i64: 2>, keep_dims}
  %3 = npir.reduce mean %2 {axes = array<i64: 2>, keep_dims} : tensor<?x2x9xf32> -> tensor<?x2x1xf32>
  // CHECK: xnn.static_reduce sum %{{.*}} {axes = array<i64: 2>}
  %4 = npir.reduce sum %3 {axes = array<i64: 2>} : tensor<?x2x1xf32> -> tensor<?x2xf32>
  return %4 : tensor<?x2xf32>
}

!qa = !quant.uniform<i8:f32, 5.000000e-02:-128>

// Observers are dropped: the tensor that they name is the one before them.
// CHECK-LABEL: @observed
func.func @observed(%x: tensor<?x4xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
  %ox = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !qa} : tensor<?x4xf32>
  %w = npir.constant dense<1.0> : tensor<2x4xf32>
  %ow = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>} : tensor<2x4xf32>
  // CHECK-NOT: npir.observe
  // CHECK: xnn.fully_connected
  // CHECK-NOT: npir.observe
  %0 = npir.linear %ox, %ow : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("fc")
  %1 = npir.observe %0 {id = "fc:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}

// Dequantized constants become constants: XNNPACK packs weights when it loads. Those of layers stay integers.
// CHECK-LABEL: @qdq
func.func @qdq(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  %q = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa>
  %d = npir.dequantize %q : tensor<?x2x!qa> -> tensor<?x2xf32>
  %wq = npir.constant dense<[[1, -2], [3, -4]]> : tensor<2x2xi8> as tensor<2x2x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01, 2.500000e-01}>>
  %w = npir.dequantize %wq : tensor<2x2x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01, 2.500000e-01}>> -> tensor<2x2xf32> loc("w")
  %bq = npir.constant dense<[100000, -2]> : tensor<2xi32> as tensor<2x!quant.uniform<i32:f32, 5.000000e-01>>
  %b = npir.dequantize %bq : tensor<2x!quant.uniform<i32:f32, 5.000000e-01>> -> tensor<2xf32>
  // CHECK-NOT: npir.constant
  // CHECK: xnn.unary convert %{{.*}} : tensor<?x2xf32> -> tensor<?x2x!qt>
  // CHECK: xnn.unary convert %{{.*}} : tensor<?x2x!qt> -> tensor<?x2xf32>
  // CHECK: npir.constant dense<{{\[\[}}5.000000e-01], [2.500000e-01]]> : tensor<2x1xf32>
  // CHECK: npir.constant dense<{{\[\[}}1, -2], [3, -4]]> : tensor<2x2xi8> as tensor<2x2x!{{.*}}>
  // CHECK: npir.constant dense<[5.000000e+04, -1.000000e+00]> : tensor<2xf32>
  // CHECK: xnn.hybrid_fully_connected
  %0 = npir.linear %d, %w, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// Functions for other targets are none of this pass's business.
// CHECK-LABEL: @other
// CHECK-SAME: npir.station = #npir.station<integer>, npir.target = "ethos-u55"
func.func @other(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {npir.station = #npir.station<integer>, npir.target = "ethos-u55"} {
  // CHECK: npir.relu
  %0 = npir.relu %x : tensor<?x4xf32> -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// CHECK-LABEL: @attention
func.func @attention(%x: tensor<?x5x12xf32>) -> tensor<?x5x4xf32> attributes {npir.station = #npir.station<prepared>} {
  // A dynamic size is 0, the rest of a static one its number.
  // CHECK: %[[Q:.*]] = xnn.static_slice %{{.*}} {offsets = array<i64: 0, 0, 0>, sizes = array<i64: 0, 5, 4>} : tensor<?x5x12xf32> -> tensor<?x5x4xf32>
  %q = npir.slice %x {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, -1, 4>} : tensor<?x5x12xf32> -> tensor<?x5x4xf32>
  // CHECK: %[[K:.*]] = xnn.static_slice
  %k = npir.slice %x {offsets = array<i64: 0, 0, 4>, sizes = array<i64: -1, 5, 4>} : tensor<?x5x12xf32> -> tensor<?x5x4xf32>
  // CHECK: %[[V:.*]] = xnn.static_slice %{{.*}} {offsets = array<i64: 0, 0, 8>, sizes = array<i64: 0, 5, 4>}
  %v = npir.slice %x {offsets = array<i64: 0, 0, 8>, sizes = array<i64: -1, -1, -1>} : tensor<?x5x12xf32> -> tensor<?x5x4xf32>
  // CHECK: %[[S:.*]] = xnn.batch_matrix_multiply %[[Q]], %[[K]] {transpose_b}
  %s = npir.matmul %q, %k {transpose_rhs} : (tensor<?x5x4xf32>, tensor<?x5x4xf32>) -> tensor<?x5x5xf32>
  // CHECK: %[[W:.*]] = xnn.softmax %[[S]]
  %w = npir.softmax %s : tensor<?x5x5xf32> -> tensor<?x5x5xf32>
  // CHECK: xnn.batch_matrix_multiply %[[W]], %[[V]] : (tensor<?x5x5xf32>, tensor<?x5x4xf32>)
  %r = npir.matmul %w, %v : (tensor<?x5x5xf32>, tensor<?x5x4xf32>) -> tensor<?x5x4xf32>
  return %r : tensor<?x5x4xf32>
}

// CHECK-LABEL: @binary
func.func @binary(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {npir.station = #npir.station<prepared>} {
  %c = npir.constant dense<0.125> : tensor<f32>
  // CHECK: xnn.binary subtract %{{.*}}, %{{.*}} {output_min = 0.000000e+00 : f32}
  %0 = npir.sub %x, %y {clamp_min = 0.0 : f32} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: xnn.binary multiply %{{.*}}, %{{.*}} : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.mul %0, %c : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  // CHECK: xnn.binary divide %{{.*}}, %{{.*}} {output_max = 1.000000e+00 : f32}
  %2 = npir.div %c, %1 {clamp_max = 1.0 : f32} : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// XNNPACK takes 2 to 5 operands.
// CHECK-LABEL: @concat
func.func @concat(%x: tensor<?x1xf32>, %y: tensor<?x2xf32>) -> (tensor<?x3xf32>, tensor<?x15xf32>) attributes {npir.station = #npir.station<prepared>} {
  // CHECK: %[[X:.*]] = xnn.copy
  %0 = npir.concat %x {axis = 1 : i64} : (tensor<?x1xf32>) -> tensor<?x1xf32>
  // CHECK: xnn.concatenate %[[X]], %[[Y:.*]] {axis = 1 : i64} : (tensor<?x1xf32>, tensor<?x2xf32>) -> tensor<?x3xf32>
  %1 = npir.concat %0, %y {axis = 1 : i64} : (tensor<?x1xf32>, tensor<?x2xf32>) -> tensor<?x3xf32>
  // CHECK: %[[A:.*]] = xnn.concatenate %[[X]], %[[Y]], %[[X]], %[[X]], %[[Y]] {axis = 1 : i64} : {{.*}} -> tensor<?x7xf32> loc(#[[PART0:.*]])
  // CHECK: %[[B:.*]] = xnn.concatenate %[[Y]], %[[X]], %[[Y]], %[[X]], %[[X]] {axis = 1 : i64} : {{.*}} -> tensor<?x7xf32> loc(#[[PART1:.*]])
  // CHECK: xnn.concatenate %[[A]], %[[B]], %[[X]] {axis = 1 : i64} : (tensor<?x7xf32>, tensor<?x7xf32>, tensor<?x1xf32>) -> tensor<?x15xf32> loc(#[[CAT:.*]])
  %2 = npir.concat %0, %y, %0, %0, %y, %y, %0, %y, %0, %0, %0 {axis = 1 : i64}
      : (tensor<?x1xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x2xf32>, tensor<?x1xf32>, tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x15xf32> loc("cat")
  return %1, %2 : tensor<?x3xf32>, tensor<?x15xf32>
}
// CHECK-DAG: #[[PART0]] = loc("cat.part0")
// CHECK-DAG: #[[PART1]] = loc("cat.part1")
// CHECK-DAG: #[[CAT]] = loc("cat")
