// RUN: npir-opt %s --npir-report-coverage -o /dev/null | FileCheck %s
// RUN: npir-opt %s --npir-report-coverage=report=%t.json -o /dev/null
// RUN: FileCheck %s --check-prefix=JSON --input-file=%t.json

// Per sample: the linear layers have 4*4*2 = 32 and 4*2*2 = 16 MACs, one of them in integers; the product of activations 4*4*2.
!q = !quant.uniform<i8:f32, 0.5>
!w = !quant.uniform<i8<-127:127>:f32, 0.25>
// CHECK: layer   type  scheme        MACs     weights  island  converted  op
// CHECK-NEXT: fc1     i8    W8A8            32           8                     npir.linear
// CHECK-NEXT: q       i8    A8               0           0                     npir.slice
// CHECK-NEXT: logits  f32                   32           0       1          8  npir.matmul: xnnpack has no 'npir.matmul' on quantized tensors
// CHECK-NEXT: fc2     f32                   32           8       1          0  npir.linear: its operand 'logits:0' is not quantized
// CHECK-NEXT: in integers: 50.00 % of the MACs of layers with weights, 33.33 % of all MACs, 50.00 % of the weights, 2 of 4 layers
// CHECK-NEXT: islands in float: 1, which convert 8 elements per sample
// JSON-DAG: "mac_share": 0.5,
// JSON-DAG: "total_mac_share": 0.33333333333333331,
// JSON-DAG: "weight_share": 0.5
// JSON-DAG: "float_reason": "xnnpack has no 'npir.matmul' on quantized tensors",
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @main(%x: tensor<?x4x2x!q> loc("x")) -> tensor<?x4x2xf32> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  %w = npir.constant dense<1> : tensor<4x2xi8> as tensor<4x2x!w> loc("w")
  %0 = npir.linear %x, %w {requant = #npir.requant_f32<multipliers = [0.25], min = -128, max = 127>} : (tensor<?x4x2x!q>, tensor<4x2x!w>) -> tensor<?x4x4x!q> loc("fc1")
  %1 = npir.slice %0 {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, 4, 2>, requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x4x4x!q> -> tensor<?x4x2x!q> loc("q")
  %2 = npir.dequantize %1 : tensor<?x4x2x!q> -> tensor<?x4x2xf32> loc("q.dequantize")
  %3 = npir.matmul %2, %2 {transpose_rhs, npir.float_reason = "xnnpack has no 'npir.matmul' on quantized tensors"} : (tensor<?x4x2xf32>, tensor<?x4x2xf32>) -> tensor<?x4x4xf32> loc("logits")
  %v = npir.constant dense<1.0> : tensor<2x4xf32> loc("v")
  %4 = npir.linear %3, %v {npir.float_reason = "its operand 'logits:0' is not quantized"} : (tensor<?x4x4xf32>, tensor<2x4xf32>) -> tensor<?x4x2xf32> loc("fc2")
  return %4 : tensor<?x4x2xf32>
}
}
