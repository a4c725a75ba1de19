// RUN: split-file %s %t
// RUN: npir-opt %t/example.mlir --npir-attach-calibration=stats=%t/example.npirstats --npir-verify-contract | FileCheck %s
// RUN: npir-opt %t/constants.mlir --npir-attach-calibration=stats=%t/constants.npirstats | FileCheck %s --check-prefix=CONSTANTS
// Attaching again changes nothing.
// RUN: npir-opt %t/example.mlir --npir-attach-calibration=stats=%t/example.npirstats -o %t/once.mlir
// RUN: npir-opt %t/once.mlir --npir-attach-calibration=stats=%t/example.npirstats -o %t/twice.mlir
// RUN: diff %t/once.mlir %t/twice.mlir

//--- example.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["by hand"], "samples": [[0,10]],
 "tensors": [
  {"id":"input:0","count":8,"nan":0,"pos_inf":0,"neg_inf":0,"min":-1.0,"max":1.5},
  {"id":"conv:0","count":8,"nan":1,"pos_inf":0,"neg_inf":0,"min":0.25,"max":2.0},
  {"id":"pool:0","count":8,"nan":0,"pos_inf":0,"neg_inf":0,"min":0.5,"max":2.5},
  {"id":"tanh:0","count":8,"nan":0,"pos_inf":0,"neg_inf":0,"min":-0.5,"max":0.75,"channel_min":[-0.5,0.0],"channel_max":[0.5,0.75]}]}

