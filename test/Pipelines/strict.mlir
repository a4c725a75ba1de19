// RUN: rm -rf %t && mkdir %t
// RUN: %python -c "import numpy as np; np.save('%t/x.npy', np.random.RandomState(0).randn(16, 4).astype(np.float32))"
// RUN: printf 'version: 1\nrules:\n  - match: {op: softmax}\n    activation: none\n' > %t/softmax.yaml
// RUN: not npir-opt %s --npir-quantize-pipeline="data=%t strict quiet" -o %t/strict.mlirbc 2>&1 | FileCheck %s
// RUN: npir-opt %s --npir-quantize-pipeline="data=%t quiet" -o %t/island.mlirbc
// RUN: npir-opt %s --npir-quantize-pipeline="data=%t strict quiet config=%t/softmax.yaml" -o %t/configured.mlirbc

// The whole road: a layer that the target has not in integers is an island; under `strict` it is an error with the list, and passes
// where the configuration leaves it in float.
// CHECK: error: expected a function that target 'xnnpack' computes as configured, got 2 problems in @main; change the configuration, or leave out strict
// CHECK: note: layer 'softmax': 'npir.softmax' stays in float: xnnpack has no 'npir.softmax' on quantized tensors
// CHECK-NEXT: note: layer 'softmax2': 'npir.softmax' stays in float: xnnpack has no 'npir.softmax' on quantized tensors

func.func @main(%x: tensor<?x4xf32> {npir.name = "x"} loc("x")) -> tensor<?x4xf32> attributes {npir.station = #npir.station<float>} {
  %w = npir.constant dense<[[1.0, 0.5, -0.25, 0.1], [0.3, 0.5, -0.25, 0.1], [1.0, 0.5, 0.25, 0.1], [-1.0, 0.5, -0.25, 0.1]]> : tensor<4x4xf32> loc("w")
  %0 = npir.linear %x, %w : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc")
  %1 = npir.softmax %0 : tensor<?x4xf32> -> tensor<?x4xf32> loc("softmax")
  %2 = npir.linear %1, %w : (tensor<?x4xf32>, tensor<4x4xf32>) -> tensor<?x4xf32> loc("fc2")
  %3 = npir.softmax %2 : tensor<?x4xf32> -> tensor<?x4xf32> loc("softmax2")
  return %3 : tensor<?x4xf32>
}
