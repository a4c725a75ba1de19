// RUN: npir-opt --convert-npir-to-xnn %s | FileCheck %s

// Every op in integers, with the numbers that XNNPACK computes from the scales.

!q4 = !quant.uniform<i8:f32, 2.500000e-01:-128>
!q2 = !quant.uniform<i8:f32, 5.000000e-01:3>
!q1 = !quant.uniform<i8:f32, 1.000000e+00>
!qn = !quant.uniform<i8<-127:127>:f32, 5.000000e-01>
!qt = !quant.uniform<i8<-127:127>:f32, 5.000000e-01>

// A scale for the whole filter becomes one per channel, and the bias follows.
// CHECK-LABEL: @per_tensor_weights
func.func @per_tensor_weights(%x: tensor<?x2x!q4>) -> tensor<?x2x!q2> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  // CHECK: npir.constant dense<{{.*}}> : tensor<2x2xi8> as tensor<2x2x[[QW:!qc[0-9]*]]>
  // CHECK: npir.constant dense<{{.*}}> : tensor<2xi32> as tensor<2x[[QB:!qc[0-9]*]]>
  %w = npir.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8> as tensor<2x2x!qt>
  %b = npir.constant dense<[1, 2]> : tensor<2xi32> as tensor<2x!quant.uniform<i32:f32, 1.250000e-01>>
  // CHECK: xnn.fully_connected %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x2x!qt{{[0-9]*}}>, tensor<2x2x[[QW]]>, tensor<2x[[QB]]>) -> tensor<?x2x!qt{{[0-9]*}}>
  %0 = npir.linear %x, %w, %b {requant = #npir.requant_f32<multipliers = [2.500000e-01], min = -128, max = 127>}
      : (tensor<?x2x!q4>, tensor<2x2x!qt>, tensor<2x!quant.uniform<i32:f32, 1.250000e-01>>) -> tensor<?x2x!q2>
  return %0 : tensor<?x2x!q2>
}

// CHECK-LABEL: @convolutions
func.func @convolutions(%x: tensor<?x3x3x2x!q4>) -> tensor<?x3x3x2x!q2> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  %w = npir.constant dense<1> : tensor<2x3x3x2xi8> as tensor<2x3x3x2x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01, 2.500000e-01}>>
  %d = npir.constant dense<1> : tensor<1x3x3x2xi8> as tensor<1x3x3x2x!quant.uniform<i8<-127:127>:f32:3, {5.000000e-01, 2.500000e-01}>>
  // A bound is the activation's own where it stores right.
  // CHECK: xnn.convolution_2d %{{.*}} {dilations = array<i64: 1, 1>, groups = 1 : i64, output_max = 6.000000e+00 : f32, output_min = 0.000000e+00 : f32, padding = array<i64: 1, 1, 1, 1>
  %0 = npir.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>, clamp_min = 0.0 : f32, clamp_max = 6.0 : f32, requant = #npir.requant_f32<multipliers = [2.500000e-01, 1.250000e-01], min = 3, max = 15>}
      : (tensor<?x3x3x2x!q4>, tensor<2x3x3x2x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01, 2.500000e-01}>>) -> tensor<?x3x3x2x!q2>
  // CHECK: xnn.depthwise_convolution_2d %{{.*}} {depth_multiplier = 1 : i64
  %1 = npir.depthwise_conv2d %0, %d {pads = array<i64: 1, 1, 1, 1>, requant = #npir.requant_f32<multipliers = [5.000000e-01, 2.500000e-01], min = -128, max = 127>}
      : (tensor<?x3x3x2x!q2>, tensor<1x3x3x2x!quant.uniform<i8<-127:127>:f32:3, {5.000000e-01, 2.500000e-01}>>) -> tensor<?x3x3x2x!q2>
  return %1 : tensor<?x3x3x2x!q2>
}

