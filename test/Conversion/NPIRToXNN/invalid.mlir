// RUN: npir-opt --convert-npir-to-xnn %s --split-input-file --verify-diagnostics

// expected-error @below {{expected station 'prepared' or 'observed' or 'calibrated' or 'qdq' or 'integer', got 'float' for function @not_prepared; run --npir-prepare first}}
func.func @not_prepared(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = npir.relu %x : tensor<?x2xf32> -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

// expected-error @below {{got 'target' for function @twice}}
func.func @twice(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<target>} {
  %0 = npir.hardsigmoid %x : tensor<?x2xf32> -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

// Nothing computes it: the reason is the one of XNNPACK.
func.func @dynamic_weight(%x: tensor<?x2xf32>, %w: tensor<2x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  // expected-error @below {{'npir.linear' op can be computed neither by XNNPACK nor by a kernel of NPIR: expected a constant weight}}
  %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @no_function(%x: tensor<?x2x2xf32>) -> tensor<?x2x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %c = npir.constant dense<1.0> : tensor<2xf32>
  // expected-error @below {{can be computed neither by XNNPACK nor by a kernel of NPIR: xnnpack has no 'npir.batch_norm'}}
  %0 = npir.batch_norm %x, %c, %c, %c, %c {epsilon = 1.0e-5 : f32, axis = 2 : i64} : (tensor<?x2x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x2xf32>
  return %0 : tensor<?x2x2xf32>
}

// -----

// The table of the target has no such limit; the verifiers of the xnn ops do.
func.func @padding(%x: tensor<?x2x2x1xf32>) -> tensor<?x4x4x1xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0> : tensor<1x1x1x1xf32>
  // expected-error @below {{can be computed neither by XNNPACK nor by a kernel of NPIR: 'xnn.convolution_2d' op expected padding below the window's extent 1, got 1 and 1}}
  %0 = npir.conv2d %x, %w {pads = array<i64: 1, 1, 1, 1>} : (tensor<?x2x2x1xf32>, tensor<1x1x1x1xf32>) -> tensor<?x4x4x1xf32>
  return %0 : tensor<?x4x4x1xf32>
}

// -----

func.func @unsigned(%x: tensor<?x2xf32>) -> tensor<?x2x!quant.uniform<u8:f32, 5.000000e-01>> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{expected 8-bit signed activations, got u8}}
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!quant.uniform<u8:f32, 5.000000e-01>>
  return %0 : tensor<?x2x!quant.uniform<u8:f32, 5.000000e-01>>
}

// -----

