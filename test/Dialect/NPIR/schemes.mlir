// RUN: split-file %s %t
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=%t/mixed.yaml" 2>&1 | FileCheck %s --check-prefix=OBSERVED --implicit-check-not=warning
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=%t/mixed.yaml" --npir-attach-calibration --npir-insert-qdq --npir-canonicalize-qdq \
// RUN:   --npir-partition=targets=xnnpack --npir-verify-contract -o %t/qdq.mlir
// RUN: FileCheck %s --check-prefix=QDQ --input-file=%t/qdq.mlir
// RUN: npir-opt %t/qdq.mlir --npir-fold-qdq=strict --npir-verify-contract 2>&1 | FileCheck %s --check-prefix=INTEGER
// RUN: npir-opt %t/qdq.mlir --npir-fold-qdq --npir-report-coverage -o /dev/null | FileCheck %s --check-prefix=COVERAGE
// RUN: npir-opt %t/qdq.mlir --npir-fold-qdq --convert-npir-to-xnn --npir-verify-contract | FileCheck %s --check-prefix=XNN
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=%t/mixed.yaml explain=-" -o /dev/null | FileCheck %s --check-prefix=EXPLAIN

// Every scheme in one network, and none of them needs data. What two layers read is rounded row by row once.
// OBSERVED: id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_row #npir.minmax>
// OBSERVED: id = "w1:0"{{.*}}spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>
// OBSERVED: id = "w2:0"{{.*}}spec = #npir.spec<i4 symmetric narrow per_group<1, 32> #npir.minmax>
// OBSERVED: id = "w3:0"{{.*}}spec = #npir.spec<i4 symmetric narrow per_channel<0> #npir.minmax>
// OBSERVED: id = "fc1:0", role = #npir.role<activation>, spec = #npir.spec<none>
// OBSERVED: id = "sum:0"{{.*}}spec = #npir.spec<none>
// OBSERVED: id = "fc3:0"{{.*}}spec = #npir.spec<none>

// QDQ: %[[ROWS:.*]] = npir.dynamic_quantize %arg0
// QDQ: %[[W2:.*]] = npir.constant {{.*}} : {{.*}} as tensor<2x64x!qt{{.*}}> loc(#loc{{.*}})
// QDQ: %[[S2:.*]] = npir.constant {{.*}} : tensor<2x2xf32>
// QDQ: %[[D2:.*]] = npir.dequantize_groups %[[W2]], %[[S2]]
// QDQ: npir.linear %[[ROWS]]
// QDQ: npir.linear %[[ROWS]], %[[D2]]
// QDQ: npir.add
// QDQ-NOT: npir.dynamic_quantize
// QDQ: npir.tanh

// INTEGER: %[[W3:.*]] = npir.dequantize
// INTEGER: %[[FC1:.*]] = npir.dynamic_linear %arg0, %{{.*}}, %{{.*}} : (tensor<?x64xf32>, tensor<2x64x!qt{{.*}}>, tensor<2x1xf32>)
// INTEGER: %[[FC2:.*]] = npir.dynamic_linear %arg0, %{{.*}}, %{{.*}}, %{{.*}} {clamp_min = 0.{{.*}}} : (tensor<?x64xf32>, tensor<2x64x!qt{{.*}}>, tensor<2x2xf32>, tensor<2xf32>)
// INTEGER: npir.add %[[FC1]], %[[FC2]]
// INTEGER: npir.linear %{{.*}}, %[[W3]] {npir.float_reason = "its result is not quantized; its weights are stored as integers"}

// COVERAGE: fc1 {{.*}} W8A8d {{.*}} npir.dynamic_linear
// COVERAGE: fc2 {{.*}} W4g32A8d {{.*}} npir.dynamic_linear
// COVERAGE: fc3 {{.*}} W4A32 {{.*}} npir.linear: its result is not quantized; its weights are stored as integers
// COVERAGE: in integers: 98.46 % of the MACs of layers with weights, 98.46 % of all MACs, 100.00 % of the weights

// XNN: xnn.subgraph
// XNN-DAG: xnn.hybrid_fully_connected {{.*}} {dynamic} : (tensor<?x64xf32>, tensor<2x64x!qt{{.*}}>, tensor<2x1xf32>)
// XNN-DAG: xnn.hybrid_fully_connected {{.*}} {dynamic, output_min = 0.{{.*}}} : (tensor<?x64xf32>, tensor<2x64x!qt{{.*}}>, tensor<2x2xf32>, tensor<2xf32>)
// XNN: xnn.hybrid_fully_connected %{{[^{]*}} : (tensor<?x2xf32>, tensor<2x2x!qt{{.*}}>, tensor<2x1xf32>)

// EXPLAIN: x:0: activation of input
// EXPLAIN-NEXT: int8 affine per_row (by default)
// EXPLAIN: fc1:0: activation of linear
// EXPLAIN: float, since no linear layer or pointwise convolution reads it

//--- mixed.yaml
version: 1
default:
  activation: {dynamic: true}
rules:
  - match: {layer: fc2}
    weight: {bits: 4, granularity: per_group, group_size: 32}
  - match: {layer: fc3}
    weight: {bits: 4}
  - match: {layer: tanh}
    activation: none
//--- net.mlir
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @main(%x: tensor<?x64xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w1 = npir.constant dense<0.5> : tensor<2x64xf32> loc("w1")
  %w2 = npir.constant dense<0.25> : tensor<2x64xf32> loc("w2")
  %b2 = npir.constant dense<1.0> : tensor<2xf32> loc("b2")
  %w3 = npir.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("w3")
  %0 = npir.linear %x, %w1 : (tensor<?x64xf32>, tensor<2x64xf32>) -> tensor<?x2xf32> loc("fc1")
  %1 = npir.linear %x, %w2, %b2 {clamp_min = 0.0 : f32} : (tensor<?x64xf32>, tensor<2x64xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc2")
  %2 = npir.add %0, %1 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sum")
  %3 = npir.tanh %2 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  %4 = npir.linear %3, %w3 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc3")
  return %4 : tensor<?x2xf32> loc("return")
}
}
