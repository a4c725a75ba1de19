// RUN: not npir-opt %s --npir-insert-qdq 2>&1 | FileCheck %s

// CHECK: error: layer 'input': expected a resolved type of tensor 'input:0', got none; run --npir-attach-calibration first
func.func @f(%x: tensor<?x2xf32> loc("input")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
  %0 = npir.observe %x {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("input.observe")
  return %0 : tensor<?x2xf32>
}