// A result that does not use the whole byte is bounded by what it stores.
// CHECK-LABEL: @narrow
func.func @narrow(%x: tensor<?x2x!qn>) -> tensor<?x2x!qn> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  %w = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qt>
  // CHECK: xnn.fully_connected %{{.*}} {output_min = -6.350000e+01 : f32}
  %0 = npir.linear %x, %w {requant = #npir.requant_f32<multipliers = [5.000000e-01], min = -127, max = 127>} : (tensor<?x2x!qn>, tensor<2x2x!qt>) -> tensor<?x2x!qn>
  // CHECK: xnn.fully_connected %{{.*}} {output_max = 1.000000e+00 : f32, output_min = -6.350000e+01 : f32}
  %1 = npir.linear %0, %w {clamp_min = -100.0 : f32, clamp_max = 1.0 : f32, requant = #npir.requant_f32<multipliers = [5.000000e-01], min = -127, max = 2>} : (tensor<?x2x!qn>, tensor<2x2x!qt>) -> tensor<?x2x!qn>
  return %1 : tensor<?x2x!qn>
}

// Where XNNPACK has no bounds, a clamp follows.
// CHECK-LABEL: @narrow_quantize
func.func @narrow_quantize(%x: tensor<?x2xf32>) -> tensor<?x2x!qn> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  // CHECK: %[[Q:.*]] = xnn.unary convert %{{.*}} : tensor<?x2xf32> -> tensor<?x2x[[WHOLE:!qt[0-9]*]]> loc(#[[QLOC:.*]])
  // CHECK: xnn.unary clamp %[[Q]] {min = -6.350000e+01 : f32} : tensor<?x2x[[WHOLE]]> -> tensor<?x2x!qt{{[0-9]*}}> loc(#[[CLOC:.*]])
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qn> loc("x.quantize")
  return %0 : tensor<?x2x!qn>
}

