// RUN: npir-opt --convert-npir-to-xnn %s | FileCheck %s

// What XNNPACK has of the ops on images, and what stays for our kernels.

// Output padding and pads at the bottom cancel.
// CHECK-LABEL: @transpose_conv
func.func @transpose_conv(%x: tensor<?x4x4x2xf32>) -> tensor<?x8x9x3xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0> : tensor<3x2x2x2xf32>
  // CHECK: xnn.deconvolution_2d %{{.*}}, %{{.*}} {adjustment = array<i64: 0, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, output_min = 0.000000e+00 : f32, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>}
  %0 = npir.transpose_conv2d %x, %w {strides = array<i64: 2, 2>, pads = array<i64: 0, 1, 0, 0>, output_padding = array<i64: 1, 1>, clamp_min = 0.0 : f32}
      : (tensor<?x4x4x2xf32>, tensor<3x2x2x2xf32>) -> tensor<?x8x9x3xf32>
  return %0 : tensor<?x8x9x3xf32>
}

// CHECK-LABEL: @resize
func.func @resize(%x: tensor<?x4x4x2xf32>) -> tensor<?x8x8x2xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: xnn.static_resize_bilinear_2d %{{.*}} {sizes = array<i64: 8, 8>}
  %0 = npir.resize bilinear %x {sizes = array<i64: 8, 8>, scales = array<f32: 2.0, 2.0>} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
  // CHECK: xnn.static_resize_bilinear_2d %{{.*}} {align_corners, sizes = array<i64: 4, 4>}
  %1 = npir.resize bilinear %0 {sizes = array<i64: 4, 4>, coordinates = #npir.resize_coordinates<align_corners>} : tensor<?x8x8x2xf32> -> tensor<?x4x4x2xf32>
  // CHECK: xnn.static_resize_bilinear_2d %{{.*}} {legacy, sizes = array<i64: 8, 8>}
  %2 = npir.resize bilinear %1 {sizes = array<i64: 8, 8>, coordinates = #npir.resize_coordinates<asymmetric>} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
  // CHECK: npir.resize bilinear
  %3 = npir.resize bilinear %2 {sizes = array<i64: 4, 4>, scales = array<f32: 0.6, 0.6>} : tensor<?x8x8x2xf32> -> tensor<?x4x4x2xf32>
  // CHECK-NEXT: npir.resize nearest
  %4 = npir.resize nearest %3 {sizes = array<i64: 8, 8>} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
  return %4 : tensor<?x8x8x2xf32>
}

// CHECK-LABEL: @own_kernels
func.func @own_kernels(%x: tensor<?x4x4x4xf32>) -> tensor<?x4x4xf32> attributes {npir.station = #npir.station<prepared>} {
  %p = npir.constant dense<1.0> : tensor<4xf32>
  // CHECK: npir.pad
  %0 = npir.pad %x {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>, mode = #npir.pad_mode<edge>} : tensor<?x4x4x4xf32> -> tensor<?x6x6x4xf32>
  // CHECK-NEXT: npir.avg_pool2d
  %1 = npir.avg_pool2d %0 {kernel = array<i64: 3, 3>} : tensor<?x6x6x4xf32> -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: npir.depth_to_space
  %2 = npir.depth_to_space %1 {block = 2 : i64} : tensor<?x4x4x4xf32> -> tensor<?x8x8x1xf32>
  // CHECK-NEXT: npir.space_to_depth
  %3 = npir.space_to_depth %2 {block = 2 : i64} : tensor<?x8x8x1xf32> -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: npir.group_norm
  %4 = npir.group_norm %3, %p, %p {groups = 2 : i64, epsilon = 1.0e-5 : f32} : (tensor<?x4x4x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: npir.rms_norm
  %5 = npir.rms_norm %4, %p {epsilon = 1.0e-5 : f32} : (tensor<?x4x4x4xf32>, tensor<4xf32>) -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: npir.pow
  %6 = npir.pow %5, %p : (tensor<?x4x4x4xf32>, tensor<4xf32>) -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: xnn.subgraph
  // CHECK-NEXT: npir.constant
  // CHECK-NEXT: xnn.binary prelu
  %7 = npir.prelu %6, %p : (tensor<?x4x4x4xf32>, tensor<4xf32>) -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: xnn.binary maximum
  %8 = npir.maximum %7, %p : (tensor<?x4x4x4xf32>, tensor<4xf32>) -> tensor<?x4x4x4xf32>
  // CHECK-NEXT: xnn.static_reduce sum
  %9 = npir.reduce sum %8 {axes = array<i64: 1>, keep_dims} : tensor<?x4x4x4xf32> -> tensor<?x1x4x4xf32>
  // CHECK: npir.reduce max
  %10 = npir.reduce max %9 {axes = array<i64: 1>} : tensor<?x1x4x4xf32> -> tensor<?x4x4xf32>
  return %10 : tensor<?x4x4xf32>
}

!q = !quant.uniform<i8:f32, 5.000000e-01:3>
!w = !quant.uniform<i8<-127:127>:f32, 2.500000e-01>
// CHECK-LABEL: @quantized
func.func @quantized(%x: tensor<?x4x4x2x!q>) -> tensor<?x8x8x2x!q> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  %w = npir.constant dense<1> : tensor<2x1x1x2xi8> as tensor<2x1x1x2x!w>
  // CHECK: xnn.deconvolution_2d
  // CHECK-SAME: -> tensor<?x4x4x2x!quant.uniform<i8:f32
  %0 = npir.transpose_conv2d %x, %w {requant = #npir.requant_f32<multipliers = [2.500000e-01], min = -128, max = 127>} : (tensor<?x4x4x2x!q>, tensor<2x1x1x2x!w>) -> tensor<?x4x4x2x!q>
  // CHECK: xnn.static_resize_bilinear_2d
  %1 = npir.resize bilinear %0 {sizes = array<i64: 8, 8>, requant = #npir.requant_interpolate<min = -128, max = 127>} : tensor<?x4x4x2x!q> -> tensor<?x8x8x2x!q>
  // CHECK: npir.avg_pool2d
  %2 = npir.avg_pool2d %1 {kernel = array<i64: 1, 1>, requant = #npir.requant_window_mean<multipliers = [1.000000e+00], min = -128, max = 127>} : tensor<?x8x8x2x!q> -> tensor<?x8x8x2x!q>
  // CHECK: npir.maximum
  %3 = npir.maximum %2, %1 {requant = #npir.requant_copy<min = -128, max = 127>} : (tensor<?x8x8x2x!q>, tensor<?x8x8x2x!q>) -> tensor<?x8x8x2x!q>
  return %3 : tensor<?x8x8x2x!q>
}
