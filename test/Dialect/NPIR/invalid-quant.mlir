// RUN: npir-opt --split-input-file --verify-diagnostics %s

// Quantized types: what upstream's verifier does not check.

func.func @zero_point(%x: tensor<4xf32>) {
  // expected-error @below {{expected a zero point in [-128, 127], got 200}}
  npir.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 1.000000e+00:200>>
  return
}

// -----

func.func @denormal_scale(%x: tensor<4xf32>) {
  // expected-error @below {{expected a scale that is a positive normal f32, got}}
  npir.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32, 1.000000e-40>>
  return
}

// -----

func.func @expressed_type(%x: tensor<4xf32>) {
  // expected-error @below {{expected expressed type f32, got 'f16'}}
  npir.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f16, 1.000000e+00>>
  return
}

// -----

func.func @axis(%x: tensor<4xf32>) {
  // expected-error @below {{expected the quantized axis below the rank 1, got 1}}
  npir.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32:1, {1.0, 2.0}>>
  return
}

// -----

func.func @scale_count(%x: tensor<4xf32>) {
  // expected-error @below {{expected 4 scales along axis 0, got 2}}
  npir.quantize %x : tensor<4xf32> -> tensor<4x!quant.uniform<i8:f32:0, {1.0, 2.0}>>
  return
}

// -----

func.func @dynamic_axis(%x: tensor<?xf32>) {
  // expected-error @below {{expected a static size along the quantized axis 0}}
  npir.quantize %x : tensor<?xf32> -> tensor<?x!quant.uniform<i8:f32:0, {1.0, 2.0}>>
  return
}

// -----

func.func @other_quantized_type(%x: tensor<4xf32>) {
  // expected-error @below {{expected a per-tensor or per-axis uniform type, got}}
  npir.quantize %x : tensor<4xf32> -> tensor<4x!quant.any<i8:f32>>
  return
}

// -----

