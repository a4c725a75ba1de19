// RUN: npir-opt --split-input-file --verify-diagnostics %s

// Functions of two values.

func.func @binary_shapes(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) {
  // expected-error @below {{expected shapes that broadcast, got 'tensor<?x2xf32>' and 'tensor<?x3xf32>'}}
  // expected-error @below {{'npir.sub' op failed to infer returned types}}
  npir.sub %x, %y : (tensor<?x2xf32>, tensor<?x3xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @binary_clamp(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected clamp_min < clamp_max, got 1.000000e+00 and 0.000000e+00}}
  npir.mul %x, %x {clamp_min = 1.0 : f32, clamp_max = 0.0 : f32} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @div_quantized(%x: tensor<?x2x!q>) {
  // expected-error @below {{has no integer form, expected f32 tensors}}
  npir.div %x, %x : (tensor<?x2x!q>, tensor<?x2x!q>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @sub_requant(%x: tensor<?x2x!q>) {
  // expected-error @below {{has no arithmetic that takes #npir.requant_copy<min = -128, max = 127>}}
  npir.sub %x, %x {requant = #npir.requant_copy<min = -128, max = 127>} : (tensor<?x2x!q>, tensor<?x2x!q>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @mul_requant(%x: tensor<?x2x!q>) {
  // expected-error @below {{has no arithmetic that takes #npir.requant_copy<min = -128, max = 127>}}
  npir.mul %x, %x {requant = #npir.requant_copy<min = -128, max = 127>} : (tensor<?x2x!q>, tensor<?x2x!q>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @mul_multipliers(%x: tensor<?x2x!q>) {
  // expected-error @below {{expected one multiplier, got 2}}
  npir.mul %x, %x {requant = #npir.requant_f32<multipliers = [1.0, 1.0], min = -128, max = 127>} : (tensor<?x2x!q>, tensor<?x2x!q>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @mul_mixed(%x: tensor<?x2x!q>, %y: tensor<?x2xf32>) {
  // expected-error @below {{expected activations all in f32 or all quantized, got operand 'tensor<?x2xf32>' and result}}
  npir.mul %x, %y : (tensor<?x2x!q>, tensor<?x2xf32>) -> tensor<?x2x!q>
  return
}

// -----

// Matrix products and softmax.

func.func @matmul_rank(%x: tensor<4xf32>, %y: tensor<4x2xf32>) {
  // expected-error @below {{expected operands of rank 2 or more, got 'tensor<4xf32>' and 'tensor<4x2xf32>'}}
  // expected-error @below {{'npir.matmul' op failed to infer returned types}}
  npir.matmul %x, %y : (tensor<4xf32>, tensor<4x2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @matmul_inner(%x: tensor<?x3x4xf32>, %y: tensor<?x2x4xf32>) {
  // expected-error @below {{expected the last dimension of the first operand to be the last but one of the second, and static sizes, got 'tensor<?x3x4xf32>' and 'tensor<?x2x4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.matmul %x, %y : (tensor<?x3x4xf32>, tensor<?x2x4xf32>) -> tensor<?x3x4xf32>
  return
}

// -----

func.func @matmul_inner_transposed(%x: tensor<?x3x4xf32>, %y: tensor<?x4x2xf32>) {
  // expected-error @below {{expected the last dimension of the first operand to be the last of the second, and static sizes, got}}
  // expected-error @below {{failed to infer returned types}}
  npir.matmul %x, %y {transpose_rhs} : (tensor<?x3x4xf32>, tensor<?x4x2xf32>) -> tensor<?x3x2xf32>
  return
}

// -----

func.func @matmul_dynamic_columns(%x: tensor<2x4xf32>, %y: tensor<?x4xf32>) {
  // expected-error @below {{and static sizes, got 'tensor<2x4xf32>' and 'tensor<?x4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.matmul %x, %y {transpose_rhs} : (tensor<2x4xf32>, tensor<?x4xf32>) -> tensor<2x?xf32>
  return
}

// -----

func.func @matmul_batches(%x: tensor<2x3x4xf32>, %y: tensor<5x4x2xf32>) {
  // expected-error @below {{expected shapes that broadcast, got 'tensor<2xf32>' and 'tensor<5xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.matmul %x, %y : (tensor<2x3x4xf32>, tensor<5x4x2xf32>) -> tensor<2x3x2xf32>
  return
}

// -----

func.func @matmul_inner_batch(%x: tensor<?x4xf32>, %y: tensor<3x4x2xf32>) {
  // expected-error @below {{expected only the first dimension of the result dynamic, got 'tensor<3x?x2xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.matmul %x, %y : (tensor<?x4xf32>, tensor<3x4x2xf32>) -> tensor<3x?x2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @matmul_quantized(%x: tensor<?x2x2x!q>) {
  // expected-error @below {{operand #0 must be}}
  npir.matmul %x, %x : (tensor<?x2x2x!q>, tensor<?x2x2x!q>) -> tensor<?x2x2x!q>
  return
}

// -----

func.func @softmax_dynamic(%x: tensor<?xf32>) {
  // expected-error @below {{expected a static last dimension, got 'tensor<?xf32>'}}
  // expected-error @below {{'npir.softmax' op failed to infer returned types}}
  npir.softmax %x : tensor<?xf32> -> tensor<?xf32>
  return
}

// -----

// Layer normalization.

func.func @layer_norm_dynamic(%x: tensor<?xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{expected a static last dimension, got 'tensor<?xf32>'}}
  // expected-error @below {{'npir.layer_norm' op failed to infer returned types}}
  npir.layer_norm %x, %p, %p {epsilon = 1.0e-5 : f32} : (tensor<?xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @layer_norm_parameters(%x: tensor<?x4xf32>, %p: tensor<4xf32>, %r: tensor<1x4xf32>) {
  // expected-error @below {{expected scale and offset of 4 elements, got 'tensor<1x4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.layer_norm %x, %p, %r {epsilon = 1.0e-5 : f32} : (tensor<?x4xf32>, tensor<4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @layer_norm_epsilon(%x: tensor<?x4xf32>, %p: tensor<4xf32>) {
  // expected-error @below {{expected a finite epsilon of at least 0, got -1.000000e+00}}
  npir.layer_norm %x, %p, %p {epsilon = -1.0 : f32} : (tensor<?x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x4xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @layer_norm_mixed(%x: tensor<?x2x!q>, %p: tensor<2xf32>) {
  // expected-error @below {{expected activations all in f32 or all quantized}}
  npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32} : (tensor<?x2x!q>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @layer_norm_kind(%x: tensor<?x2x!q>, %p: tensor<2xf32>) {
  // expected-error @below {{has no arithmetic that takes #npir.requant_copy<min = -128, max = 127>}}
  npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32, requant = #npir.requant_copy<min = -128, max = 127>}
      : (tensor<?x2x!q>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x!q>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @layer_norm_multipliers(%x: tensor<?x2x!q>, %p: tensor<2xf32>) {
  // expected-error @below {{expected 2 multipliers, one per channel, got 1}}
  npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32, requant = #npir.requant_layer_norm<variance_offset = 1.0 : f32, multipliers = [1.0], offsets = [1.0], min = -128, max = 127>}
      : (tensor<?x2x!q>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x!q>
  return
}

// -----

// expected-error @below {{expected an f32 variance offset}}
func.func private @variance_type() attributes {r = #npir.requant_layer_norm<variance_offset = 1.0 : f64, multipliers = [1.0], offsets = [1.0], min = 0, max = 1>}

// -----

// expected-error @below {{expected a finite variance offset of at least 0, got -1.000000e+00}}
func.func private @variance() attributes {r = #npir.requant_layer_norm<variance_offset = -1.0 : f32, multipliers = [1.0], offsets = [1.0], min = 0, max = 1>}

// -----

// expected-error @below {{expected as many multipliers as offsets, got 2 and 1}}
func.func private @counts() attributes {r = #npir.requant_layer_norm<variance_offset = 1.0 : f32, multipliers = [1.0, 2.0], offsets = [1.0], min = 0, max = 1>}

// -----

// expected-error @below {{expected as many multipliers as offsets, got 0 and 0}}
func.func private @none() attributes {r = #npir.requant_layer_norm<variance_offset = 1.0 : f32, multipliers = [], offsets = [], min = 0, max = 1>}

// -----

// expected-error @below {{expected finite multipliers and offsets, got}}
func.func private @infinite() attributes {r = #npir.requant_layer_norm<variance_offset = 1.0 : f32, multipliers = [1.0], offsets = [1.0e39], min = 0, max = 1>}

// -----

// expected-error @below {{expected min <= max, got 2 and 1}}
func.func private @bounds() attributes {r = #npir.requant_layer_norm<variance_offset = 1.0 : f32, multipliers = [1.0], offsets = [1.0], min = 2, max = 1>}
