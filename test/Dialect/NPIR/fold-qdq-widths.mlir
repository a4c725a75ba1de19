// RUN: npir-opt %s --npir-fold-qdq --npir-verify-contract 2>&1 | FileCheck %s --implicit-check-not=warning
// RUN: npir-opt %s --npir-fold-qdq --convert-npir-to-xnn | FileCheck %s --check-prefix=XNN

// Integers that XNNPACK has not. Up to 8 bits fit in its own, with a smaller range where there are fewer bits; wider ones are
// computed in float and rounded, for they come from the configuration: an order.

!u8 = !quant.uniform<u8:f32, 0.5:100>
!u8w = !quant.uniform<u8:f32, 0.25:128>
!i4 = !quant.uniform<i4:f32, 0.5:1>
!i4w = !quant.uniform<i4<-7:7>:f32:0, {0.25, 0.125}>
!i16 = !quant.uniform<i16:f32, 0.5>

// CHECK-DAG: ![[I8:.*]] = !quant.uniform<i8:f32, 5.000000e-01:-28>
// CHECK-DAG: ![[I8W:.*]] = !quant.uniform<i8:f32, 2.500000e-01>
// CHECK-DAG: ![[I4:.*]] = !quant.uniform<i8<-8:7>:f32, 5.000000e-01:1>
// CHECK-DAG: ![[I4W:.*]] = !quant.uniform<i8<-7:7>:f32:0, {2.500000e-01,1.250000e-01}>
// CHECK-DAG: ![[I16:.*]] = !quant.uniform<i16:f32, 5.000000e-01>

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {

// Unsigned: the same real numbers, stored 128 lower.
// CHECK-LABEL: func.func @unsigned
func.func @unsigned(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: npir.quantize %arg0 : tensor<?x2xf32> -> tensor<?x2x![[I8]]>
  // CHECK-NEXT: npir.constant dense<{{\[\[}}-128, 127], [0, 1]]> : tensor<2x2xi8> as tensor<2x2x![[I8W]]> loc(#[[W:.*]])
  %q = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!u8> loc("x.quantize")
  %0 = npir.dequantize %q : tensor<?x2x!u8> -> tensor<?x2xf32> loc("x.dequantize")
  %w = npir.constant dense<[[0, -1], [-128, -127]]> : tensor<2x2xi8> as tensor<2x2x!u8w> loc("w")
  %1 = npir.dequantize %w : tensor<2x2x!u8w> -> tensor<2x2xf32> loc("w.dequantize")
  // CHECK-NEXT: npir.linear {{.*}} {clamp_min = 0.000000e+00 : f32, requant = #npir.requant_f32<multipliers = [2.500000e-01], min = -28, max = 127>} {{.*}} -> tensor<?x2x![[I8]]>
  %2 = npir.linear %0, %1 {clamp_min = 0.0 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("y")
  %q2 = npir.quantize %2 : tensor<?x2xf32> -> tensor<?x2x!u8> loc("y.quantize")
  %3 = npir.dequantize %q2 : tensor<?x2x!u8> -> tensor<?x2xf32> loc("y.dequantize")
  // A pair between layers in float is still none.
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.softmax %
  // CHECK-NEXT: npir.softmax %
  %4 = npir.softmax %3 : tensor<?x2xf32> -> tensor<?x2xf32> loc("s")
  %q4 = npir.quantize %4 : tensor<?x2xf32> -> tensor<?x2x!u8> loc("s.quantize")
  %5 = npir.dequantize %q4 : tensor<?x2x!u8> -> tensor<?x2xf32> loc("s.dequantize")
  %6 = npir.softmax %5 : tensor<?x2xf32> -> tensor<?x2xf32> loc("t")
  return %6 : tensor<?x2xf32>
}

// Four bits: the layer is bounded to [-8, 7], also where it has a bound of its own; a constant is rounded to its width.
// CHECK-LABEL: func.func @four_bits
// XNN-LABEL: func.func @four_bits
func.func @four_bits(%x: tensor<?x2xf32> loc("x1")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-DAG: npir.quantize %arg0 {requested} : tensor<?x2xf32> -> tensor<?x2x![[I4]]>
  // XNN: xnn.unary convert {{.*}} loc([[WHOLE:#.*]])
  // XNN-NEXT: xnn.unary clamp {{.*}} {max = 3.000000e+00 : f32, min = -4.500000e+00 : f32} {{.*}} -> tensor<?x2x!qt
  %q = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!i4> loc("x1.quantize")
  %0 = npir.dequantize %q : tensor<?x2x!i4> -> tensor<?x2xf32> loc("x1.dequantize")
  // CHECK-DAG: npir.constant dense<{{\[\[}}-7, 7], [0, 1]]> : tensor<2x2xi8> as tensor<2x2x![[I4W]]>
  %w = npir.constant dense<[[-7, 7], [0, 1]]> : tensor<2x2xi8> as tensor<2x2x!i4w> loc("w1")
  %1 = npir.dequantize %w : tensor<2x2x!i4w> -> tensor<2x2xf32> loc("w1.dequantize")
  // CHECK-DAG: npir.linear {{.*}}requant = #npir.requant_f32<multipliers = [2.500000e-01, 1.250000e-01], min = -8, max = 5>{{.*}} -> tensor<?x2x![[I4]]>
  // XNN: xnn.fully_connected {{.*}}output_max = 2.000000e+00 : f32, output_min = -4.500000e+00 : f32
  %2 = npir.linear %0, %1 {clamp_max = 2.0 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("y1")
  %q2 = npir.quantize %2 : tensor<?x2xf32> -> tensor<?x2x!i4> loc("y1.quantize")
  %3 = npir.dequantize %q2 : tensor<?x2x!i4> -> tensor<?x2xf32> loc("y1.dequantize")
  // 100 becomes 7, which stands for 3.
  // CHECK-DAG: npir.constant dense<[3, 7]> : tensor<2xi8> as tensor<2x![[I4]]>
  %c = npir.constant dense<[1.0, 100.0]> : tensor<2xf32> loc("c1")
  %q4 = npir.quantize %c : tensor<2xf32> -> tensor<2x!i4> loc("c1.quantize")
  %4 = npir.dequantize %q4 : tensor<2x!i4> -> tensor<2xf32> loc("c1.dequantize")
  // CHECK-DAG: npir.add {{.*}} min = -8, max = 7>} {{.*}} -> tensor<?x2x![[I4]]>
  %5 = npir.add %3, %4 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("a1")
  %q5 = npir.quantize %5 : tensor<?x2xf32> -> tensor<?x2x!i4> loc("a1.quantize")
  %6 = npir.dequantize %q5 : tensor<?x2x!i4> -> tensor<?x2xf32> loc("a1.dequantize")
  // Between layers in float the order holds.
  // CHECK: npir.softmax %
  // CHECK-NEXT: npir.quantize %{{.*}} {requested} : tensor<?x2xf32> -> tensor<?x2x![[I4]]>
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.softmax %
  %7 = npir.softmax %6 : tensor<?x2xf32> -> tensor<?x2xf32> loc("s1")
  %q7 = npir.quantize %7 : tensor<?x2xf32> -> tensor<?x2x!i4> loc("s1.quantize")
  %8 = npir.dequantize %q7 : tensor<?x2x!i4> -> tensor<?x2xf32> loc("s1.dequantize")
  %9 = npir.softmax %8 : tensor<?x2xf32> -> tensor<?x2xf32> loc("t1")
  return %3, %9 : tensor<?x2xf32>, tensor<?x2xf32>
}

// Sixteen bits between layers in float.
// CHECK-LABEL: func.func @sixteen_bits
// XNN-LABEL: func.func @sixteen_bits
func.func @sixteen_bits(%x: tensor<?x2xf32> loc("x2")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %0 = npir.softmax %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("s2")
  // CHECK: npir.quantize %{{.*}} {requested} : tensor<?x2xf32> -> tensor<?x2x![[I16]]>
  // CHECK-NEXT: npir.dequantize
  // XNN: npir.round_to_grid %{{.*}} {axis = -1 : i64, max = 32767 : i64, min = -32768 : i64, scales = array<f32: 5.000000e-01>, zero_points = array<i64: 0>}
  // XNN-NEXT: xnn.subgraph(%{{.*}}: tensor<?x2xf32> loc("s2.dequantize") =
  %q0 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!i16> loc("s2.quantize")
  %1 = npir.dequantize %q0 : tensor<?x2x!i16> -> tensor<?x2xf32> loc("s2.dequantize")
  %2 = npir.softmax %1 : tensor<?x2xf32> -> tensor<?x2xf32> loc("t2")
  return %2 : tensor<?x2xf32>
}
}
// CHECK: #[[W]] = loc("w")
// XNN: [[WHOLE]] = loc("x1.quantize.whole"
