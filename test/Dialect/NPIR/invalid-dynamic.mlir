// RUN: npir-opt %s --split-input-file --verify-diagnostics

!w = !quant.uniform<i4<-7:7>:f32, 1.0>

// Round trip of what is valid.
func.func @valid(%x: tensor<?x64xf32>, %w: tensor<2x64x!w>, %s: tensor<2x2xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %0 = npir.dynamic_quantize %x : tensor<?x64xf32>
  %1 = npir.dequantize_groups %w, %s : tensor<2x64x!w>, tensor<2x2xf32> -> tensor<2x64xf32>
  %2 = npir.linear %0, %1 : (tensor<?x64xf32>, tensor<2x64xf32>) -> tensor<?x2xf32>
  %3 = npir.dynamic_linear %x, %w, %s, %b {clamp_max = 6.0 : f32} : (tensor<?x64xf32>, tensor<2x64x!w>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %4 = npir.add %2, %3 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  return %4 : tensor<?x2xf32>
}

// -----

func.func @no_rows(%x: tensor<?xf32>) -> tensor<?xf32> {
  // expected-error @+1 {{expected a last dimension of static size, got 'tensor<?xf32>'}}
  %0 = npir.dynamic_quantize %x : tensor<?xf32>
  return %0 : tensor<?xf32>
}

// -----

func.func @scaled(%w: tensor<2x64x!quant.uniform<i4:f32, 0.5>>, %s: tensor<2x2xf32>) -> tensor<2x64xf32> {
  // expected-error @+1 {{expected weights as signed integers of up to 8 bits in a type of scale 1 and zero point 0}}
  %0 = npir.dequantize_groups %w, %s : tensor<2x64x!quant.uniform<i4:f32, 0.5>>, tensor<2x2xf32> -> tensor<2x64xf32>
  return %0 : tensor<2x64xf32>
}

// -----

func.func @groups(%w: tensor<2x64x!quant.uniform<i4:f32, 1.0>>, %s: tensor<2x3xf32>) -> tensor<2x64xf32> {
  // expected-error @+1 {{expected scales [2, G] where G divides 64, got 'tensor<2x3xf32>'}}
  %0 = npir.dequantize_groups %w, %s : tensor<2x64x!quant.uniform<i4:f32, 1.0>>, tensor<2x3xf32> -> tensor<2x64xf32>
  return %0 : tensor<2x64xf32>
}

// -----

func.func @shapes(%w: tensor<2x64x!quant.uniform<i4:f32, 1.0>>, %s: tensor<2x2xf32>) -> tensor<64x2xf32> {
  // expected-error @+1 {{expected equal shapes}}
  %0 = npir.dequantize_groups %w, %s : tensor<2x64x!quant.uniform<i4:f32, 1.0>>, tensor<2x2xf32> -> tensor<64x2xf32>
  return %0 : tensor<64x2xf32>
}

// -----

func.func @input(%x: tensor<?x32xf32>, %w: tensor<2x64x!quant.uniform<i8:f32, 1.0>>, %s: tensor<2x1xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expected input [..., 64], got 'tensor<?x32xf32>'}}
  %0 = npir.dynamic_linear %x, %w, %s : (tensor<?x32xf32>, tensor<2x64x!quant.uniform<i8:f32, 1.0>>, tensor<2x1xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @bias(%x: tensor<?x64xf32>, %w: tensor<2x64x!quant.uniform<i8:f32, 1.0>>, %s: tensor<2x1xf32>, %b: tensor<3xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{failed to infer returned types}}
  // expected-error @below {{expected bias of shape [2], got 'tensor<3xf32>'}}
  %0 = npir.dynamic_linear %x, %w, %s, %b : (tensor<?x64xf32>, tensor<2x64x!quant.uniform<i8:f32, 1.0>>, tensor<2x1xf32>, tensor<3xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}