// Combinations of types.

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @mixed_activations(%x: tensor<4x!q>) {
  // expected-error @below {{expected activations all in f32 or all quantized}}
  npir.relu %x : tensor<4x!q> -> tensor<4xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @float_input_quantized_weight(%x: tensor<?x2xf32>, %w: tensor<2x2x!q>) {
  // expected-error @below {{expected weight and bias in f32 for a float input}}
  npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2x!q>) -> tensor<?x2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @quantized_input_float_weight(%x: tensor<?x2x!q>, %w: tensor<2x2xf32>) {
  // expected-error @below {{expected a quantized weight for a quantized input, got 'tensor<2x2xf32>'}}
  npir.linear %x, %w : (tensor<?x2x!q>, tensor<2x2xf32>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32:1, {1.0, 2.0}>
!w = !quant.uniform<i8:f32, 1.000000e+00>
func.func @per_channel_activations(%x: tensor<?x2x!q>, %w: tensor<2x2x!w>) {
  // expected-error @below {{expected per-tensor activations}}
  npir.linear %x, %w : (tensor<?x2x!q>, tensor<2x2x!w>) -> tensor<?x2x!w>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
!w = !quant.uniform<i8:f32, 1.000000e+00:3>
func.func @weight_zero_point(%x: tensor<?x2x!q>, %w: tensor<2x2x!w>) {
  // expected-error @below {{expected weight zero point 0, got 3}}
  npir.linear %x, %w : (tensor<?x2x!q>, tensor<2x2x!w>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
!w = !quant.uniform<i8:f32:1, {1.0, 2.0}>
func.func @weight_axis(%x: tensor<?x2x!q>, %w: tensor<2x2x!w>) {
  // expected-error @below {{expected the weight's scales along axis 0, got 1}}
  npir.linear %x, %w : (tensor<?x2x!q>, tensor<2x2x!w>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
!w = !quant.uniform<i8:f32:0, {1.0, 2.0}>
!b = !quant.uniform<i32:f32:0, {5.000000e-01, 2.000000e+00}>
func.func @bias_type(%x: tensor<?x2x!q>, %w: tensor<2x2x!w>, %b: tensor<2x!b>) {
  // expected-error @below {{expected bias type '!quant.uniform<i32:f32:0, {5.000000e-01,1.000000e+00}>', got '!quant.uniform<i32:f32:0, {5.000000e-01,2.000000e+00}>'}}
  npir.linear %x, %w, %b : (tensor<?x2x!q>, tensor<2x2x!w>, tensor<2x!b>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
!w = !quant.uniform<i8:f32:0, {1.0, 2.0}>
func.func @multiplier_count(%x: tensor<?x2x!q>, %w: tensor<2x2x!w>) {
  // expected-error @below {{expected 2 multipliers, one per weight scale, got 1}}
  npir.linear %x, %w {requant = #npir.requant_f32<multipliers = [1.0], min = -128, max = 127>} : (tensor<?x2x!q>, tensor<2x2x!w>) -> tensor<?x2x!q>
  return
}

// -----

func.func @requant_on_float(%x: tensor<?x2xf32>) {
  // expected-error @below {{has requant numbers but a float result}}
  npir.relu %x {requant = #npir.requant_copy<min = 0, max = 1>} : tensor<?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
func.func @requant_kind(%x: tensor<?x2x!q>) {
  // expected-error @below {{has no arithmetic that takes #npir.requant_q8<multiplier = 256, min = -128, max = 127>}}
  npir.relu %x {requant = #npir.requant_q8<multiplier = 256, min = -128, max = 127>} : tensor<?x2x!q> -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
func.func @requant_bounds(%x: tensor<?x2x!q>) {
  // expected-error @below {{expected requant bounds in [-128, 127], got [-129, 127]}}
  npir.relu %x {requant = #npir.requant_copy<min = -129, max = 127>} : tensor<?x2x!q> -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
!r = !quant.uniform<i8:f32, 2.500000e-01>
func.func @copy_types(%x: tensor<?x2x!q>) {
  // expected-error @below {{expected equal element types, got}}
  npir.reshape %x : tensor<?x2x!q> -> tensor<?x2x!r>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
func.func @quantize_shape(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected equal shapes, got}}
  npir.quantize %x : tensor<?x2xf32> -> tensor<?x3x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
func.func @quantize_requant_of_float(%x: tensor<?x2xf32>) {
  // expected-error @below {{has requant numbers but a float operand}}
  npir.quantize %x {requant = #npir.requant_q8<multiplier = 256, min = -128, max = 127>} : tensor<?x2xf32> -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
func.func @quantize_per_tensor(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected a per-tensor quantized type, got 'f32'}}
  npir.quantize %x {per_tensor = f32} : tensor<?x2xf32> -> tensor<?x2x!q>
  return
}

// -----

// Constants.

func.func @constant_dynamic() {
  // expected-error @below {{expected a static shape, got 'tensor<?x!quant.uniform<i8:f32, 1.000000e+00>>'}}
  npir.constant dense<[1, 2]> : tensor<2xi8> as tensor<?x!quant.uniform<i8:f32, 1.000000e+00>>
  return
}

// -----

func.func @constant_storage() {
  // expected-error @below {{expected a value of type 'tensor<2xi8>', got 'tensor<2xi16>'}}
  npir.constant dense<[1, 2]> : tensor<2xi16> as tensor<2x!quant.uniform<i8:f32, 1.000000e+00>>
  return
}

// -----

func.func @constant_no_data() {
  // expected-error @below {{has no data for resource 'nowhere'}}
  npir.constant dense_resource<nowhere> : tensor<2xf32>
  return
}

// -----

func.func @constant_size() {
  // expected-error @below {{expected 8 bytes in resource 'short', got 4}}
  npir.constant dense_resource<short> : tensor<2xf32>
  return
}
{-# dialect_resources: { builtin: { short: "0x0400000000000000" } } #-}

// -----

func.func @constant_sparse() {
  // expected-error @below {{expected a dense or dense_resource value}}
  npir.constant sparse<[[0]], [1.0]> : tensor<2xf32>
  return
}

// -----

func.func @constant_attribute() {
  // expected-error @below {{expected an elements attribute}}
  npir.constant 1.0 : f32
  return
}

// -----

// Specs and observe ops.

func.func @observe_id(%x: tensor<4xf32>) {
  // expected-error @below {{expected an id}}
  npir.observe %x {id = "", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<4xf32>
  return
}

// -----

func.func @observe_axis(%x: tensor<4xf32>) {
  // expected-error @below {{expected the spec's axis below the rank 1, got 1}}
  npir.observe %x {id = "x", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.minmax>} : tensor<4xf32>
  return
}

// -----

func.func @observe_resolved_type(%x: tensor<4xf32>) {
  // expected-error @below {{expected a quantized element type, got 'i8'}}
  npir.observe %x {id = "x", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = i8} : tensor<4xf32>
  return
}

// -----

func.func @observe_resolved_none(%x: tensor<4xf32>) {
  // expected-error @below {{has a resolved type but the spec none}}
  npir.observe %x {id = "x", role = #npir.role<activation>, spec = #npir.spec<none>, resolved = !quant.uniform<i8:f32, 1.000000e+00>} : tensor<4xf32>
  return
}

// -----

func.func @observe_storage(%x: tensor<4xf32>) {
  // expected-error @below {{expected the storage type of #npir.spec<i8 affine per_tensor #npir.minmax>, got '!quant.uniform<u8:f32, 1.000000e+00>'}}
  npir.observe %x {id = "x", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !quant.uniform<u8:f32, 1.000000e+00>} : tensor<4xf32>
  return
}

// -----

func.func @observe_per_tensor(%x: tensor<4xf32>) {
  // expected-error @below {{expected a per_tensor type only beside a per-channel resolved type}}
  npir.observe %x {id = "x", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, per_tensor = !quant.uniform<i8:f32, 1.000000e+00>} : tensor<4xf32>
  return
}

// -----

// expected-error @below {{expected 2 to 16 bits, got 17}}
func.func private @spec_bits() attributes {s = #npir.spec<i17 affine per_tensor #npir.minmax>}

// -----

// expected-error @below {{expected none, i<bits> or u<bits>}}
func.func private @spec_storage() attributes {s = #npir.spec<f8 affine per_tensor #npir.minmax>}

// -----

// expected-error @below {{unknown scheme 'skewed'}}
func.func private @spec_scheme() attributes {s = #npir.spec<i8 skewed per_tensor #npir.minmax>}

// -----

// expected-error @below {{unknown granularity 'per_pixel'}}
func.func private @spec_granularity() attributes {s = #npir.spec<i8 affine per_pixel #npir.minmax>}

// -----

// expected-error @below {{narrow needs a signed symmetric spec}}
func.func private @spec_narrow() attributes {s = #npir.spec<i8 affine narrow per_tensor #npir.minmax>}

// -----

// expected-error @below {{expected an axis of at least 0, got -1}}
func.func private @spec_axis() attributes {s = #npir.spec<i8 symmetric per_channel<-1> #npir.minmax>}

// -----

// expected-error @below {{expected a group size of at least 1, got 0}}
func.func private @spec_group() attributes {s = #npir.spec<i4 symmetric per_group<0, 0> #npir.minmax>}

// -----

// expected-error @below {{expected an observer attribute}}
func.func private @spec_observer() attributes {s = #npir.spec<i8 affine per_tensor 7 : i32>}

// -----

// expected-error @below {{expected a symmetric spec for #npir.kl<bins = 2048>, which looks for one threshold on both sides of zero; or another observer, such as #npir.omse}}
func.func private @spec_kl() attributes {s = #npir.spec<i8 affine per_tensor #npir.kl<bins = 2048>>}

// -----

// Requantization numbers.

// expected-error @below {{expected at least one multiplier}}
func.func private @f32_none() attributes {r = #npir.requant_f32<multipliers = [], min = 0, max = 1>}

// -----

// expected-error @below {{expected positive finite multipliers, got}}
func.func private @f32_negative() attributes {r = #npir.requant_f32<multipliers = [-1.0], min = 0, max = 1>}

// -----

// expected-error @below {{expected min <= max, got 2 and 1}}
func.func private @bounds() attributes {r = #npir.requant_copy<min = 2, max = 1>}

// -----

// expected-error @below {{expected a shift of 1 to 30, got 31}}
func.func private @shift() attributes {r = #npir.requant_shift_add<lhs = 1, rhs = 1, shift = 31, min = 0, max = 1>}

// -----

// expected-error @below {{expected a positive finite multiplier, got}}
func.func private @mean() attributes {r = #npir.requant_mean<multiplier = 0.0 : f32, min = 0, max = 1>}

// -----

// expected-error @below {{expected an f32 multiplier}}
func.func private @mean_type() attributes {r = #npir.requant_mean<multiplier = 1.0 : f64, min = 0, max = 1>}

// -----

// expected-error @below {{expected a table of 256 entries, got 2}}
func.func private @table() attributes {r = #npir.requant_table<table = [1, 2], min = 0, max = 1>}

// -----

// expected-error @below {{expected a multiplier of 1 to 32768, got 0}}
func.func private @q8() attributes {r = #npir.requant_q8<multiplier = 0, min = 0, max = 1>}

// -----

// expected-error @below {{expected alpha from 0.9 to 0.99999, got 8.000000e-01 : f64}}
func.func private @percentile_alpha() attributes {s = #npir.percentile<alpha = 0.8>}

// -----

// expected-error @below {{expected alpha from 0.9 to 0.99999, got 0x7FF8000000000000 : f64}}
func.func private @percentile_nan() attributes {s = #npir.percentile<alpha = 0x7FF8000000000000>}

// -----

// expected-error @below {{expected sigma from 0 to 1, got 1.500000e+00 : f64}}
func.func private @percentile_sigma() attributes {s = #npir.percentile<alpha = 0.99, sigma = 1.5>}

// -----

// expected-error @below {{expected 'alpha'}}
func.func private @percentile_keys() attributes {s = #npir.percentile<sigma = 0.5>}

// -----

func.func @round_bits(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected integers of up to 16 bits, got [-1, 32768]}}
  npir.round_to_grid %x {scales = array<f32: 0.5>, zero_points = array<i64: 0>, axis = -1 : i64, min = -1 : i64, max = 32768 : i64} : tensor<?x2xf32>
  return
}

// -----

func.func @round_order(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected integers of up to 16 bits, got [7, -8]}}
  npir.round_to_grid %x {scales = array<f32: 0.5>, zero_points = array<i64: 0>, axis = -1 : i64, min = 7 : i64, max = -8 : i64} : tensor<?x2xf32>
  return
}

// -----

func.func @round_axis(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected an axis below the rank 2 or -1, got 2}}
  npir.round_to_grid %x {scales = array<f32: 0.5>, zero_points = array<i64: 0>, axis = 2 : i64, min = -8 : i64, max = 7 : i64} : tensor<?x2xf32>
  return
}

// -----

func.func @round_scales(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected 2 scales and zero points, got 1}}
  npir.round_to_grid %x {scales = array<f32: 0.5>, zero_points = array<i64: 0>, axis = 1 : i64, min = -8 : i64, max = 7 : i64} : tensor<?x2xf32>
  return
}

// -----

func.func @round_zero_points(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected 1 scales and zero points, got 2}}
  npir.round_to_grid %x {scales = array<f32: 0.5>, zero_points = array<i64: 0, 1>, axis = -1 : i64, min = -8 : i64, max = 7 : i64} : tensor<?x2xf32>
  return
}

// -----

func.func @round_batch(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected a static size along axis 0}}
  npir.round_to_grid %x {scales = array<f32: 0.5>, zero_points = array<i64: 0>, axis = 0 : i64, min = -8 : i64, max = 7 : i64} : tensor<?x2xf32>
  return
}

// -----

func.func @round_scale(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected scales in [2^-120, 2^120], got 0.0}}
  npir.round_to_grid %x {scales = array<f32: 0.0>, zero_points = array<i64: 0>, axis = -1 : i64, min = -8 : i64, max = 7 : i64} : tensor<?x2xf32>
  return
}

// -----

func.func @round_zero_point(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected zero points in [-8, 7], got 8}}
  npir.round_to_grid %x {scales = array<f32: 0.5>, zero_points = array<i64: 8>, axis = -1 : i64, min = -8 : i64, max = 7 : i64} : tensor<?x2xf32>
  return
}