// expected-error @below {{expected a function of one block, got 2}}
func.func @blocks(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  return %x : tensor<?x2xf32>
^bb1:
  return %x : tensor<?x2xf32>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>

func.func @multiplier(%x: tensor<?x2x!q4>) -> tensor<?x2x!q2> attributes {npir.station = #npir.station<integer>} {
  %w = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01, 2.500000e-01}>>
  // expected-error @below {{internal error: 'npir.linear' has the requantization multiplier of channel 1 2.500000e-01, but XNNPACK computes 1.250000e-01; please report}}
  %0 = npir.linear %x, %w {requant = #npir.requant_f32<multipliers = [2.500000e-01, 2.500000e-01], min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<2x2x!quant.uniform<i8<-127:127>:f32:0, {5.000000e-01, 2.500000e-01}>>) -> tensor<?x2x!q2>
  return %0 : tensor<?x2x!q2>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
func.func @bounds(%x: tensor<?x2x!q4>) -> tensor<?x2x!q4> attributes {npir.station = #npir.station<integer>} {
  %w = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!quant.uniform<i8:f32, 1.000000e+00>>
  // expected-error @below {{internal error: 'npir.linear' has the requantization minimum -128, but XNNPACK computes 0; please report}}
  %0 = npir.linear %x, %w {clamp_min = 0.0 : f32, requant = #npir.requant_f32<multipliers = [1.0], min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<2x2x!quant.uniform<i8:f32, 1.000000e+00>>) -> tensor<?x2x!q4>
  return %0 : tensor<?x2x!q4>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
func.func @maximum(%x: tensor<?x2x!q4>) -> tensor<?x2x!q4> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{internal error: 'npir.clamp' has the requantization maximum 7, but XNNPACK computes 8; please report}}
  %0 = npir.clamp %x {min = 0.0 : f32, max = 2.0 : f32, requant = #npir.requant_copy<min = 0, max = 7>} : tensor<?x2x!q4> -> tensor<?x2x!q4>
  return %0 : tensor<?x2x!q4>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>
func.func @add_lhs(%x: tensor<?x2x!q4>) -> tensor<?x2x!q2> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{requantization multiplier of operand 0 1, but XNNPACK computes 1048576; please report}}
  %0 = npir.add %x, %x {requant = #npir.requant_shift_add<lhs = 1, rhs = 1048576, shift = 21, min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<?x2x!q4>) -> tensor<?x2x!q2>
  return %0 : tensor<?x2x!q2>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>
func.func @add_rhs(%x: tensor<?x2x!q4>) -> tensor<?x2x!q2> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{requantization multiplier of operand 1 2, but XNNPACK computes 1048576; please report}}
  %0 = npir.add %x, %x {requant = #npir.requant_shift_add<lhs = 1048576, rhs = 2, shift = 21, min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<?x2x!q4>) -> tensor<?x2x!q2>
  return %0 : tensor<?x2x!q2>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>
func.func @add_shift(%x: tensor<?x2x!q4>) -> tensor<?x2x!q2> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{requantization shift 20, but XNNPACK computes 21; please report}}
  %0 = npir.add %x, %x {requant = #npir.requant_shift_add<lhs = 1048576, rhs = 1048576, shift = 20, min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<?x2x!q4>) -> tensor<?x2x!q2>
  return %0 : tensor<?x2x!q2>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
func.func @mean(%x: tensor<?x4x!q4>) -> tensor<?x!q4> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{requantization multiplier 5.000000e-01, but XNNPACK computes 2.500000e-01; please report}}
  %0 = npir.reduce mean %x {axes = array<i64: 1>, requant = #npir.requant_mean<multiplier = 0.5 : f32, min = -128, max = 127>} : tensor<?x4x!q4> -> tensor<?x!q4>
  return %0 : tensor<?x!q4>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>
func.func @q8(%x: tensor<?x4x!q4>) -> tensor<?x4x!q2> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{requantization multiplier 256, but XNNPACK computes 128; please report}}
  %0 = npir.quantize %x {requant = #npir.requant_q8<multiplier = 256, min = -128, max = 127>} : tensor<?x4x!q4> -> tensor<?x4x!q2>
  return %0 : tensor<?x4x!q2>
}

// -----

func.func @table(%x: tensor<?x2x!quant.uniform<i8:f32, 6.250000e-02>>) -> tensor<?x2x!quant.uniform<i8:f32, 3.906250e-03:-128>> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{requantization table entry 3 13, but XNNPACK computes 12; please report}}
  %0 = npir.sigmoid %x {requant = #npir.requant_table<table = [0, 4, 8, 13, 16, 20, 24, 28, 31, 35, 39, 42, 46, 49, 53, 56, 59, 62, 65, 68, 71, 74, 76, 79, 81, 84, 86, 88, 90, 92, 94, 96, 97, 99, 101, 102, 104, 105, 106, 107, 109, 110, 111, 112, 113, 113, 114, 115, 116, 117, 117, 118, 118, 119, 120, 120, 120, 121, 121, 122, 122, 122, 123, 123, 123, 124, 124, 124, 124, 125, 125, 125, 125, 125, 126, 126, 126, 126, 126, 126, 126, 126, 126, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 127, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -128, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -127, -126, -126, -126, -126, -126, -126, -126, -126, -126, -125, -125, -125, -125, -125, -124, -124, -124, -124, -123, -123, -123, -122, -122, -122, -121, -121, -120, -120, -120, -119, -118, -118, -117, -117, -116, -115, -114, -113, -113, -112, -111, -110, -109, -107, -106, -105, -104, -102, -101, -99, -97, -96, -94, -92, -90, -88, -86, -84, -81, -79, -76, -74, -71, -68, -65, -62, -59, -56, -53, -49, -46, -42, -39, -35, -31, -28, -24, -20, -16, -12, -8, -4], min = -128, max = 127>}
      : tensor<?x2x!quant.uniform<i8:f32, 6.250000e-02>> -> tensor<?x2x!quant.uniform<i8:f32, 3.906250e-03:-128>>
  return %0 : tensor<?x2x!quant.uniform<i8:f32, 3.906250e-03:-128>>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>
func.func @copy_of_another_scale(%x: tensor<?x4x!q4>) -> tensor<?x4x!q2> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{internal error: 'npir.relu' copies stored values between different scales or zero points; please report}}
  %0 = npir.relu %x {requant = #npir.requant_copy<min = 0, max = 127>} : tensor<?x4x!q4> -> tensor<?x4x!q2>
  return %0 : tensor<?x4x!q2>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>
func.func @sub_rhs(%x: tensor<?x2x!q4>) -> tensor<?x2x!q2> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{internal error: 'npir.sub' has the requantization multiplier of operand 1 1048576, but XNNPACK computes -1048576; please report}}
  %0 = npir.sub %x, %x {requant = #npir.requant_shift_add<lhs = 1048576, rhs = 1048576, shift = 21, min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<?x2x!q4>) -> tensor<?x2x!q2>
  return %0 : tensor<?x2x!q2>
}

// -----

!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!q2 = !quant.uniform<i8:f32, 5.000000e-01>
func.func @product(%x: tensor<?x2x!q4>) -> tensor<?x2x!q2> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{internal error: 'npir.mul' has the requantization multiplier of channel 0 2.500000e-01, but XNNPACK computes 1.250000e-01; please report}}
  %0 = npir.mul %x, %x {requant = #npir.requant_f32<multipliers = [2.500000e-01], min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<?x2x!q4>) -> tensor<?x2x!q2>
  return %0 : tensor<?x2x!q2>
}

// -----

// A scale per channel of an activation: the type is the problem, not the numbers.
!q4 = !quant.uniform<i8:f32, 2.500000e-01>
!qc = !quant.uniform<i8:f32:1, {2.500000e-01, 5.000000e-01}>
func.func @product_per_channel(%x: tensor<?x2x!q4>, %y: tensor<?x2x!qc>) -> tensor<?x2x!q4> attributes {npir.station = #npir.station<integer>} {
  // expected-error @below {{can be computed neither by XNNPACK nor by a kernel of NPIR: expected activations with one scale per tensor, got one per channel}}
  %0 = npir.mul %x, %y {requant = #npir.requant_f32<multipliers = [2.500000e-01], min = -128, max = 127>} : (tensor<?x2x!q4>, tensor<?x2x!qc>) -> tensor<?x2x!q4>
  return %0 : tensor<?x2x!q4>
}
