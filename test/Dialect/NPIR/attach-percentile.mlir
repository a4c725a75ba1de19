// RUN: npir-opt %s -split-input-file --npir-attach-calibration=stats=%S/Inputs/percentile.npirstats -verify-diagnostics | FileCheck %s

// The file holds two batches. Tensor x has two channels: in the first batch i/300 and -2*i/300 for i = 0 to 300, in the second
// three times that; plain is the same without channels, few has 22 values a channel, r is 0 to 2. The scales expected here are
// from sorted values; bins move the last digits.

// One calibration serves every alpha, with sigma and without.
// All values: -5.7594 and 2.8797 at 0.99, -3.594 and 1.797 at 0.9.
// CHECK-DAG: ![[POOLED:.*]] = !quant.uniform<i8:f32, 0.0338{{[0-9]*}}:42>
// CHECK-DAG: ![[WIDE:.*]] = !quant.uniform<i8:f32, 0.0211{{[0-9]*}}:42>
// -1.97 and 0.985 of the first batch, a quarter of the way to three times that.
// CHECK-DAG: ![[EMA:.*]] = !quant.uniform<i8:f32, 0.0172{{[0-9]*}}:42>
// Symmetric: the larger of both sides, 5.7594 / 127.
// CHECK-DAG: ![[SYM:.*]] = !quant.uniform<i8:f32, 0.0453{{[0-9]*}}>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// CHECK-LABEL: func.func @pooled
func.func @pooled(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[POOLED]], {{.*}}#npir.percentile<alpha = 0.99>
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// CHECK-LABEL: func.func @wide
func.func @wide(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[WIDE]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.9>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// CHECK-LABEL: func.func @ema
func.func @ema(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[EMA]], {{.*}}#npir.percentile<alpha = 0.99, sigma = 0.25>
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.99, sigma = 0.25>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// CHECK-LABEL: func.func @symmetric
func.func @symmetric(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[SYM]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric per_tensor #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

// A scale for each channel, and one for the tensor. 2.9399 and -5.8798.
// CHECK-DAG: ![[C:.*]] = !quant.uniform<i8:f32:1, {0.0115{{[0-9]*}}:-128,0.0230{{[0-9]*}}:127}>
// CHECK-DAG: ![[C1:.*]] = !quant.uniform<i8:f32, 0.0338{{[0-9]*}}:42>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// CHECK-LABEL: func.func @channels
func.func @channels(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: per_tensor = ![[C1]], resolved = ![[C]]
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("x.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

// Weights are exact: 0.6625 / 127 and 2.1 / 127 of four values each.
// CHECK: !quant.uniform<i8<-127:127>:f32:0, {0.005216535646468401,0.016535433009266853}>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @weight(%x: tensor<?x4xf32> loc("other")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %w = npir.constant dense<[[-1.0, 0.5, 0.25, 0.125], [0.0, 0.0, 0.0, 3.0]]> : tensor<2x4xf32> loc("w")
  %0 = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.percentile<alpha = 0.9, sigma = 0.1>>} : tensor<2x4xf32> loc("w.observe")
  %1 = npir.linear %x, %0 : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("fc")
  return %1 : tensor<?x2xf32>
}
}

// -----

// Tensors that share a scale: the percentiles of all their values, -2.39 and 1.8.
// CHECK: ![[G:.*]] = !quant.uniform<i8:f32, 0.0164{{[0-9]*}}:17>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// CHECK-LABEL: func.func @group
func.func @group(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2x1xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: id = "plain:0", resolved = ![[G]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.9>>} : tensor<?x2xf32> loc("plain.observe")
  %1 = npir.reshape %0 : tensor<?x2xf32> -> tensor<?x2x1xf32> loc("r")
  // CHECK: id = "r:0", resolved = ![[G]]
  %2 = npir.observe %1 {id = "r:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.9>>} : tensor<?x2x1xf32> loc("r.observe")
  return %2 : tensor<?x2x1xf32>
}
}

// -----

// Channels of few values take their extrema, and do not follow sigma.
// CHECK: !quant.uniform<i8:f32:1, {0.0039215688593685627:-128,0.0078431377187371254:-128}>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-warning @unknown {{tensors 'few:0' (2 of 2), 'few:0' (2 of 2): these channels have too few values for the percentile and take their extrema; set one scale per tensor ('calibration_mode: layer_wise')}}
func.func @few(%x: tensor<?x2xf32> loc("few")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "few:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("few.observe")
  return %0 : tensor<?x2xf32>
}
func.func @few_sigma(%x: tensor<?x2xf32> loc("few")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "few:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.percentile<alpha = 0.99, sigma = 0.1>>} : tensor<?x2xf32> loc("few.observe")
  return %0 : tensor<?x2xf32>
}
// expected-warning @unknown {{tensors 'few:0', 'x:0': the percentiles of channels are those of all batches together, without sigma; set one scale per tensor ('calibration_mode: layer_wise')}}
func.func @channels_sigma(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.percentile<alpha = 0.99, sigma = 0.1>>} : tensor<?x2xf32> loc("x.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

// Unsigned integers with zero in their middle: half of them for each side.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-warning @unknown {{tensor 'plain:0': negative values, for which unsigned integers with a symmetric scheme leave a part of the grid unused; set the affine scheme ('quantization_method: Affine'), or signed integers}}
func.func @unsigned(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<u8 symmetric per_tensor #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
func.func @unsigned_relu(%x: tensor<?x2xf32> loc("r")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "r:0", role = #npir.role<activation>, spec = #npir.spec<u8 symmetric per_tensor #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("r.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

// What a file does not hold.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-error-re @unknown {{expected a histogram of tensor 'old:0', got none in '{{.*}}percentile.npirstats'; calibrate again with this configuration}}
func.func @old(%x: tensor<?x2xf32> loc("old")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "old:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("old.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-error-re @unknown {{expected channels of tensor 'plain:0', got none in '{{.*}}percentile.npirstats'; calibrate again with this configuration}}
func.func @no_channels(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
}
