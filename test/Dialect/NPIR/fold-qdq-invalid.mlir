// RUN: split-file %s %t
// RUN: not npir-opt %t/notarget.mlir --npir-fold-qdq 2>&1 | FileCheck %s --check-prefix=NOTARGET
// RUN: not npir-opt %t/unknown.mlir --npir-fold-qdq 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: npir-opt %t/problems.mlir --npir-fold-qdq 2>&1 | FileCheck %s --check-prefix=PROBLEMS
// RUN: npir-opt %t/scale.mlir --npir-fold-qdq 2>&1 | FileCheck %s --check-prefix=SCALE
// RUN: not npir-opt %t/problems.mlir --npir-fold-qdq=strict 2>&1 | FileCheck %s --check-prefix=STRICT

// NOTARGET: error: expected a target of function @f, got none; run --npir-partition first
// UNKNOWN: error: expected a known target of function @f, got 'gpu'

// STRICT: error: expected a function that target 'xnnpack' computes as configured, got 7 problems in @f; change the configuration, or leave out strict
// STRICT: note: layer 'x': activations 'x:0' get one scale each
// STRICT: note: layer 'tanh': 'npir.tanh' stays in float on target 'xnnpack': expected 8-bit signed activations, got i16

// PROBLEMS: warning: layer 'x': activations 'x:0' get one scale each, not one per channel: target 'xnnpack' has no per-channel activations
// PROBLEMS: warning: layer 'tanh': 'npir.tanh' stays in float on target 'xnnpack': expected 8-bit signed activations, got i16
// PROBLEMS: warning: layer 'fc1': 'npir.linear' stays in float on target 'xnnpack': expected 8-bit signed weights, got i16
// PROBLEMS: warning: layer 'fc2': 'npir.linear' stays in float on target 'xnnpack': expected input scale * weight scale / output scale in [2^-32, 2^8), got 4096 in channel 1
// PROBLEMS: warning: layer 'fc3': 'npir.linear' stays in float on target 'xnnpack': expected a bias that fits in 32 bits in units of input scale * weight scale, got 1{{.*}} in channel 0
// PROBLEMS: warning: layer 'add': 'npir.add' stays in float on target 'xnnpack': expected input scale / output scale in [2^-10, 2^8), got 256
// PROBLEMS: warning: layer 'd.quantize': a conversion between quantized types goes through float on target 'xnnpack': expected input scale / output scale in [2^-8, 2^7], got 256
// PROBLEMS: npir.quantize %{{.*}} {requested} : tensor<?x2xf32> -> tensor<?x2x!qt>
// PROBLEMS: npir.tanh {{.*}} -> tensor<?x2xf32>
// PROBLEMS-NEXT: npir.quantize {{.*}} {requested} : tensor<?x2xf32> -> tensor<?x2x!qt
// PROBLEMS: npir.constant dense<{{\[\[}}5.000000e-01, -5.000000e-01], [1.000000e+00, 3.500000e+00]]> : tensor<2x2xf32>
// PROBLEMS: npir.linear {{.*}} -> tensor<?x2xf32>

// SCALE: warning: layer 'tanh': tensor 'tanh:0' stays in float on target 'xnnpack': expected scales of activations in [2^-120, 2^120], got 1e+37
// SCALE-NOT: npir.quantize

