// RUN: npir-opt %s --npir-canonicalize-qdq | FileCheck %s
// RUN: npir-opt %s --npir-canonicalize-qdq --npir-canonicalize-qdq | FileCheck %s

// Constants: weights become integers that targets can take, and what moves them is done now.

!qx = !quant.uniform<i8:f32, 0.5>
!qw = !quant.uniform<i8:f32, 0.25>
!u8 = !quant.uniform<u8:f32, 0.25:100>
!u8wide = !quant.uniform<u8:f32, 0.25:10>
!rows = !quant.uniform<i8:f32:1, {0.25, 0.5}>
!empty = !quant.uniform<i8:f32:0, {0.25, 1.0e-9}>
!tiny = !quant.uniform<i8:f32:0, {0.25, 1.0e-9}>

// CHECK-DAG: ![[QW:.*]] = !quant.uniform<i8:f32, 2.500000e-01>
// CHECK-DAG: ![[ROWS:.*]] = !quant.uniform<i8:f32:0, {2.500000e-01,5.000000e-01}>
// CHECK-DAG: ![[WIDE:.*]] = !quant.uniform<u8:f32, 2.500000e-01:10>
// CHECK-DAG: ![[FULL:.*]] = !quant.uniform<i8:f32:0, {2.500000e-01,2.500000e-01}>
// CHECK-DAG: ![[TINY:.*]] = !quant.uniform<i8:f32:0, {2.500000e-01,1.000000e-09}>

// A weight that is quantized in the network is stored. It rounds to even after a product with 1 / scale, as the quantize does. A constant
// activation waits for --npir-fold-qdq.
// CHECK-LABEL: func.func @stored
func.func @stored(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[W:.*]] = npir.constant dense<{{\[\[}}0, 2], [127, -128]]> : tensor<2x2xi8> as tensor<2x2x![[QW]]> loc([[LOC:#.*]])
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[W]]
  // CHECK-NEXT: %[[Y:.*]] = npir.linear %arg0, %[[D]]
  // CHECK-NEXT: %[[C:.*]] = npir.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK-NEXT: npir.quantize %[[C]]
  %w = npir.constant dense<[[0.125, 0.375], [100.0, -100.0]]> : tensor<2x2xf32> loc("w")
  %0 = npir.quantize %w : tensor<2x2xf32> -> tensor<2x2x!qw> loc("w.quantize")
  %1 = npir.dequantize %0 : tensor<2x2x!qw> -> tensor<2x2xf32> loc("w.dequantize")
  %2 = npir.linear %x, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
  %c = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("c")
  %3 = npir.quantize %c : tensor<2xf32> -> tensor<2x!qw> loc("c.quantize")
  %4 = npir.dequantize %3 : tensor<2x!qw> -> tensor<2xf32> loc("c.dequantize")
  %5 = npir.add %2, %4 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("add")
  return %5 : tensor<?x2xf32>
}

// What a layer reads in float, whatever it computes in, is a float constant.
// CHECK-LABEL: func.func @parameter
func.func @parameter(%x: tensor<?x2xf32> loc("x4")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[S:.*]] = npir.constant dense<[2.500000e-01, 7.500000e-01]> : tensor<2xf32>
  // CHECK-NEXT: %[[O:.*]] = npir.constant dense<[0.000000e+00, 5.000000e-01]> : tensor<2xf32>
  // CHECK-NEXT: npir.layer_norm %arg0, %[[S]], %[[O]]
  %s = npir.constant dense<[1, 3]> : tensor<2xi8> as tensor<2x!qw> loc("s4")
  %0 = npir.dequantize %s : tensor<2x!qw> -> tensor<2xf32> loc("s4.dequantize")
  %o = npir.constant dense<[0.1, 0.4]> : tensor<2xf32> loc("o4")
  %1 = npir.quantize %o : tensor<2xf32> -> tensor<2x!qw> loc("o4.quantize")
  %2 = npir.dequantize %1 : tensor<2x!qw> -> tensor<2xf32> loc("o4.dequantize")
  %3 = npir.layer_norm %x, %0, %2 {epsilon = 1.0e-5 : f32} : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("norm4")
  return %3 : tensor<?x2xf32>
}

