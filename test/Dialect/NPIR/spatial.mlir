// RUN: npir-opt %s | npir-opt | FileCheck %s

// Operations on height and width, and normalizations.

// CHECK-LABEL: @spatial
func.func @spatial(%x: tensor<?x8x8x16xf32>, %w: tensor<8x2x2x16xf32>, %b: tensor<8xf32>) -> tensor<?x32x34x2xf32> {
  // CHECK: npir.transpose_conv2d %{{.*}}, %{{.*}}, %{{.*}} {output_padding = array<i64: 1, 0>, strides = array<i64: 2, 2>}
  %0 = npir.transpose_conv2d %x, %w, %b {strides = array<i64: 2, 2>, output_padding = array<i64: 1, 0>}
      : (tensor<?x8x8x16xf32>, tensor<8x2x2x16xf32>, tensor<8xf32>) -> tensor<?x17x16x8xf32>
  // CHECK: npir.avg_pool2d %{{.*}} {count_include_pad, kernel = array<i64: 2, 2>, pads = array<i64: 1, 0, 0, 0>, strides = array<i64: 2, 2>}
  %1 = npir.avg_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, pads = array<i64: 1, 0, 0, 0>, count_include_pad}
      : tensor<?x17x16x8xf32> -> tensor<?x9x8x8xf32>
  // CHECK: npir.resize bilinear %{{.*}} {coordinates = #npir.resize_coordinates<align_corners>, sizes = array<i64: 16, 17>}
  %2 = npir.resize bilinear %1 {sizes = array<i64: 16, 17>, coordinates = #npir.resize_coordinates<align_corners>}
      : tensor<?x9x8x8xf32> -> tensor<?x16x17x8xf32>
  // CHECK: npir.resize nearest %{{.*}} {rounding = #npir.resize_rounding<floor>, scales = array<f32: 5.000000e-01, 2.000000e+00>
  %3 = npir.resize nearest %2 {sizes = array<i64: 8, 34>, scales = array<f32: 0.5, 2.0>, rounding = #npir.resize_rounding<floor>}
      : tensor<?x16x17x8xf32> -> tensor<?x8x34x8xf32>
  // CHECK: npir.space_to_depth %{{.*}} {block = 2 : i64}
  %4 = npir.space_to_depth %3 {block = 2 : i64} : tensor<?x8x34x8xf32> -> tensor<?x4x17x32xf32>
  // CHECK: npir.depth_to_space %{{.*}} {block = 4 : i64}
  %5 = npir.depth_to_space %4 {block = 4 : i64} : tensor<?x4x17x32xf32> -> tensor<?x16x68x2xf32>
  // CHECK: npir.pad %{{.*}} {mode = #npir.pad_mode<reflect>, pads_begin = array<i64: 0, 8, 0, 0>, pads_end = array<i64: 0, 8, 0, 0>}
  %6 = npir.pad %5 {pads_begin = array<i64: 0, 8, 0, 0>, pads_end = array<i64: 0, 8, 0, 0>, mode = #npir.pad_mode<reflect>}
      : tensor<?x16x68x2xf32> -> tensor<?x32x68x2xf32>
  // CHECK: npir.reduce max
  %7 = npir.reduce max %6 {axes = array<i64: 2>} : tensor<?x32x68x2xf32> -> tensor<?x32x2xf32>
  %8 = npir.reshape %7 : tensor<?x32x2xf32> -> tensor<?x32x1x2xf32>
  // CHECK: npir.pad %{{.*}} {pads_begin = array<i64: 0, 0, 3, 0>, pads_end = array<i64: 0, 0, 30, 0>, value = -1.000000e+00 : f32}
  %9 = npir.pad %8 {pads_begin = array<i64: 0, 0, 3, 0>, pads_end = array<i64: 0, 0, 30, 0>, value = -1.0 : f32}
      : tensor<?x32x1x2xf32> -> tensor<?x32x34x2xf32>
  return %9 : tensor<?x32x34x2xf32>
}

// CHECK-LABEL: @norms
func.func @norms(%x: tensor<?x5x8xf32>, %s: tensor<8xf32>, %o: tensor<8xf32>) -> tensor<?x5x8xf32> {
  // CHECK: npir.group_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 9.99999974E-6 : f32, groups = 4 : i64}
  %0 = npir.group_norm %x, %s, %o {groups = 4 : i64, epsilon = 1.0e-5 : f32}
      : (tensor<?x5x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x5x8xf32>
  // CHECK: npir.rms_norm
  %1 = npir.rms_norm %0, %s {epsilon = 1.0e-5 : f32} : (tensor<?x5x8xf32>, tensor<8xf32>) -> tensor<?x5x8xf32>
  // CHECK: npir.prelu
  %2 = npir.prelu %1, %s : (tensor<?x5x8xf32>, tensor<8xf32>) -> tensor<?x5x8xf32>
  // CHECK: npir.maximum
  %3 = npir.maximum %2, %o {clamp_max = 6.0 : f32} : (tensor<?x5x8xf32>, tensor<8xf32>) -> tensor<?x5x8xf32>
  // CHECK: npir.minimum
  %4 = npir.minimum %3, %s : (tensor<?x5x8xf32>, tensor<8xf32>) -> tensor<?x5x8xf32>
  // CHECK: npir.pow
  %5 = npir.pow %4, %s : (tensor<?x5x8xf32>, tensor<8xf32>) -> tensor<?x5x8xf32>
  return %5 : tensor<?x5x8xf32>
}

!q = !quant.uniform<i8:f32, 5.0e-01:3>
// CHECK-LABEL: @quantized
func.func @quantized(%x: tensor<?x4x4x2x!q>) -> tensor<?x8x8x2x!q> {
  // CHECK: #npir.requant_window_mean<multipliers = [1.000000e+00, 5.000000e-01], min = -128, max = 127>
  %0 = npir.avg_pool2d %x {kernel = array<i64: 1, 2>, strides = array<i64: 1, 2>,
      requant = #npir.requant_window_mean<multipliers = [1.0, 0.5], min = -128, max = 127>} : tensor<?x4x4x2x!q> -> tensor<?x4x2x2x!q>
  // CHECK: #npir.requant_interpolate<min = -128, max = 127>
  %1 = npir.resize bilinear %0 {sizes = array<i64: 8, 8>, requant = #npir.requant_interpolate<min = -128, max = 127>}
      : tensor<?x4x2x2x!q> -> tensor<?x8x8x2x!q>
  return %1 : tensor<?x8x8x2x!q>
}
