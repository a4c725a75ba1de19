// RUN: npir-opt %s --npir-attach-calibration=stats=%S/Inputs/advice.npirstats -verify-diagnostics | FileCheck %s

// One warning for each observer that wants more batches than the 19 there are; nothing of weights and constants, of what stays
// float, and of an observer that has enough.
// CHECK-COUNT-4: resolved =
// expected-warning @unknown {{calibrated with 300 samples, which count as 19 batches; for the 2 tensors with observer 'percentile' 50 batches are recommended: calibrate with more samples}}
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.99>>} : tensor<?x2xf32>
  %w = npir.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("w")
  %1 = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_tensor #npir.percentile<alpha = 0.999>>} : tensor<2x2xf32>
  %2 = npir.linear %0, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
  %3 = npir.observe %2 {id = "fc:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.999>>} : tensor<?x2xf32>
  %4 = npir.sigmoid %3 : tensor<?x2xf32> -> tensor<?x2xf32> loc("sigmoid")
  %5 = npir.observe %4 {id = "sigmoid:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32>
  %6 = npir.tanh %5 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  %7 = npir.observe %6 {id = "tanh:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32>
  return %7 : tensor<?x2xf32>
}
}