//--- scale.mlir
!q = !quant.uniform<i8:f32, 1.0e37>
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  %1 = npir.quantize %0 {requested} : tensor<?x2xf32> -> tensor<?x2x!q> loc("tanh.quantize")
  %2 = npir.dequantize %1 : tensor<?x2x!q> -> tensor<?x2xf32> loc("tanh.dequantize")
  return %2 : tensor<?x2xf32>
} loc(unknown)
//--- notarget.mlir
func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  return %0 : tensor<?x2xf32>
} loc(unknown)
//--- unknown.mlir
func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "gpu"} {
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  return %0 : tensor<?x2xf32>
} loc(unknown)
//--- problems.mlir
!qx = !quant.uniform<i8:f32, 0.5>
!qc = !quant.uniform<i8:f32:1, {0.5, 0.25}>
!q16 = !quant.uniform<i16:f32, 0.5>
!qw = !quant.uniform<i8<-127:127>:f32:0, {0.25, 4096.0}>
!ql = !quant.uniform<i8:f32, 0.001953125>
!qs = !quant.uniform<i8<-127:127>:f32, 0.25>
// The configuration names every tensor; else the pairs between what stays in float would go, silently.
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // Per channel, with a type to fall back to.
  %0 = npir.quantize %x {per_tensor = !qx, requested} : tensor<?x2xf32> -> tensor<?x2x!qc> loc("x.quantize")
  %1 = npir.dequantize %0 : tensor<?x2x!qc> -> tensor<?x2xf32> loc("x.dequantize")
  // A 16-bit activation.
  %2 = npir.tanh %1 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  %3 = npir.quantize %2 {requested} : tensor<?x2xf32> -> tensor<?x2x!q16> loc("tanh.quantize")
  %4 = npir.dequantize %3 : tensor<?x2x!q16> -> tensor<?x2xf32> loc("tanh.dequantize")
  // A 16-bit weight.
  %w1 = npir.constant dense<[[1, -1], [2, 7]]> : tensor<2x2xi16> as tensor<2x2x!q16> loc("w1")
  %5 = npir.dequantize %w1 : tensor<2x2x!q16> -> tensor<2x2xf32> loc("w1.dequantize")
  %6 = npir.linear %1, %5 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc1")
  %7 = npir.quantize %6 {requested} : tensor<?x2xf32> -> tensor<?x2x!qx> loc("fc1.quantize")
  %8 = npir.dequantize %7 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("fc1.dequantize")
  // A multiplier that is too large.
  %w2 = npir.constant dense<[[1, -1], [2, 7]]> : tensor<2x2xi8> as tensor<2x2x!qw> loc("w2")
  %9 = npir.dequantize %w2 : tensor<2x2x!qw> -> tensor<2x2xf32> loc("w2.dequantize")
  %10 = npir.linear %8, %9 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc2")
  %11 = npir.quantize %10 {requested} : tensor<?x2xf32> -> tensor<?x2x!qx> loc("fc2.quantize")
  %12 = npir.dequantize %11 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("fc2.dequantize")
  // A bias that is too large.
  %w3 = npir.constant dense<[[1, -1], [2, 7]]> : tensor<2x2xi8> as tensor<2x2x!qs> loc("w3")
  %13 = npir.dequantize %w3 : tensor<2x2x!qs> -> tensor<2x2xf32> loc("w3.dequantize")
  %b3 = npir.constant dense<[1.0e10, 1.0]> : tensor<2xf32> loc("b3")
  %14 = npir.linear %12, %13, %b3 : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc3")
  %15 = npir.quantize %14 {requested} : tensor<?x2xf32> -> tensor<?x2x!qx> loc("fc3.quantize")
  %16 = npir.dequantize %15 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("fc3.dequantize")
  // Scales that are too far apart, in an addition and in a conversion.
  %17 = npir.add %16, %1 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("add")
  %18 = npir.quantize %17 {requested} : tensor<?x2xf32> -> tensor<?x2x!ql> loc("add.quantize")
  %19 = npir.dequantize %18 : tensor<?x2x!ql> -> tensor<?x2xf32> loc("add.dequantize")
  %20 = npir.quantize %16 {requested} : tensor<?x2xf32> -> tensor<?x2x!ql> loc("d.quantize")
  %21 = npir.dequantize %20 : tensor<?x2x!ql> -> tensor<?x2xf32> loc("d.dequantize")
  %22 = npir.add %19, %21 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("add2")
  %23 = npir.add %22, %4 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("add3")
  return %23 : tensor<?x2xf32>
} loc(unknown)
