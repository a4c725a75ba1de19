// RUN: split-file %s %t
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration 2>&1 | FileCheck %s --check-prefix=NOFILE
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration=stats=%t/missing.npirstats 2>&1 | FileCheck %s --check-prefix=UNREADABLE
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration=stats=%t/other.npirstats 2>&1 | FileCheck %s --check-prefix=OTHER
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration=stats=%t/none.npirstats 2>&1 | FileCheck %s --check-prefix=ABSENT
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration=stats=%t/never.npirstats 2>&1 | FileCheck %s --check-prefix=NEVER
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration=stats=%t/nan.npirstats 2>&1 | FileCheck %s --check-prefix=NAN
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration=stats=%t/whole.npirstats 2>&1 | FileCheck %s --check-prefix=CHANNELS
// RUN: not npir-opt %t/f.mlir --npir-attach-calibration=stats=%t/three.npirstats 2>&1 | FileCheck %s --check-prefix=COUNT
// RUN: not npir-opt %t/nohash.mlir --npir-attach-calibration=stats=%t/none.npirstats 2>&1 | FileCheck %s --check-prefix=NOHASH
// RUN: not npir-opt %t/weight.mlir --npir-attach-calibration 2>&1 | FileCheck %s --check-prefix=WEIGHT
// RUN: npir-opt %t/group.mlir --npir-attach-calibration=stats=%t/group.npirstats 2>&1 | FileCheck %s --check-prefix=GROUP

// NOFILE: error: layer 'x': expected statistics of tensor 'x:0', got no file; pass stats=FILE, which --npir-calibrate writes
// UNREADABLE: error: {{.*}}missing.npirstats: cannot read: no such file or directory
// OTHER: error: expected statistics of the model with hash "00112233445566778899aabbccddeeff", got '{{.*}}other.npirstats' of the model with hash "ffeeddccbbaa99887766554433221100"; calibrate this model
// ABSENT: error: layer 'x': expected statistics of tensor 'x:0', got none in '{{.*}}none.npirstats'; calibrate this model again
// NEVER: error: layer 'x': expected finite values of tensor 'x:0', got no value at all in '{{.*}}never.npirstats'; calibrate with other data, or leave the layer in float
// NAN: error: layer 'x': expected finite values of tensor 'x:0', got only NaN and infinities in
// CHANNELS: error: layer 'x': expected channels of tensor 'x:0', got none in '{{.*}}whole.npirstats'; calibrate again with this configuration
// COUNT: error: layer 'x': expected statistics of 2 channels of tensor 'x:0', got 3; calibrate this model again
// NOHASH: error: has no npir.model_hash; run --npir-prepare first
// WEIGHT: error: layer 'w': expected a constant of finite values, got 2 that are not; repair the model, or leave the layer in float
// GROUP-DAG: warning: layer 'r': tensor 'r:0' shares its quantized type with 'x:0', whose specification is used
// GROUP-DAG: warning: statistics '{{.*}}group.npirstats' were merged from several engines: a, b

//--- other.npirstats
{"version": 1, "model": "ffeeddccbbaa99887766554433221100", "batch_size": 1, "engines": ["e"], "samples": [[0,1]], "tensors": []}
//--- none.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["e"], "samples": [[0,1]], "tensors": []}
//--- never.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["e"], "samples": [[0,1]], "tensors": [
 {"id":"x:0","count":0,"nan":0,"pos_inf":0,"neg_inf":0,"min":null,"max":null}]}
//--- nan.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["e"], "samples": [[0,1]], "tensors": [
 {"id":"x:0","count":2,"nan":1,"pos_inf":1,"neg_inf":0,"min":null,"max":null}]}
//--- whole.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["e"], "samples": [[0,1]], "tensors": [
 {"id":"x:0","count":2,"nan":0,"pos_inf":0,"neg_inf":0,"min":0.0,"max":1.0}]}
//--- three.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["e"], "samples": [[0,1]], "tensors": [
 {"id":"x:0","count":3,"nan":0,"pos_inf":0,"neg_inf":0,"min":0.0,"max":1.0,"channel_min":[0.0,0.0,0.0],"channel_max":[1.0,1.0,1.0]}]}
//--- f.mlir
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.minmax>} : tensor<?x2xf32> loc("x.observe")
  return %0 : tensor<?x2xf32>
}
}
//--- nohash.mlir
module {
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("x.observe")
  return %0 : tensor<?x2xf32>
}
} loc(unknown)
//--- weight.mlir
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x1xf32> attributes {npir.station = #npir.station<observed>} {
  %w = npir.constant dense<[[0x7FC00000, 0x7F800000]]> : tensor<1x2xf32> loc("w")
  %0 = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_tensor #npir.minmax>} : tensor<1x2xf32> loc("w.observe")
  %1 = npir.linear %x, %0 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32> loc("fc")
  return %1 : tensor<?x1xf32>
}
//--- group.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["a", "b"], "samples": [[0,2]], "tensors": [
 {"id":"x:0","count":2,"nan":0,"pos_inf":0,"neg_inf":0,"min":0.0,"max":1.0,"channel_min":[0.0,0.0],"channel_max":[1.0,1.0]},
 {"id":"r:0","count":2,"nan":0,"pos_inf":0,"neg_inf":0,"min":0.0,"max":1.0}]}
//--- group.mlir
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2x1xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.minmax>} : tensor<?x2xf32> loc("x.observe")
  %1 = npir.reshape %0 : tensor<?x2xf32> -> tensor<?x2x1xf32> loc("r")
  %2 = npir.observe %1 {id = "r:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric per_tensor #npir.minmax>} : tensor<?x2x1xf32> loc("r.observe")
  return %2 : tensor<?x2x1xf32>
}
} loc(unknown)