//--- example.mlir
// CHECK-DAG: ![[W:.*]] = !quant.uniform<i8<-127:127>:f32:0, {0.0078740157186985015,0.0039370078593492508}>
// CHECK-DAG: ![[X:.*]] = !quant.uniform<i8:f32, 0.0098039219155907631:-26>
// CHECK-DAG: ![[Y:.*]] = !quant.uniform<i8:f32, 0.0098039219155907631:-128>
// CHECK-DAG: ![[T:.*]] = !quant.uniform<i8:f32:3, {0.0039215688593685627,0.0029411765281111002:-128}>
// CHECK-DAG: ![[T1:.*]] = !quant.uniform<i8:f32, 0.0049019609577953815:-26>
// CHECK: npir.station = #npir.station<calibrated>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @example(%x: tensor<?x2x2x1xf32> loc("input")) -> tensor<?x1x1x2xf32> attributes {npir.station = #npir.station<observed>} {
  // CHECK: npir.observe {{.*}} {id = "input:0", resolved = ![[X]],
  %0 = npir.observe %x {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2x2x1xf32> loc("input.observe")
  %w = npir.constant dense<[[[[-1.0]]], [[[0.5]]]]> : tensor<2x1x1x1xf32> loc("conv.weight")
  // CHECK: npir.observe {{.*}} {id = "conv.weight:0", resolved = ![[W]],
  %1 = npir.observe %w {id = "conv.weight:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>} : tensor<2x1x1x1xf32> loc("conv.weight.observe")
  %2 = npir.conv2d %0, %1 : (tensor<?x2x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x2x2x2xf32> loc("conv")
  // A maximum pool selects values: both sides share the type of both ranges.
  // CHECK: npir.observe {{.*}} {id = "conv:0", resolved = ![[Y]],
  %3 = npir.observe %2 {id = "conv:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2x2x2xf32> loc("conv.observe")
  %4 = npir.max_pool2d %3 {kernel = array<i64: 2, 2>} : tensor<?x2x2x2xf32> -> tensor<?x1x1x2xf32> loc("pool")
  // CHECK: npir.observe {{.*}} {id = "pool:0", resolved = ![[Y]],
  %5 = npir.observe %4 {id = "pool:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x1x1x2xf32> loc("pool.observe")
  %6 = npir.tanh %5 : tensor<?x1x1x2xf32> -> tensor<?x1x1x2xf32> loc("tanh")
  // The configuration names it: its observer decides, not the range of tanh.
  // CHECK: npir.observe {{.*}} {id = "tanh:0", per_tensor = ![[T1]], requested, resolved = ![[T]],
  %7 = npir.observe %6 {id = "tanh:0", requested, role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<3> #npir.minmax>} : tensor<?x1x1x2xf32> loc("tanh.observe")
  %8 = npir.sigmoid %7 : tensor<?x1x1x2xf32> -> tensor<?x1x1x2xf32> loc("sigmoid")
  // CHECK: npir.observe {{.*}} {id = "sigmoid:0", role = #npir.role<activation>, spec = #npir.spec<none>}
  %9 = npir.observe %8 {id = "sigmoid:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x1x1x2xf32> loc("sigmoid.observe")
  return %9 : tensor<?x1x1x2xf32>
}
}

//--- constants.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["by hand"], "samples": [[0,10]],
 "tensors": [{"id":"fc:0","count":4,"nan":0,"pos_inf":0,"neg_inf":0,"min":-127.0,"max":127.0}]}

//--- constants.mlir
// Constants need no statistics. With x = 1/127 and y = 1: channel 0 is raised
// for its bias, 2^20 * 127 / 2^30; channel 1 of zeros takes 127 / 2^10; channel
// 2 is raised to 127 / 2^31; channel 3 is as its values say.
// CONSTANTS: !quant.uniform<i8<-127:127>:f32:0, {0.1240234449505806,0.1240234449505806,5.9138987040796565E-8,0.0078740157186985015}>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @constants() -> tensor<1x4xf32> attributes {npir.station = #npir.station<observed>} {
  %x = npir.constant dense<[[-1.0, 1.0]]> : tensor<1x2xf32> loc("x")
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric narrow per_tensor #npir.minmax>} : tensor<1x2xf32> loc("x.observe")
  %w = npir.constant dense<[[0.001, 0.002], [0.0, 0.0], [1.0e-20, 0.0], [-1.0, 0.5]]> : tensor<4x2xf32> loc("w")
  %1 = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>} : tensor<4x2xf32> loc("w.observe")
  %b = npir.constant dense<[1048576.0, 0.0, 0.0, 1.0]> : tensor<4xf32> loc("b")
  %2 = npir.linear %0, %1, %b : (tensor<1x2xf32>, tensor<4x2xf32>, tensor<4xf32>) -> tensor<1x4xf32> loc("fc")
  %3 = npir.observe %2 {id = "fc:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric narrow per_tensor #npir.minmax>} : tensor<1x4xf32> loc("fc.observe")
  return %3 : tensor<1x4xf32>
}
}

// The range of a function's results stands for statistics, there are none; for copies, too, and per channel.
// RUN: npir-opt %t/fixed.mlir --npir-attach-calibration=stats=%t/fixed.npirstats --npir-verify-contract 2>&1 | FileCheck %s --check-prefix=FIXED --implicit-check-not=warning
//--- fixed.npirstats
{"version": 1, "model": "00112233445566778899aabbccddeeff", "batch_size": 1, "engines": ["by hand"], "samples": [[0,10]],
 "tensors": [
  {"id":"x:0","count":8,"nan":0,"pos_inf":0,"neg_inf":0,"min":-2.0,"max":2.0},
  {"id":"s2:0","count":8,"nan":0,"pos_inf":0,"neg_inf":0,"min":0.0,"max":0.5},
  {"id":"r2:0","count":8,"nan":0,"pos_inf":0,"neg_inf":0,"min":0.0,"max":0.5},
  {"id":"cat:0","count":8,"nan":0,"pos_inf":0,"neg_inf":0,"min":-2.0,"max":2.0}]}

//--- fixed.mlir
// FIXED-DAG: ![[UNIT:.*]] = !quant.uniform<i8:f32, 0.0039215688593685627:-128>
// FIXED-DAG: ![[UNITS:.*]] = !quant.uniform<i8:f32:1, {0.0039215688593685627:-128,0.0039215688593685627:-128}>
// FIXED-DAG: ![[HALF:.*]] = !quant.uniform<i4:f32, 0.071428574621677399>
// FIXED-DAG: ![[TWO:.*]] = !quant.uniform<i8:f32, 0.015686275437474251>
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @fixed(%x: tensor<?x2xf32> loc("x")) -> (tensor<?x2xf32>, tensor<?x2x1xf32>, tensor<?x4xf32>) attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("x.observe")
  %1 = npir.softmax %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("s1")
  // FIXED: {id = "s1:0", per_tensor = ![[UNIT]], resolved = ![[UNITS]]
  %2 = npir.observe %1 {id = "s1:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.minmax>} : tensor<?x2xf32> loc("s1.observe")
  // A copy has the range of what it copies.
  %3 = npir.sigmoid %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("s3")
  // FIXED: {id = "s3:0", resolved = ![[UNIT]]
  %4 = npir.observe %3 {id = "s3:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("s3.observe")
  %5 = npir.reshape %4 : tensor<?x2xf32> -> tensor<?x1x2xf32> loc("r3")
  // FIXED: {id = "r3:0", resolved = ![[UNIT]]
  %6 = npir.observe %5 {id = "r3:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x1x2xf32> loc("r3.observe")
  // Where the configuration names one of the group, its observer and its spec decide, of copies before it, too, without a word.
  %7 = npir.sigmoid %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("s2")
  // FIXED: {id = "s2:0", resolved = ![[HALF]],
  %8 = npir.observe %7 {id = "s2:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("s2.observe")
  %9 = npir.reshape %8 : tensor<?x2xf32> -> tensor<?x2x1xf32> loc("r2")
  // FIXED: {id = "r2:0", requested, resolved = ![[HALF]], role = {{.*}}<i4 symmetric
  %10 = npir.observe %9 {id = "r2:0", requested, role = #npir.role<activation>, spec = #npir.spec<i4 symmetric per_tensor #npir.minmax>} : tensor<?x2x1xf32> loc("r2.observe")
  // With other values joined the range holds both.
  // FIXED: {id = "cat:0", resolved = ![[TWO]]
  %11 = npir.softmax %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("s4")
  %12 = npir.observe %11 {id = "s4:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("s4.observe")
  %13 = npir.concat %12, %0 {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32> loc("cat")
  %14 = npir.observe %13 {id = "cat:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x4xf32> loc("cat.observe")
  return %2, %10, %14 : tensor<?x2xf32>, tensor<?x2x1xf32>, tensor<?x4xf32>
}
}
