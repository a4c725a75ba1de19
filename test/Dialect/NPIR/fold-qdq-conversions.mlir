// RUN: npir-opt %s --npir-fold-qdq --npir-verify-contract 2>&1 | FileCheck %s --implicit-check-not=warning

// Which conversions are left round layers that move values, and between two types.

!qa = !quant.uniform<i8:f32, 0.5>
!qb = !quant.uniform<i8:f32, 0.25>
!i16 = !quant.uniform<i16:f32, 0.5>

// CHECK-DAG: ![[I16:.*]] = !quant.uniform<i16:f32, 5.000000e-01>

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {

// Orders on both sides of a layer that moves values: integers are there anyway, so that it moves them, and each value is converted once.
// CHECK-LABEL: func.func @orders
func.func @orders(%x: tensor<?x2x4xf32> loc("x")) -> tensor<?x8xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: npir.softmax
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize
  // CHECK-NEXT: %[[R:.*]] = npir.reshape %[[Q]] {requant = #npir.requant_copy
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[R]]
  // CHECK-NEXT: npir.softmax %[[D]]
  %0 = npir.softmax %x : tensor<?x2x4xf32> -> tensor<?x2x4xf32> loc("softmax")
  %1 = npir.quantize %0 {requested} : tensor<?x2x4xf32> -> tensor<?x2x4x!qa> loc("softmax.quantize")
  %2 = npir.dequantize %1 : tensor<?x2x4x!qa> -> tensor<?x2x4xf32> loc("softmax.dequantize")
  %3 = npir.reshape %2 : tensor<?x2x4xf32> -> tensor<?x8xf32> loc("flat")
  %4 = npir.quantize %3 {requested} : tensor<?x8xf32> -> tensor<?x8x!qa> loc("flat.quantize")
  %5 = npir.dequantize %4 : tensor<?x8x!qa> -> tensor<?x8xf32> loc("flat.dequantize")
  %6 = npir.softmax %5 : tensor<?x8xf32> -> tensor<?x8xf32> loc("last")
  return %6 : tensor<?x8xf32>
}

// The order of what is repeated holds for all of it: few values are converted.
// CHECK-LABEL: func.func @repeated
func.func @repeated(%x: tensor<1x8xf32> loc("x1")) -> tensor<4x8xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: npir.quantize %arg0 {requested}
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize
  // CHECK-NEXT: %[[B:.*]] = npir.broadcast %[[D]]
  // CHECK-NEXT: npir.softmax %[[B]]
  %0 = npir.quantize %x {requested} : tensor<1x8xf32> -> tensor<1x8x!qa> loc("x1.quantize")
  %1 = npir.dequantize %0 : tensor<1x8x!qa> -> tensor<1x8xf32> loc("x1.dequantize")
  %2 = npir.broadcast %1 : (tensor<1x8xf32>) -> tensor<4x8xf32> loc("many1")
  %3 = npir.quantize %2 {requested} : tensor<4x8xf32> -> tensor<4x8x!qa> loc("many1.quantize")
  %4 = npir.dequantize %3 : tensor<4x8x!qa> -> tensor<4x8xf32> loc("many1.dequantize")
  %5 = npir.softmax %4 : tensor<4x8xf32> -> tensor<4x8xf32> loc("softmax1")
  return %5 : tensor<4x8xf32>
}

// Integers that the target has not are roundings, and of two to the same numbers one is left: the one behind the layer that moves them,
// or the one that is an order.
// CHECK-LABEL: func.func @wide
func.func @wide(%x: tensor<?x2x4xf32> loc("x2"), %y: tensor<?x2x4xf32> loc("y2")) -> (tensor<?x8xf32>, tensor<?x8xf32>) attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: npir.reshape %arg0
  // CHECK-NEXT: npir.quantize %{{.*}} {requested} : {{.*}} -> tensor<?x8x![[I16]]>
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize
  // CHECK-NEXT: npir.quantize %arg1 {requested} : {{.*}} -> tensor<?x2x4x![[I16]]>
  // CHECK-NEXT: %[[E:.*]] = npir.dequantize
  // CHECK-NEXT: %[[R:.*]] = npir.reshape %[[E]]
  // CHECK-NEXT: return %[[D]], %[[R]]
  %0 = npir.quantize %x : tensor<?x2x4xf32> -> tensor<?x2x4x!i16> loc("x2.quantize")
  %1 = npir.dequantize %0 : tensor<?x2x4x!i16> -> tensor<?x2x4xf32> loc("x2.dequantize")
  %2 = npir.reshape %1 : tensor<?x2x4xf32> -> tensor<?x8xf32> loc("flat2")
  %3 = npir.quantize %2 : tensor<?x8xf32> -> tensor<?x8x!i16> loc("flat2.quantize")
  %4 = npir.dequantize %3 : tensor<?x8x!i16> -> tensor<?x8xf32> loc("flat2.dequantize")
  %5 = npir.quantize %y {requested} : tensor<?x2x4xf32> -> tensor<?x2x4x!i16> loc("y2.quantize")
  %6 = npir.dequantize %5 : tensor<?x2x4x!i16> -> tensor<?x2x4xf32> loc("y2.dequantize")
  %7 = npir.reshape %6 : tensor<?x2x4xf32> -> tensor<?x8xf32> loc("flat4")
  %8 = npir.quantize %7 {requested} : tensor<?x8xf32> -> tensor<?x8x!i16> loc("flat4.quantize")
  %9 = npir.dequantize %8 : tensor<?x8x!i16> -> tensor<?x8xf32> loc("flat4.dequantize")
  return %4, %9 : tensor<?x8xf32>, tensor<?x8xf32>
}

// Of two types one behind the other the first is no order, and no layer reads it: only the second is left. A constant is converted now:
// 1.1 is 1.0 in the one type, which is 4 in the other.
// CHECK-LABEL: func.func @other_type
func.func @other_type(%x: tensor<?x2xf32> loc("x3")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: %[[S:.*]] = npir.softmax
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[S]]
  // CHECK-NEXT: %[[C:.*]] = npir.constant dense<[4, 8]> : tensor<2xi8>
  // CHECK-NEXT: npir.add %[[Q]], %[[C]] {requant
  // CHECK-NEXT: npir.dequantize
  %0 = npir.softmax %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("softmax3")
  %1 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("softmax3.quantize")
  %2 = npir.dequantize %1 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("softmax3.dequantize")
  %3 = npir.quantize %2 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("again3.quantize")
  %4 = npir.dequantize %3 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("again3.dequantize")
  %c = npir.constant dense<[1.1, 2.0]> : tensor<2xf32> loc("c3")
  %5 = npir.quantize %c {requested} : tensor<2xf32> -> tensor<2x!qa> loc("c3.quantize")
  %6 = npir.dequantize %5 : tensor<2x!qa> -> tensor<2xf32> loc("c3.dequantize")
  %7 = npir.quantize %6 {requested} : tensor<2xf32> -> tensor<2x!qb> loc("d3.quantize")
  %8 = npir.dequantize %7 : tensor<2x!qb> -> tensor<2xf32> loc("d3.dequantize")
  %9 = npir.add %4, %8 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("sum3")
  %10 = npir.quantize %9 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("sum3.quantize")
  %11 = npir.dequantize %10 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("sum3.dequantize")
  return %11 : tensor<?x2xf32>
}
}
