// RUN: npir-opt %s --npir-canonicalize-qdq | FileCheck %s

!qa = !quant.uniform<i8:f32, 0.5:-128>
!qb = !quant.uniform<i8:f32, 0.25>

// The same pair a second time, a pair round a removed op, and a dead pair.
// CHECK-LABEL: func.func @example(
// CHECK-SAME:    %[[X:[^:]*]]
func.func @example(%x: tensor<?x2xf32> loc("input")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[X]]
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Q]]
  // CHECK-NEXT: %[[T:.*]] = npir.tanh %[[D]]
  // CHECK-NEXT: return %[[T]], %[[D]]
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q1")
  %1 = npir.dequantize %0 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d1")
  %2 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q2")
  %3 = npir.dequantize %2 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d2")
  %4 = npir.quantize %3 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q3")
  %5 = npir.dequantize %4 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d3")
  %6 = npir.tanh %1 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  %7 = npir.quantize %6 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("q4")
  %8 = npir.dequantize %7 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("d4")
  return %6, %5 : tensor<?x2xf32>, tensor<?x2xf32>
}

// What the configuration names stays named, whichever of equal ones is kept.
// CHECK-LABEL: func.func @requested
func.func @requested(%x: tensor<?x2xf32> loc("input4")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.quantize %{{.*}} {requested}
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: return
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q9")
  %1 = npir.dequantize %0 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d9")
  %2 = npir.quantize %x {requested} : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q10")
  %3 = npir.dequantize %2 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d10")
  return %1, %3 : tensor<?x2xf32>, tensor<?x2xf32>
}

// Quantizing is no identity: the pair stays, and so does a change of type.
// CHECK-LABEL: func.func @kept
func.func @kept(%x: tensor<?x2xf32> loc("input2")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-COUNT-2: npir.dequantize
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q5")
  %1 = npir.dequantize %0 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d5")
  %2 = npir.quantize %1 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("q6")
  %3 = npir.dequantize %2 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("d6")
  return %3 : tensor<?x2xf32>
}

// With such a scale the real value overflows: no round trip.
// CHECK-LABEL: func.func @overflow
func.func @overflow(%x: tensor<?x2xf32> loc("input3")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-COUNT-2: npir.quantize
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!quant.uniform<i8:f32, 1.0e38>> loc("q7")
  %1 = npir.dequantize %0 : tensor<?x2x!quant.uniform<i8:f32, 1.0e38>> -> tensor<?x2xf32> loc("d7")
  %2 = npir.quantize %1 : tensor<?x2xf32> -> tensor<?x2x!quant.uniform<i8:f32, 1.0e38>> loc("q8")
  %3 = npir.dequantize %2 : tensor<?x2x!quant.uniform<i8:f32, 1.0e38>> -> tensor<?x2xf32> loc("d8")
  return %3 : tensor<?x2xf32>
}

// Equal numbers in other integers are equal: the same type but for how far its integers are moved.
// CHECK-LABEL: func.func @moved_integers
func.func @moved_integers(%x: tensor<?x2xf32> loc("input5")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.quantize
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize
  // CHECK-NEXT: return %[[D]], %[[D]]
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q11")
  %1 = npir.dequantize %0 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d11")
  %2 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!quant.uniform<u8:f32, 0.5>> loc("q12")
  %3 = npir.dequantize %2 : tensor<?x2x!quant.uniform<u8:f32, 0.5>> -> tensor<?x2xf32> loc("d12")
  %4 = npir.quantize %3 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q13")
  %5 = npir.dequantize %4 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d13")
  return %1, %5 : tensor<?x2xf32>, tensor<?x2xf32>
}

// What a layer moves is on the grid of an order still: a second order is none. Behind a rounding that could go it is one.
// CHECK-LABEL: func.func @fulfilled
func.func @fulfilled(%x: tensor<?x2x2xf32> loc("input6"), %y: tensor<?x2x2xf32> loc("input7")) -> (tensor<?x4xf32>, tensor<?x4xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.quantize %arg0 {requested}
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.reshape
  // CHECK-NEXT: npir.quantize %{{[0-9]*}} : tensor<?x4xf32>
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.quantize %arg1 : tensor<?x2x2xf32>
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.reshape
  // CHECK-NEXT: npir.quantize %{{[0-9]*}} {requested}
  %0 = npir.quantize %x {requested} : tensor<?x2x2xf32> -> tensor<?x2x2x!qa> loc("q14")
  %1 = npir.dequantize %0 : tensor<?x2x2x!qa> -> tensor<?x2x2xf32> loc("d14")
  %2 = npir.reshape %1 : tensor<?x2x2xf32> -> tensor<?x4xf32> loc("flat14")
  %3 = npir.quantize %2 {requested} : tensor<?x4xf32> -> tensor<?x4x!qa> loc("q15")
  %4 = npir.dequantize %3 : tensor<?x4x!qa> -> tensor<?x4xf32> loc("d15")
  %5 = npir.quantize %y : tensor<?x2x2xf32> -> tensor<?x2x2x!qa> loc("q16")
  %6 = npir.dequantize %5 : tensor<?x2x2x!qa> -> tensor<?x2x2xf32> loc("d16")
  %7 = npir.reshape %6 : tensor<?x2x2xf32> -> tensor<?x4xf32> loc("flat16")
  %8 = npir.quantize %7 {requested} : tensor<?x4xf32> -> tensor<?x4x!qa> loc("q17")
  %9 = npir.dequantize %8 : tensor<?x4x!qa> -> tensor<?x4xf32> loc("d17")
  return %4, %9 : tensor<?x4xf32>, tensor<?x4xf32>
}

// At the boundary the integers are fixed: what moves them for a target that has only signed ones stays, and what the caller gets, too.
// CHECK-LABEL: func.func @boundary
func.func @boundary(%x: tensor<?x2x!quant.uniform<u8:f32, 0.5>> loc("input8"), %y: tensor<?x2xf32> loc("input9")) -> (tensor<?x2xf32>, tensor<?x2x!quant.uniform<u8:f32, 0.5>>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.dequantize %arg0
  // CHECK-NEXT: npir.quantize
  // CHECK-NEXT: %[[X:.*]] = npir.dequantize
  // CHECK-NEXT: npir.tanh %[[X]]
  // CHECK-NEXT: npir.quantize %arg1
  // CHECK-NEXT: npir.quantize %arg1
  // CHECK-NEXT: npir.dequantize
  %0 = npir.dequantize %x : tensor<?x2x!quant.uniform<u8:f32, 0.5>> -> tensor<?x2xf32> loc("d18")
  %1 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q19")
  %2 = npir.dequantize %1 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d19")
  %3 = npir.tanh %2 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh19")
  %4 = npir.quantize %y : tensor<?x2xf32> -> tensor<?x2x!quant.uniform<u8:f32, 0.5>> loc("q20")
  %5 = npir.quantize %y : tensor<?x2xf32> -> tensor<?x2x!qa> loc("q21")
  %6 = npir.dequantize %5 : tensor<?x2x!qa> -> tensor<?x2xf32> loc("d21")
  return %3, %4, %6 : tensor<?x2xf32>, tensor<?x2x!quant.uniform<u8:f32, 0.5>>, tensor<?x2xf32>
}
