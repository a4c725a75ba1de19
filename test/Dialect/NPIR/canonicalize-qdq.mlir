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
