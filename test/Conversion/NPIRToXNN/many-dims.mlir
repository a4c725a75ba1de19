// RUN: npir-opt --convert-npir-to-xnn %s | FileCheck %s

// XNNPACK has six dimensions. Neighbours that a layer treats alike are joined for it; what only moves runs on NPIR's kernels.

// CHECK: #[[IN:.*]] = loc("add.joined0")
// CHECK-LABEL: @joined
func.func @joined(%x: tensor<?x2x2x2x2x3x4xf32> loc("x")) -> tensor<?x2x2x2x2x4x3xf32> attributes {npir.station = #npir.station<prepared>} {
  %c = npir.constant dense<[[[[1.0, 2.0, 3.0, 4.0]]], [[[5.0, 6.0, 7.0, 8.0]]]]> : tensor<2x1x1x4xf32> loc("c")
  // CHECK-NEXT: %[[J:.*]] = npir.reshape %{{.*}} : tensor<?x2x2x2x2x3x4xf32> -> tensor<?x4x2x6x4xf32> loc(#[[IN]])
  // CHECK-NEXT: %[[S:.*]] = xnn.subgraph
  // CHECK-NEXT: %[[C:.*]] = npir.constant {{.*}} : tensor<2x1x4xf32>
  // CHECK-NEXT: xnn.binary add %{{.*}}, %[[C]] : (tensor<?x4x2x6x4xf32>, tensor<2x1x4xf32>) -> tensor<?x4x2x6x4xf32> loc(#[[JOINED:.*]])
  // CHECK: %[[A:.*]] = npir.reshape %[[S]] : tensor<?x4x2x6x4xf32> -> tensor<?x2x2x2x2x3x4xf32> loc(#[[ADD:.*]])
  %0 = npir.add %x, %c : (tensor<?x2x2x2x2x3x4xf32>, tensor<2x1x1x4xf32>) -> tensor<?x2x2x2x2x3x4xf32> loc("add")
  // CHECK-NEXT: npir.transpose %[[A]] {perm = array<i64: 0, 1, 2, 3, 4, 6, 5>}
  %1 = npir.transpose %0 {perm = array<i64: 0, 1, 2, 3, 4, 6, 5>} : tensor<?x2x2x2x2x3x4xf32> -> tensor<?x2x2x2x2x4x3xf32> loc("turned")
  return %1 : tensor<?x2x2x2x2x4x3xf32>
}

// Where too many are left, an operand is repeated first ...
// CHECK-LABEL: @repeated
func.func @repeated(%x: tensor<?x2x2x2x2x2x2xf32> loc("x1")) -> tensor<?x2x2x2x2x2x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %c = npir.constant dense<2.0> : tensor<2x1x2x1x2x1xf32> loc("c1")
  // CHECK-DAG: %[[R:.*]] = npir.broadcast %{{.*}} : (tensor<2x1x2x1x2x1xf32>) -> tensor<1x2x2x2x2x2x2xf32>
  // CHECK-DAG: npir.reshape %[[R]] : tensor<1x2x2x2x2x2x2xf32> -> tensor<1x64xf32>
  // CHECK: xnn.binary multiply {{.*}} -> tensor<?x64xf32>
  // CHECK: npir.reshape {{.*}} -> tensor<?x2x2x2x2x2x2xf32>
  %0 = npir.mul %x, %c : (tensor<?x2x2x2x2x2x2xf32>, tensor<2x1x2x1x2x1xf32>) -> tensor<?x2x2x2x2x2x2xf32> loc("mul")
  return %0 : tensor<?x2x2x2x2x2x2xf32>
}

// ... and what a mean is over comes last.
// CHECK-LABEL: @reduced
func.func @reduced(%x: tensor<?x2x3x2x3x2x3xf32> loc("x2")) -> tensor<?x3x3x3xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK-NEXT: %[[T:.*]] = npir.transpose %{{.*}} {perm = array<i64: 0, 2, 4, 6, 1, 3, 5>}
  // CHECK-NEXT: npir.reshape %[[T]] : tensor<?x3x3x3x2x2x2xf32> -> tensor<?x27x8xf32>
  // CHECK: xnn.static_reduce {{.*}} tensor<?x27x8xf32> -> tensor<?x27xf32>
  // CHECK: xnn.static_reshape {{.*}} : tensor<?x27xf32> -> tensor<?x3x3x3xf32>
  %0 = npir.reduce mean %x {axes = array<i64: 1, 3, 5>} : tensor<?x2x3x2x3x2x3xf32> -> tensor<?x3x3x3xf32> loc("mean")
  return %0 : tensor<?x3x3x3xf32>
}

// A quantized layer keeps its numbers.
!q = !quant.uniform<i8:f32, 0.5>
// CHECK-LABEL: @quantized
func.func @quantized(%x: tensor<?x1x2x1x2x1x2xf32> loc("x3")) -> tensor<?x1x2x1x2x1x2xf32> attributes {npir.station = #npir.station<integer>, npir.target = "xnnpack"} {
  // CHECK-NEXT: npir.reshape %{{.*}} : tensor<?x1x2x1x2x1x2xf32> -> tensor<?x8xf32>
  // CHECK: xnn.unary convert
  %0 = npir.quantize %x : tensor<?x1x2x1x2x1x2xf32> -> tensor<?x1x2x1x2x1x2x!q> loc("x3.quantize")
  // CHECK: npir.reshape %{{.*}} {requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x8x!{{.*}}> -> tensor<?x1x2x1x2x1x2x
  // CHECK: npir.reshape %{{.*}} {requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x1x2x1x2x1x2x{{.*}}> -> tensor<?x8x
  // CHECK: xnn.unary convert {{.*}} -> tensor<?x8xf32>
  // CHECK: npir.reshape {{.*}} -> tensor<?x1x2x1x2x1x2xf32>
  %1 = npir.dequantize %0 : tensor<?x1x2x1x2x1x2x!q> -> tensor<?x1x2x1x2x1x2xf32> loc("x3.dequantize")
  return %1 : tensor<?x1x2x1x2x1x2xf32>
}

// CHECK-DAG: #[[JOINED]] = loc("add.joined")
// CHECK-DAG: #[[ADD]] = loc("add")