// The scales move with their axis: from columns to rows, and through a reshape.
// CHECK-LABEL: func.func @moved
func.func @moved(%x: tensor<?x3xf32> loc("x1")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[W:.*]] = npir.constant dense<{{\[\[}}1, 3, 5], [2, 4, 6]]> : tensor<2x3xi8> as tensor<2x3x![[ROWS]]>
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[W]]
  // CHECK-NEXT: npir.linear %arg0, %[[D]]
  %w = npir.constant dense<[[1, 2], [3, 4], [5, 6]]> : tensor<3x2xi8> as tensor<3x2x!rows> loc("w1")
  %0 = npir.dequantize %w : tensor<3x2x!rows> -> tensor<3x2xf32> loc("w1.dequantize")
  %1 = npir.transpose %0 {perm = array<i64: 1, 0>} : tensor<3x2xf32> -> tensor<2x3xf32> loc("w1.transpose")
  %2 = npir.reshape %1 : tensor<2x3xf32> -> tensor<2x3x1xf32> loc("w1.reshape")
  %3 = npir.reshape %2 : tensor<2x3x1xf32> -> tensor<2x3xf32> loc("w1.back")
  %4 = npir.linear %x, %3 : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32> loc("fc1")
  return %4 : tensor<?x2xf32>
}

// Distances from the zero point where they fit in 8 bits; else the weight stays.
// CHECK-LABEL: func.func @centered
func.func @centered(%x: tensor<?x2xf32> loc("x2")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.constant dense<{{\[\[}}-100, 0], [127, 1]]> : tensor<2x2xi8> as tensor<2x2x![[QW]]>
  // CHECK: npir.constant dense<{{\[\[}}0, 10], [-1, 11]]> : tensor<2x2xi8> as tensor<2x2x![[WIDE]]>
  %w = npir.constant dense<[[0, 100], [-29, 101]]> : tensor<2x2xi8> as tensor<2x2x!u8> loc("w2")
  %0 = npir.dequantize %w : tensor<2x2x!u8> -> tensor<2x2xf32> loc("w2.dequantize")
  %1 = npir.linear %x, %0 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc2")
  %v = npir.constant dense<[[0, 10], [-1, 11]]> : tensor<2x2xi8> as tensor<2x2x!u8wide> loc("v2")
  %2 = npir.dequantize %v : tensor<2x2x!u8wide> -> tensor<2x2xf32> loc("v2.dequantize")
  %3 = npir.linear %x, %2 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fd2")
  return %1, %3 : tensor<?x2xf32>, tensor<?x2xf32>
}

// A channel of zeros has any scale; one with a number in it has its own.
// CHECK-LABEL: func.func @empty_channel
func.func @empty_channel(%x: tensor<?x2xf32> loc("x3")) -> (tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.constant dense<{{\[\[}}1, 2], [0, 0]]> : tensor<2x2xi8> as tensor<2x2x![[FULL]]>
  // CHECK: npir.constant dense<{{\[\[}}1, 2], [0, 1]]> : tensor<2x2xi8> as tensor<2x2x![[TINY]]>
  %w = npir.constant dense<[[1, 2], [0, 0]]> : tensor<2x2xi8> as tensor<2x2x!empty> loc("w3")
  %0 = npir.dequantize %w : tensor<2x2x!empty> -> tensor<2x2xf32> loc("w3.dequantize")
  %1 = npir.linear %x, %0 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc3")
  %v = npir.constant dense<[[1, 2], [0, 1]]> : tensor<2x2xi8> as tensor<2x2x!tiny> loc("v3")
  %2 = npir.dequantize %v : tensor<2x2x!tiny> -> tensor<2x2xf32> loc("v3.dequantize")
  %3 = npir.linear %x, %2 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fd3")
  return %1, %3 : tensor<?x2xf32>, tensor<?x2xf32>
}

// CHECK: [[LOC]] = loc("w")
