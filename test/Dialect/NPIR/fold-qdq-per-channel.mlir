// RUN: npir-opt %s --npir-fold-qdq --npir-report-coverage -o /dev/null 2>&1 | FileCheck %s

// Where a target has one scale per tensor, a warning names the activations, and each layer's row of the report tells.
// CHECK: warning: layer 'x': activations 'x:0', 'tanh:0' get one scale each, not one per channel: target 'xnnpack' has no per-channel activations
// CHECK: tanh {{.*}}npir.tanh; its result has one scale, not one per channel: 'xnnpack' has no per-channel activations
// CHECK-NEXT: abs {{.*}}npir.abs{{$}}
!qx = !quant.uniform<i8:f32, 0.5>
!qc = !quant.uniform<i8:f32:1, {0.5, 0.25}>
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %0 = npir.quantize %x {per_tensor = !qx, requested} : tensor<?x2xf32> -> tensor<?x2x!qc> loc("x.quantize")
  %1 = npir.dequantize %0 : tensor<?x2x!qc> -> tensor<?x2xf32> loc("x.dequantize")
  %2 = npir.tanh %1 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  %3 = npir.quantize %2 {per_tensor = !qx, requested} : tensor<?x2xf32> -> tensor<?x2x!qc> loc("tanh.quantize")
  %4 = npir.dequantize %3 : tensor<?x2x!qc> -> tensor<?x2xf32> loc("tanh.dequantize")
  %5 = npir.abs %4 : tensor<?x2xf32> -> tensor<?x2xf32> loc("abs")
  %6 = npir.quantize %5 : tensor<?x2xf32> -> tensor<?x2x!qx> loc("abs.quantize")
  %7 = npir.dequantize %6 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("abs.dequantize")
  return %7 : tensor<?x2xf32>
} loc(unknown)