// CHECK-LABEL: @elementwise
func.func @elementwise(%x: tensor<?x2x!q2>, %y: tensor<?x2x!q4>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  // CHECK: xnn.binary add %{{.*}}, %{{.*}} {output_min = 0.000000e+00 : f32}
  %0 = npir.add %x, %y {clamp_min = 0.0 : f32, requant = #npir.requant_shift_add<lhs = 1048576, rhs = 524288, shift = 21, min = 0, max = 127>} : (tensor<?x2x!q2>, tensor<?x2x!q4>) -> tensor<?x2x!q1>
  // CHECK: xnn.unary clamp %{{.*}} {min = 0.000000e+00 : f32}
  %1 = npir.relu %0 {requant = #npir.requant_copy<min = 0, max = 127>} : tensor<?x2x!q1> -> tensor<?x2x!q1>
  // CHECK: xnn.unary convert %{{.*}} : tensor<?x2x[[Q1:!qt[0-9]*]]> -> tensor<?x2x!qt{{[0-9]*}}>
  %2 = npir.quantize %1 {requant = #npir.requant_q8<multiplier = 512, min = -128, max = 127>} : tensor<?x2x!q1> -> tensor<?x2x!q2>
  // CHECK: xnn.unary convert %{{.*}} : tensor<?x2x!qt{{[0-9]*}}> -> tensor<?x2xf32>
  %3 = npir.dequantize %2 : tensor<?x2x!q2> -> tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}

// CHECK-LABEL: @table
func.func @table(%x: tensor<?x2x!quant.uniform<i8:f32, 6.250000e-02>>) -> tensor<?x2x!quant.uniform<i8:f32, 3.906250e-03:-128>> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  // CHECK: xnn.unary sigmoid
  %0 = npir.sigmoid %x {requant = #npir.requant_table<table = [0, 4, 8, 12, 16, 20, 24, 28, 31, 35, 39, 42, 46, 49, 53, 56, 59, 62, 65, 68, 71, 74, 76, 79, 81, 84, 86, 88, 90, 92, 94, 96, 97, 99, 101, 102, 104, 105, 106, 107, 109, 110, 111, 112, 113, 113, 114, 115, 116, 117, 117, 118, 118, 119, 120, 120, 120, 121, 121, 122, 122, 122, 123, 123, 123, 124, 124, 124, 124, 125, 125, 125, 125, 125, 126, 126, 126, 126, 126, 126, 126, 126, 126, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -126, -126, -126, -126, -126, -126, -126, -126, -126, -125, -125, -125, -125, -125, -124, -124, -124, -124, -123, -123, -123, -122, -122, -122, -121, -121, -120, -120, -120, -119, -118, -118, -117, -117, -116, -115, -114, -113, -113, -112, -111, -110, -109, -107, -106, -105, -104, -102, -101, -99, -97, -96, -94, -92, -90, -88, -86, -84, -81, -79, -76, -74, -71, -68, -65, -62, -59, -56, -53, -49, -46, -42, -39, -35, -31, -28, -24, -20, -16, -12, -8, -4], min = -128, max = 127>}
      : tensor<?x2x!quant.uniform<i8:f32, 6.250000e-02>> -> tensor<?x2x!quant.uniform<i8:f32, 3.906250e-03:-128>>
  return %0 : tensor<?x2x!quant.uniform<i8:f32, 3.906250e-03:-128>>
}

// CHECK-LABEL: @shapes
func.func @shapes(%x: tensor<?x6x6x2x!q2>) -> tensor<?x2x1x!q4> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  // CHECK: xnn.max_pooling_2d
  %0 = npir.max_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x6x6x2x!q2> -> tensor<?x3x3x2x!q2>
  // CHECK: xnn.static_transpose
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>, requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x3x3x2x!q2> -> tensor<?x2x3x3x!q2>
  // CHECK: xnn.static_reshape
  %2 = npir.reshape %1 {requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x2x3x3x!q2> -> tensor<?x2x9x!q2>
  // CHECK: xnn.static_reduce mean
  %3 = npir.reduce mean %2 {axes = array<i64: 2>, keep_dims, requant = #npir.requant_mean<multiplier = 0x3E638E39 : f32, min = -128, max = 127>} : tensor<?x2x9x!q2> -> tensor<?x2x1x!q4>
  return %3 : tensor<?x2x1x!q4>
}

// CHECK-LABEL: @two_activations
func.func @two_activations(%x: tensor<?x2x!q2>, %y: tensor<?x2x!q4>) -> tensor<?x2x!q1> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  // CHECK: xnn.binary subtract %{{.*}}, %{{.*}} {output_max = 6.000000e+00 : f32}
  %0 = npir.sub %x, %y {clamp_max = 6.0 : f32, requant = #npir.requant_shift_add<lhs = 1048576, rhs = -524288, shift = 21, min = -128, max = 6>} : (tensor<?x2x!q2>, tensor<?x2x!q4>) -> tensor<?x2x!q1>
  // CHECK: xnn.binary multiply %{{.*}}, %{{.*}} : (tensor<?x2x!qt{{[0-9]*}}>, tensor<?x2x!qt{{[0-9]*}}>)
  %1 = npir.mul %x, %y {requant = #npir.requant_f32<multipliers = [1.250000e-01], min = -128, max = 127>} : (tensor<?x2x!q2>, tensor<?x2x!q4>) -> tensor<?x2x!q1>
  // CHECK: xnn.concatenate %{{.*}}, %{{.*}} {axis = 1 : i64}
  %2 = npir.concat %0, %1 {axis = 1 : i64, requant = #npir.requant_copy<min = -128, max = 127>} : (tensor<?x2x!q1>, tensor<?x2x!q1>) -> tensor<?x4x!q1>
  // CHECK: xnn.static_slice %{{.*}} {offsets = array<i64: 0, 1>, sizes = array<i64: 0, 2>}
  %3 = npir.slice %2 {offsets = array<i64: 0, 1>, sizes = array<i64: -1, 2>, requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x4x!q1> -> tensor<?x2x!q1>
  return %3 : tensor<?x2x!q1>
}

// The tensor keeps its name: the step before has another.
// CHECK-DAG: #[[QLOC]] = loc("x.quantize.whole")
// CHECK-DAG: #[[CLOC]] = loc("x.quantize")
