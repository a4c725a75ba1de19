// RUN: npir-opt %s --npir-canonicalize-qdq | FileCheck %s
// RUN: npir-opt %s --npir-canonicalize-qdq --npir-canonicalize-qdq | FileCheck %s

// Relu and clamp go into the layer before, or into the rounding that implies them.

!qa = !quant.uniform<i8:f32, 0.5:-128>
!qb = !quant.uniform<i8:f32, 0.25>

// Into the layer, also if a pair of the type of the result is between: rounding first changes nothing.
// CHECK-LABEL: func.func @fused
func.func @fused(%x: tensor<?x2xf32> loc("x")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[A:.*]] = npir.add %arg0, %arg0 {clamp_min = 0.000000e+00 : f32} {{.*}} loc([[LOC:#.*]])
  // CHECK-NEXT: npir.quantize %[[A]] : {{.*}} -> tensor<?x2x!
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: %[[B:.*]] = npir.sub %arg0, %arg0 {clamp_max = 6.000000e+00 : f32, clamp_min = 0.000000e+00 : f32}
  // CHECK-NEXT: npir.quantize %[[B]] {requested}
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: return
  %0 = npir.add %x, %x : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("add")
  %1 = npir.relu %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu")
  %2 = npir.quantize %1 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("relu.quantize")
  %3 = npir.dequantize %2 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("relu.dequantize")
  %4 = npir.sub %x, %x : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sub")
  %5 = npir.quantize %4 {requested} : tensor<?x2xf32> -> tensor<?x2x!qb> loc("sub.quantize")
  %6 = npir.dequantize %5 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("sub.dequantize")
  %7 = npir.clamp %6 {min = 0.0 : f32, max = 6.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu6")
  %8 = npir.quantize %7 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("relu6.quantize")
  %9 = npir.dequantize %8 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("relu6.dequantize")
  return %3, %9 : tensor<?x2xf32>, tensor<?x2xf32>
}

// Not through a pair of another type, nor where the layer is read without it, too.
// CHECK-LABEL: func.func @kept
func.func @kept(%x: tensor<?x2xf32> loc("x1")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK: npir.relu
  // CHECK: npir.clamp
  %4 = npir.sub %x, %x : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sub1")
  %5 = npir.quantize %4 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("sub1.quantize")
  %6 = npir.dequantize %5 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("sub1.dequantize")
  %7 = npir.relu %6 : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu1")
  %8 = npir.quantize %7 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("relu1.quantize")
  %9 = npir.dequantize %8 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("relu1.dequantize")
  %10 = npir.add %x, %x : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("add1")
  %11 = npir.clamp %10 {min = 0.0 : f32, max = 6.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu61")
  %12 = npir.mul %10, %11 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("mul1")
  return %9, %12 : tensor<?x2xf32>, tensor<?x2xf32>
}

// A grid from 0 on has no number below: the relu goes, and the quantize becomes an order, for it is the relu now. So does one that
// reads numbers of such a grid.
// CHECK-LABEL: func.func @implied
func.func @implied(%x: tensor<?x2xf32> loc("x2"), %y: tensor<?x2xf32> loc("y2")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.quantize %arg0 {requested}
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.quantize %arg1 {requested}
  // CHECK-NEXT: %[[Y:.*]] = npir.dequantize
  // CHECK-NEXT: npir.tanh %[[Y]]
  // CHECK-NEXT: return
  %0 = npir.relu %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu2")
  %1 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("relu2.quantize")
  %2 = npir.dequantize %1 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("relu2.dequantize")
  %3 = npir.quantize %y : tensor<?x2xf32> -> tensor<?x2x!qa> loc("y2.quantize")
  %4 = npir.dequantize %3 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("y2.dequantize")
  %5 = npir.relu %4 : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu3")
  %6 = npir.tanh %5 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh2")
  return %2, %6 : tensor<?x2xf32>, tensor<?x2xf32>
}

// CHECK: [[LOC]] = loc(fused[#
