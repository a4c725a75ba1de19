// RUN: npir-opt --npir-prepare --split-input-file %s | FileCheck %s

// Between two layers, padding, choices and comparisons are in NHWC.
// CHECK-LABEL: @pad_and_where
func.func @pad_and_where(%x: tensor<?x4x4x3xf32>) -> tensor<?x4x8x3xf32> {
  // CHECK: %[[M:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[P:.*]] = npir.pad %[[M]] {mode = #npir.pad_mode<edge>, pads_begin = array<i64: 0, 0, 3, 0>, pads_end = array<i64: 0, 0, 1, 0>}
  // CHECK: %[[G:.*]] = npir.compare gt %[[P]], %{{.*}} : (tensor<?x4x8x3xf32>, tensor<1x1x1x3xf32>) -> tensor<?x4x8x3xi1>
  // CHECK-NEXT: %[[N:.*]] = npir.not %[[G]] : tensor<?x4x8x3xi1>
  // CHECK: %[[W:.*]] = npir.where %[[N]], %[[P]], %{{.*}} : (tensor<?x4x8x3xi1>, tensor<?x4x8x3xf32>, tensor<1x1x1x3xf32>)
  // CHECK-NEXT: %[[Q:.*]] = npir.max_pool2d %[[W]]
  // CHECK-NEXT: return %[[Q]]
  %c = npir.constant dense<[[[1.0]], [[2.0]], [[3.0]]]> : tensor<3x1x1xf32>
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %2 = npir.pad %1 {pads_begin = array<i64: 0, 0, 0, 3>, pads_end = array<i64: 0, 0, 0, 1>, mode = #npir.pad_mode<edge>} : tensor<?x3x4x4xf32> -> tensor<?x3x4x8xf32>
  %3 = npir.compare gt %2, %c : (tensor<?x3x4x8xf32>, tensor<3x1x1xf32>) -> tensor<?x3x4x8xi1>
  %4 = npir.not %3 : tensor<?x3x4x8xi1> -> tensor<?x3x4x8xi1>
  %5 = npir.where %4, %2, %c : (tensor<?x3x4x8xi1>, tensor<?x3x4x8xf32>, tensor<3x1x1xf32>) -> tensor<?x3x4x8xf32>
  %6 = npir.transpose %5 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x3x4x8xf32> -> tensor<?x4x8x3xf32>
  %7 = npir.max_pool2d %6 {kernel = array<i64: 1, 1>} : tensor<?x4x8x3xf32> -> tensor<?x4x8x3xf32>
  return %7 : tensor<?x4x8x3xf32>
}

// -----

// What stands between transposes of its own, as importers write it.
// CHECK-LABEL: @nhwc_ops
func.func @nhwc_ops(%x: tensor<?x4x4x4xf32>) -> tensor<?x4x4x1xf32> {
  // CHECK-NOT: npir.transpose
  // CHECK: npir.resize
  // CHECK-NEXT: npir.prelu
  // CHECK-NEXT: npir.reduce max %{{.*}} {axes = array<i64: 3>, keep_dims}
  // CHECK-NOT: npir.transpose
  %s = npir.constant dense<0.5> : tensor<4xf32>
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x4xf32> -> tensor<?x4x4x4xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x4xf32> -> tensor<?x4x4x4xf32>
  %2 = npir.transpose %1 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x4x4x4xf32> -> tensor<?x4x4x4xf32>
  %3 = npir.resize nearest %2 {sizes = array<i64: 8, 8>} : tensor<?x4x4x4xf32> -> tensor<?x8x8x4xf32>
  %4 = npir.transpose %3 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x8x8x4xf32> -> tensor<?x4x8x8xf32>
  %5 = npir.transpose %4 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x4x8x8xf32> -> tensor<?x8x8x4xf32>
  %6 = npir.prelu %5, %s : (tensor<?x8x8x4xf32>, tensor<4xf32>) -> tensor<?x8x8x4xf32>
  %7 = npir.transpose %6 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x8x8x4xf32> -> tensor<?x4x8x8xf32>
  %8 = npir.reduce max %7 {axes = array<i64: 1>, keep_dims} : tensor<?x4x8x8xf32> -> tensor<?x1x8x8xf32>
  %9 = npir.transpose %8 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x1x8x8xf32> -> tensor<?x8x8x1xf32>
  %10 = npir.max_pool2d %9 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<?x8x8x1xf32> -> tensor<?x4x4x1xf32>
  return %10 : tensor<?x4x4x1xf32>
}

// -----

// Zeros before a convolution or a mean are its padding, the lowest values that of a maximum; several layers may read them.
// CHECK-LABEL: @pads
func.func @pads(%x: tensor<?x4x4x1xf32>) -> (tensor<?x4x5x1xf32>, tensor<?x3x4x1xf32>, tensor<?x4x4x1xf32>) {
  // CHECK-NOT: npir.pad
  // CHECK: npir.conv2d %{{.*}} {pads = array<i64: 1, 1, 1, 2>}
  // CHECK: npir.avg_pool2d %{{.*}} {count_include_pad, kernel = array<i64: 3, 3>, pads = array<i64: 0, 1, 1, 1>}
  // CHECK: npir.max_pool2d %{{.*}} {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>}
  // CHECK-NOT: npir.pad
  %w = npir.constant dense<1.0> : tensor<1x3x3x1xf32>
  %0 = npir.pad %x {pads_begin = array<i64: 0, 0, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>} : tensor<?x4x4x1xf32> -> tensor<?x5x6x1xf32>
  %1 = npir.conv2d %0, %w {pads = array<i64: 1, 0, 0, 1>} : (tensor<?x5x6x1xf32>, tensor<1x3x3x1xf32>) -> tensor<?x4x5x1xf32>
  %2 = npir.avg_pool2d %0 {kernel = array<i64: 3, 3>} : tensor<?x5x6x1xf32> -> tensor<?x3x4x1xf32>
  %3 = npir.pad %x {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>, value = 0xFF800000 : f32} : tensor<?x4x4x1xf32> -> tensor<?x6x6x1xf32>
  %4 = npir.max_pool2d %3 {kernel = array<i64: 3, 3>} : tensor<?x6x6x1xf32> -> tensor<?x4x4x1xf32>
  return %1, %2, %4 : tensor<?x4x5x1xf32>, tensor<?x3x4x1xf32>, tensor<?x4x4x1xf32>
}

// -----

// Padding that is none of the window's: another value, other dimensions, another way to count, or too much of it.
// CHECK-LABEL: @pads_that_stay
func.func @pads_that_stay(%x: tensor<?x4x4x1xf32>) -> (tensor<?x6x6x1xf32>, tensor<?x4x6x1xf32>, tensor<?x6x6x1xf32>, tensor<?x6x6x1xf32>, tensor<?x4x4x1xf32>) {
  // CHECK-COUNT-5: npir.pad
  %w = npir.constant dense<1.0> : tensor<1x1x1x1xf32>
  %w2 = npir.constant dense<1.0> : tensor<1x1x1x2xf32>
  %0 = npir.pad %x {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>} : tensor<?x4x4x1xf32> -> tensor<?x6x6x1xf32>
  %1 = npir.conv2d %0, %w : (tensor<?x6x6x1xf32>, tensor<1x1x1x1xf32>) -> tensor<?x6x6x1xf32>
  %2 = npir.pad %x {pads_begin = array<i64: 0, 0, 1, 0>, pads_end = array<i64: 0, 0, 1, 0>, value = 1.0 : f32} : tensor<?x4x4x1xf32> -> tensor<?x4x6x1xf32>
  %3 = npir.conv2d %2, %w : (tensor<?x4x6x1xf32>, tensor<1x1x1x1xf32>) -> tensor<?x4x6x1xf32>
  %4 = npir.pad %x {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>} : tensor<?x4x4x1xf32> -> tensor<?x6x6x1xf32>
  %5 = npir.max_pool2d %4 {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>} : tensor<?x6x6x1xf32> -> tensor<?x6x6x1xf32>
  %6 = npir.pad %x {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>} : tensor<?x4x4x1xf32> -> tensor<?x6x6x1xf32>
  %7 = npir.avg_pool2d %6 {kernel = array<i64: 3, 3>, pads = array<i64: 1, 1, 1, 1>} : tensor<?x6x6x1xf32> -> tensor<?x6x6x1xf32>
  %8 = npir.pad %x {pads_begin = array<i64: 0, 0, 0, 1>, pads_end = array<i64: 0, 0, 0, 0>} : tensor<?x4x4x1xf32> -> tensor<?x4x4x2xf32>
  %9 = npir.conv2d %8, %w2 : (tensor<?x4x4x2xf32>, tensor<1x1x1x2xf32>) -> tensor<?x4x4x1xf32>
  return %1, %3, %5, %7, %9 : tensor<?x6x6x1xf32>, tensor<?x4x6x1xf32>, tensor<?x6x6x1xf32>, tensor<?x6x6x1xf32>, tensor<?x4x4x1xf32>
}

// -----

// A transposed convolution takes normalization and activation behind it.
// CHECK-LABEL: @transpose_conv
func.func @transpose_conv(%x: tensor<?x2x2x1xf32>) -> tensor<?x4x4x2xf32> {
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{.*}}2.000000e+00{{.*}}-3.000000e+00{{.*}}> : tensor<2x1x1x1xf32>
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<[1.000000e+00, 5.000000e+00]> : tensor<2xf32>
  // CHECK: %[[Y:.*]] = npir.transpose_conv2d %{{.*}}, %[[W]], %[[B]] {clamp_min = 0.000000e+00 : f32, output_padding = array<i64: 1, 1>, strides = array<i64: 2, 2>}
  // CHECK-NEXT: return %[[Y]]
  %w = npir.constant dense<1.0> : tensor<2x1x1x1xf32>
  %s = npir.constant dense<[2.0, -3.0]> : tensor<2xf32>
  %o = npir.constant dense<[1.0, 5.0]> : tensor<2xf32>
  %0 = npir.transpose_conv2d %x, %w {strides = array<i64: 2, 2>, output_padding = array<i64: 1, 1>} : (tensor<?x2x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x4x4x2xf32>
  %1 = npir.mul %0, %s : (tensor<?x4x4x2xf32>, tensor<2xf32>) -> tensor<?x4x4x2xf32>
  %2 = npir.add %1, %o : (tensor<?x4x4x2xf32>, tensor<2xf32>) -> tensor<?x4x4x2xf32>
  %3 = npir.relu %2 : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  return %3 : tensor<?x4x4x2xf32>
}
