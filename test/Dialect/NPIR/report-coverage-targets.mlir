// RUN: npir-opt %s --npir-report-coverage=targets=xnnpack -o /dev/null | FileCheck %s
// RUN: npir-opt %s --npir-report-coverage="targets=xnnpack report=%t.json" -o /dev/null
// RUN: FileCheck %s --check-prefix=JSON --input-file=%t.json
// RUN: not npir-opt %s --npir-report-coverage="targets=xnnpack strict report=%t.json" -o /dev/null 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not npir-opt %s --npir-report-coverage="targets=dsp" -o /dev/null 2>&1 | FileCheck %s --check-prefix=TARGET

// Observers between a layer and its weight change nothing.
// RUN: npir-opt %s --npir-insert-observers --npir-report-coverage=targets=xnnpack -o /dev/null | FileCheck %s

// Before calibration: three functions that have no form in 8 bits are three islands, and what crosses their borders is counted.

// TARGET: error: unknown target 'dsp'; expected one of xnnpack
// CHECK: layer
// CHECK-NEXT: fc1 {{.*}}npir.linear; xnnpack: integer
// CHECK-NEXT: soft {{.*}} 1{{ *}}8  npir.softmax; xnnpack: float, xnnpack has no 'npir.softmax' on quantized tensors
// CHECK-NEXT: fc2 {{.*}}npir.linear; xnnpack: integer
// CHECK-NEXT: ratio {{.*}} 2{{ *}}12  npir.div; xnnpack: float, xnnpack has no 'npir.div' on quantized tensors
// CHECK-NEXT: act {{.*}}npir.erf; xnnpack: integer on a kernel of npir
// CHECK-NEXT: soft2 {{.*}} 3{{ *}}4  npir.softmax; xnnpack: float
// CHECK: in integers: 0.00 % of the MACs
// CHECK-NEXT: xnnpack would compute in integers: 100.00 % of the MACs of layers with weights, 100.00 % of all MACs, 3 of 6 layers
// CHECK-NEXT: islands in float: 3, which convert 24 elements per sample

// JSON-DAG: "islands": 3
// JSON-DAG: "converted": 24
// JSON-DAG: "form": "float",
// JSON-DAG: "kernel": "npir",
// JSON-DAG: "reason": "xnnpack has no 'npir.div' on quantized tensors",

// JSON: "mac_share": 0,
// JSON-NEXT: "targets": [
// JSON-NEXT: {
// JSON-NEXT: "layers": 3,
// JSON-NEXT: "mac_share": 1,
// JSON-NEXT: "target": "xnnpack",

// STRICT: error: 3 of 6 layers of @main compute in float:
// STRICT-NEXT: 'soft' ('npir.softmax'): xnnpack has no 'npir.softmax' on quantized tensors
// STRICT-NEXT: 'ratio' ('npir.div'): xnnpack has no 'npir.div' on quantized tensors
// STRICT-NEXT: 'soft2' ('npir.softmax'): xnnpack has no 'npir.softmax' on quantized tensors
func.func @main(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0> : tensor<4x4xf32> loc("w")
  %0 = npir.linear %x, %w : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc1")
  %1 = npir.softmax %0 : tensor<?x4xf32> -> tensor<?x4xf32> loc("soft")
  %2 = npir.linear %1, %w : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc2")
  %3 = npir.div %2, %0 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("ratio")
  %4 = npir.erf %3 : tensor<?x4xf32> -> tensor<?x4xf32> loc("act")
  %5 = npir.softmax %4 : tensor<?x4xf32> -> tensor<?x4xf32> loc("soft2")
  return %5 : tensor<?x4xf32>
}
