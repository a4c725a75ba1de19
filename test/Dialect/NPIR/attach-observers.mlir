// RUN: npir-opt %s -split-input-file --npir-attach-calibration="stats=%S/Inputs/percentile.npirstats explain" -verify-diagnostics | FileCheck %s
// RUN: npir-opt %s -split-input-file --npir-attach-calibration="stats=%S/Inputs/percentile.npirstats explain" -mlir-disable-threading -verify-diagnostics | FileCheck %s

// Every observer from one file, without data. In its first batch, tensor plain has i/300 and -2*i/300 for i = 0 to 300, in the second
// three times that. The remarks say what became of it.

// A quarter of the way from -2 and 1 to -6 and 3: -3 and 1.5.
// CHECK-DAG: ![[EMA:.*]] = !quant.uniform<i8:f32, 0.017647059634327888:42>
// 8.31 / 15, 8.28 / 15, 6 / 127 and 4.8 / 7.
// CHECK-DAG: ![[OMSE:.*]] = !quant.uniform<i4:f32, 0.55400002{{[0-9]*}}:2>
// CHECK-DAG: ![[OMSE1:.*]] = !quant.uniform<i4:f32, 0.55199998{{[0-9]*}}:2>
// CHECK-DAG: ![[KL:.*]] = !quant.uniform<i8:f32, 0.0472440943{{[0-9]*}}>
// CHECK-DAG: ![[AUTO:.*]] = !quant.uniform<i4:f32, 0.68571430{{[0-9]*}}>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// CHECK-LABEL: func.func @ema
// expected-remark @unknown {{tensor 'plain:0': [-3, 1.5] by ema, SQNR}}
func.func @ema(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[EMA]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.ema<sigma = 0.25>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// CHECK-LABEL: func.func @omse
// expected-remark @unknown {{tensor 'plain:0': [-5.58, 2.73] by omse, SQNR 21.9 dB, 0.831 % clipped}}
func.func @omse(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[OMSE]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i4 affine per_tensor #npir.omse>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// expected-remark @unknown {{tensor 'plain:0': [-5.52, 2.76] by omse, SQNR 21.9 dB, 0.914 % clipped}}
func.func @omse_shrunk(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[OMSE1]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i4 affine per_tensor #npir.omse<two_sided = false>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// expected-remark @unknown {{tensor 'plain:0': [-6, 6] by kl, SQNR 43.5 dB, 0 % clipped}}
func.func @kl(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[KL]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric per_tensor #npir.kl<bins = 512>>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
// expected-remark @unknown {{tensor 'plain:0': [-4.8, 2.4] by auto (omse), SQNR 20.2 dB, 0.748 % clipped}}
func.func @auto(%x: tensor<?x2xf32> loc("plain")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: resolved = ![[AUTO]]
  %0 = npir.observe %x {id = "plain:0", role = #npir.role<activation>, spec = #npir.spec<i4 symmetric per_tensor #npir.auto>} : tensor<?x2xf32> loc("plain.observe")
  return %0 : tensor<?x2xf32>
}
}

// -----

// Channels of activations.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
// expected-remark @unknown {{tensor 'x:0': 2 channels within [-6, 3] by auto (minmax 2), SQNR 51.6 dB, 0 % clipped}}
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
// expected-warning @unknown {{tensor 'few:0' (2 of 2): these channels have too few values for the divergence and take their extrema; set one scale per tensor ('calibration_mode: layer_wise')}}
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
  // expected-remark @unknown {{tensor 'w:0': 2 channels within [-2, 2] by auto (minmax 1, omse 1), SQNR 18.8 dB, 6.25 % clipped}}
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
  // expected-remark @unknown {{tensor 'sigmoid:0': [0, 1] by the mathematics of its op}}
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
