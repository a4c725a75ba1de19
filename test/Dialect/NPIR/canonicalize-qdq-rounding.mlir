// RUN: npir-opt %s --npir-canonicalize-qdq=explain -o %t 2>&1 | FileCheck %s --check-prefix=TOLD
// RUN: FileCheck %s --check-prefixes=CHECK,EXACT < %t
// RUN: npir-opt %s "--npir-canonicalize-qdq=allow-rounding explain" -o %t 2>&1 | FileCheck %s --check-prefix=TOLD-ROUND
// RUN: FileCheck %s --check-prefixes=CHECK,ROUND < %t

// What only an option allows, for it changes numbers within a step.

!qa = !quant.uniform<i8:f32, 0.5>
!qb = !quant.uniform<i8:f32, 0.25>
!u8wide = !quant.uniform<u8:f32, 0.25:1>

// ROUND: !quant.uniform<i8<-127:127>:f32, 5.000000e-01>

// TOLD: remark: @twice: 2 quantize and 2 dequantize ops became 2 and 2: 0 merged, 0 cancelled, 0 pairs placed round layers that move values, 0 activation functions and 0 constants folded, 0 roundings spared
// TOLD-ROUND: remark: @twice: 2 quantize and 2 dequantize ops became 1 and 1: {{.*}}, 1 roundings spared

// Two roundings of one value: one.
// CHECK-LABEL: func.func @twice
func.func @twice(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.tanh
  // EXACT-COUNT-2: npir.quantize
  // ROUND-NEXT: npir.quantize {{.*}} -> tensor<?x2x![[B:.*]]> loc
  // ROUND-NEXT: npir.dequantize
  // ROUND-NEXT: return
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  %1 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q1")
  %2 = npir.dequantize %1 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d1")
  %3 = npir.quantize %2 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("q2")
  %4 = npir.dequantize %3 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("d2")
  return %4 : tensor<?x2xf32>
}

// An order is kept.
// CHECK-LABEL: func.func @requested
func.func @requested(%x: tensor<?x2xf32> loc("x0")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-COUNT-2: npir.quantize
  %1 = npir.quantize %x {requested} : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q10")
  %2 = npir.dequantize %1 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d10")
  %3 = npir.quantize %2 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("q20")
  %4 = npir.dequantize %3 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("d20")
  return %4 : tensor<?x2xf32>
}

// A result that is read in two types and in float is rounded once: the layer can compute in integers.
// CHECK-LABEL: func.func @shared
func.func @shared(%x: tensor<?x2xf32> loc("x3")) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[T:.*]] = npir.tanh
  // EXACT: return %[[T]],
  // ROUND-NEXT: %[[Q:.*]] = npir.quantize %[[T]]
  // ROUND-NEXT: %[[D:.*]] = npir.dequantize %[[Q]]
  // ROUND-NEXT: %[[Q2:.*]] = npir.quantize %[[D]]
  // ROUND-NEXT: %[[D2:.*]] = npir.dequantize %[[Q2]]
  // ROUND-NEXT: return %[[D]], %[[D]], %[[D2]]
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh3")
  %1 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q3")
  %2 = npir.dequantize %1 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d3")
  %3 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("q4")
  %4 = npir.dequantize %3 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("d4")
  return %0, %2, %4 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// Where a type is missing, mathematics has one: 0 to 1 of a sigmoid.
// CHECK-LABEL: func.func @fixed_range
func.func @fixed_range(%x: tensor<?x2xf32> loc("x5")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[S:.*]] = npir.sigmoid
  // ROUND-NEXT: %[[Q:.*]] = npir.quantize %[[S]] : {{.*}} -> tensor<?x2x![[FIXED:.*]]> loc
  // ROUND-NEXT: %[[D:.*]] = npir.dequantize %[[Q]]
  // ROUND-NEXT: npir.mul %arg0, %[[D]]
  // EXACT-NEXT: npir.mul %arg0, %[[S]]
  %0 = npir.sigmoid %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("sigmoid5")
  %1 = npir.mul %x, %0 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("mul5")
  return %1 : tensor<?x2xf32>
}

// A weight that 8 bits round zero point 0 cannot hold is rounded to twice the scale: -0.25, 63.5, 0 and 0.25.
// CHECK-LABEL: func.func @weight
func.func @weight(%x: tensor<?x2xf32> loc("x6")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // EXACT-NEXT: npir.constant dense<{{\[\[}}0, -1], [1, 2]]>
  // ROUND-NEXT: npir.constant dense<{{\[\[}}0, 127], [0, 0]]> : tensor<2x2xi8> as tensor<2x2x!qt{{[0-9]*}}>
  %w = npir.constant dense<[[0, -1], [1, 2]]> : tensor<2x2xi8> as tensor<2x2x!u8wide> loc("w6")
  %0 = npir.dequantize %w : tensor<2x2x!u8wide> -> tensor<2x2xf32> loc("w6.dequantize")
  %1 = npir.linear %x, %0 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc6")
  return %1 : tensor<?x2xf32>
}
