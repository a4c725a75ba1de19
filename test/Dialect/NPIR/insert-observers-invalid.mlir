// RUN: split-file %s %t
// RUN: not npir-opt %t/station.mlir --npir-insert-observers 2>&1 | FileCheck %s --check-prefix=STATION
// RUN: not npir-opt %t/unnamed.mlir --npir-insert-observers 2>&1 | FileCheck %s --check-prefix=UNNAMED
// RUN: not npir-opt %t/good.mlir --npir-insert-observers=config=%S/Inputs/unmatched.yaml 2>&1 | FileCheck %s --check-prefix=UNMATCHED
// RUN: not npir-opt %t/good.mlir --npir-insert-observers=config=%S/Inputs/misspelled.yaml 2>&1 | FileCheck %s --check-prefix=MISSPELLED
// RUN: not npir-opt %t/good.mlir --npir-insert-observers=config=%t/missing.yaml 2>&1 | FileCheck %s --check-prefix=MISSING
// RUN: npir-opt %t/shared.mlir --npir-insert-observers=config=%t/shared.yaml 2>&1 | FileCheck %s --check-prefix=SHARED

// STATION: error: expected station 'prepared', got 'float' for function @f; run --npir-prepare first
// UNNAMED: error: expected a layer name on 'npir.tanh'; --npir-prepare gives one to every layer
// UNMATCHED: unmatched.yaml:3:{{[0-9]+}}: error: rule matched nothing: no layer matches 'convv', did you mean 'conv'?
// MISSPELLED: error: {{.*}}misspelled.yaml:3:12: unknown key 'bist' in a weight spec, did you mean 'bits'?
// MISSING: error: {{.*}}missing.yaml: cannot read: no such file or directory
// SHARED: warning: layer 'w': shared weight 'w:0' has several specifications; that of layer 'fc1' is used, not that of 'fc2'
// SHARED: id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric

//--- station.mlir
func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  return %0 : tensor<?x2xf32>
}
//--- unnamed.mlir
func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc(unknown)
  return %0 : tensor<?x2xf32>
}
//--- good.mlir
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("conv")
  return %0 : tensor<?x2xf32>
}
//--- shared.yaml
version: 1
rules:
  - match: {layer: fc2}
    weight: {bits: 4}
//--- shared.mlir
func.func @f(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("w")
  %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc1")
  %1 = npir.linear %0, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc2")
  return %1 : tensor<?x2xf32>
}
