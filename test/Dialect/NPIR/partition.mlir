// RUN: npir-opt %s --npir-partition=targets=xnnpack | FileCheck %s
// RUN: not npir-opt %s --npir-partition 2>&1 | FileCheck %s --check-prefix=NONE
// RUN: not npir-opt %s --npir-partition=targets=xnpack 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not npir-opt %s --npir-partition=targets=xnnpack,xnnpack 2>&1 | FileCheck %s --check-prefix=SEVERAL

// NONE: error: --npir-partition needs targets=NAME, one of xnnpack
// UNKNOWN: error: unknown target 'xnpack', did you mean 'xnnpack'?
// SEVERAL: error: expected one target, got 2: xnnpack, xnnpack; a network runs on one target for now

// CHECK: func.func @example
// CHECK-SAME: npir.station = #npir.station<qdq>, npir.target = "xnnpack"
func.func @example(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  return %0 : tensor<?x2xf32>
}
