// RUN: npir-opt %s -split-input-file --npir-attach-calibration="stats=%S/Inputs/percentile.npirstats explain" -verify-diagnostics | FileCheck %s
// RUN: npir-opt %s -split-input-file --npir-attach-calibration="stats=%S/Inputs/percentile.npirstats explain" -mlir-disable-threading -verify-diagnostics | FileCheck %s

// Every observer from one file, without data. In its first batch, tensor plain has i/300 and -2*i/300 for i = 0 to 300, in the second
// three times that: two uniform distributions, of which a quantizer of 8 bits cuts nothing.

// A quarter of the way from -2 and 1 to -6 and 3: -3 and 1.5.
// CHECK-DAG: ![[EMA:.*]] = !quant.uniform<i8:f32, 0.017647059634327888:42>
// 6 / 127, and 6 / 7 on 4 bits shrunk by OMSE.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// CHECK-LABEL: func.func @ema
// expected-remark @unknown {{tensor 'plain:0': [-3, 1.5] by ema, SQNR}}
func.func @ema(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[EMA]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.ema<sigma = 0.25>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// CHECK-LABEL: func.func @omse
// expected-remark @unknown {{tensor 'plain:0': OMSE}}
func.func @omse(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i4 affine per_tensor #npir.omse>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// expected-remark @unknown {{tensor 'plain:0': OMSE1}}
func.func @omse_shrunk(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i4 affine per_tensor #npir.omse<two_sided = false>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// expected-remark @unknown {{tensor 'plain:0': KL}}
func.func @kl(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric per_tensor #npir.kl<bins = 512>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// expected-remark @unknown {{tensor 'plain:0': AUTO}}
func.func @auto(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i4 symmetric per_tensor #npir.auto>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

// Channels of activations.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-remark @unknown {{tensor 'x:0': CHANNELS}}
func.func @channels(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.auto>} : tensor<?x2xf32> loc("x.observe")
  return %0 : tensor<?x2xf32>
}
// There are no batches of channels.
// expected-warning @unknown {{tensor 'x:0': the ranges of channels are those of all batches together, without sigma; set one scale per tensor ('calibration_mode: layer_wise')}}
// expected-remark @unknown {{tensor 'x:0': 2 channels within [-6, 3] by ema, SQNR}}
func.func @channels_ema(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.ema<sigma = 0.25>>} : tensor<?x2xf32> loc("x.observe")
  return %0 : tensor<?x2xf32>
}
// expected-warning @unknown {{tensor 'few:0' (2 of 2): these channels have too few values for 'kl' and take their extrema; set one scale per tensor ('calibration_mode: layer_wise')}}
// expected-remark @unknown {{tensor 'few:0': 2 channels within [0, 2] by kl, SQNR}}
func.func @channels_kl(%x: tensor<?x2xf32> loc("few")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "few:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric per_channel<1> #npir.kl<bins = 2048>>} : tensor<?x2xf32> loc("few.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

// Weights, by their values: channel 0 has an outlier that 2 bits had better cut; in channel 1 nothing is to be cut.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @weight(%x: tensor<?x8xf32> loc("other")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // expected-remark @below {{tensor 'w:0': WEIGHT}}
  %w = npir.constant dense<[[1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, 1.8], [-2.0, 2.0, -2.0, 2.0, -2.0, 2.0, -2.0, 2.0]]> : tensor<2x8xf32> loc("w")
  %0 = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i2 symmetric narrow per_channel<0> #npir.auto>} : tensor<2x8xf32> loc("w.observe")
  %1 = npir.linear %x, %0 : (tensor<?x8xf32>, tensor<2x8xf32>) -> tensor<?x2xf32> loc("fc")
  return %1 : tensor<?x2xf32>
}
}

// -----

// What mathematics fixes, and a file without histograms.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-remark @unknown {{tensor 'old:0': [-1, 1] by minmax}}
func.func @old(%x: tensor<?x2xf32> loc("old")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "old:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("old.observe")
  %1 = npir.sigmoid %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("sigmoid")
  // expected-remark @unknown {{tensor 'sigmoid:0': [0, 0.99}}
  %2 = npir.observe %1 {id = "sigmoid:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.omse>} : tensor<?x2xf32> loc("sigmoid.observe")
  return %2 : tensor<?x2xf32>
}
}

// -----

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-error-re @unknown {{expected a histogram of tensor 'old:0', got none in '{{.*}}percentile.npirstats'; calibrate again with this configuration}}
func.func @no_batches(%x: tensor<?x2xf32> loc("old")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "old:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.ema<sigma = 0.01>>} : tensor<?x2xf32> loc("old.observe")
  return %0 : tensor<?x2xf32>
}
}
