// RUN: npir-opt %s --npir-fold-qdq --npir-verify-contract 2>&1 | FileCheck %s --implicit-check-not=warning
// RUN: not npir-opt %s --npir-fold-qdq=strict -o /dev/null 2>&1 | FileCheck %s --check-prefix=STRICT

// Under `strict` a layer that is configured for integers, and that the target has in float only, is an error; all are told at once.
// STRICT: error: expected a function that target 'xnnpack' computes as configured, got 3 problems in @attention; change the configuration, or leave out strict
// STRICT: note: layer 'logits': 'npir.matmul' stays in float: xnnpack has no 'npir.matmul' on quantized tensors
// STRICT-NEXT: note: layer 'softmax': 'npir.softmax' stays in float: xnnpack has no 'npir.softmax' on quantized tensors
// STRICT-NEXT: note: layer 'attention': 'npir.matmul' stays in float: xnnpack has no 'npir.matmul' on quantized tensors

// Where the target computes in float: which pairs go and which stay, and what moves integers.

!qx = !quant.uniform<i8:f32, 0.5>
!qp = !quant.uniform<i8:f32, 0.00390625:-128>
!qw = !quant.uniform<i8<-127:127>:f32, 0.25>

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {

// Copies next to an integer layer move integers, between it and the float layers: behind the first linear layer, and before the
// last. No pair is left between matmul, softmax and matmul; nothing is told of them.
// CHECK-LABEL: func.func @attention
func.func @attention(%x: tensor<?x4x4xf32> loc("x")) -> tensor<?x4x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: npir.quantize %arg0
  %qx = npir.quantize %x : tensor<?x4x4xf32> -> tensor<?x4x4x!qx> loc("x.quantize")
  %0 = npir.dequantize %qx : tensor<?x4x4x!qx> -> tensor<?x4x4xf32> loc("x.dequantize")
  %w = npir.constant dense<1> : tensor<6x4xi8> as tensor<6x4x!qw> loc("qkv.weight")
  %1 = npir.dequantize %w : tensor<6x4x!qw> -> tensor<6x4xf32> loc("qkv.weight.dequantize")
  // CHECK: npir.linear {{.*}} -> tensor<?x4x6x!qt
  %2 = npir.linear %0, %1 : (tensor<?x4x4xf32>, tensor<6x4xf32>) -> tensor<?x4x6xf32> loc("qkv")
  %q2 = npir.quantize %2 : tensor<?x4x6xf32> -> tensor<?x4x6x!qx> loc("qkv.quantize")
  %3 = npir.dequantize %q2 : tensor<?x4x6x!qx> -> tensor<?x4x6xf32> loc("qkv.dequantize")
  // CHECK-NEXT: %[[Q:.*]] = npir.slice {{.*}} requant = #npir.requant_copy{{.*}} -> tensor<?x4x2x!qt
  %4 = npir.slice %3 {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, 4, 2>} : tensor<?x4x6xf32> -> tensor<?x4x2xf32> loc("q")
  %q4 = npir.quantize %4 : tensor<?x4x2xf32> -> tensor<?x4x2x!qx> loc("q.quantize")
  // CHECK-NEXT: %[[DQ:.*]] = npir.dequantize %[[Q]]
  %5 = npir.dequantize %q4 : tensor<?x4x2x!qx> -> tensor<?x4x2xf32> loc("q.dequantize")
  // CHECK-NEXT: %[[K:.*]] = npir.slice {{.*}} requant = #npir.requant_copy
  %6 = npir.slice %3 {offsets = array<i64: 0, 0, 2>, sizes = array<i64: -1, 4, 2>} : tensor<?x4x6xf32> -> tensor<?x4x2xf32> loc("k")
  %q6 = npir.quantize %6 : tensor<?x4x2xf32> -> tensor<?x4x2x!qx> loc("k.quantize")
  %7 = npir.dequantize %q6 : tensor<?x4x2x!qx> -> tensor<?x4x2xf32> loc("k.dequantize")
  // CHECK-NEXT: %[[KT:.*]] = npir.transpose %[[K]] {{.*}} requant = #npir.requant_copy
  %8 = npir.transpose %7 {perm = array<i64: 0, 2, 1>} : tensor<?x4x2xf32> -> tensor<?x2x4xf32> loc("kt")
  %q8 = npir.quantize %8 : tensor<?x2x4xf32> -> tensor<?x2x4x!qx> loc("kt.quantize")
  // CHECK-NEXT: %[[DK:.*]] = npir.dequantize %[[KT]]
  %9 = npir.dequantize %q8 : tensor<?x2x4x!qx> -> tensor<?x2x4xf32> loc("kt.dequantize")
  // CHECK-NEXT: %[[V:.*]] = npir.slice
  %10 = npir.slice %3 {offsets = array<i64: 0, 0, 4>, sizes = array<i64: -1, 4, 2>} : tensor<?x4x6xf32> -> tensor<?x4x2xf32> loc("v")
  %q10 = npir.quantize %10 : tensor<?x4x2xf32> -> tensor<?x4x2x!qx> loc("v.quantize")
  // CHECK-NEXT: %[[DV:.*]] = npir.dequantize %[[V]]
  %11 = npir.dequantize %q10 : tensor<?x4x2x!qx> -> tensor<?x4x2xf32> loc("v.dequantize")
  // CHECK-NEXT: %[[LOGITS:.*]] = npir.matmul %[[DQ]], %[[DK]] {npir.float_reason = "xnnpack has no 'npir.matmul' on quantized tensors"}
  %12 = npir.matmul %5, %9 : (tensor<?x4x2xf32>, tensor<?x2x4xf32>) -> tensor<?x4x4xf32> loc("logits")
  %q12 = npir.quantize %12 : tensor<?x4x4xf32> -> tensor<?x4x4x!qx> loc("logits.quantize")
  %13 = npir.dequantize %q12 : tensor<?x4x4x!qx> -> tensor<?x4x4xf32> loc("logits.dequantize")
  // CHECK-NEXT: %[[P:.*]] = npir.softmax %[[LOGITS]]
  %14 = npir.softmax %13 : tensor<?x4x4xf32> -> tensor<?x4x4xf32> loc("softmax")
  %q14 = npir.quantize %14 : tensor<?x4x4xf32> -> tensor<?x4x4x!qp> loc("softmax.quantize")
  %15 = npir.dequantize %q14 : tensor<?x4x4x!qp> -> tensor<?x4x4xf32> loc("softmax.dequantize")
  // CHECK-NEXT: %[[S:.*]] = npir.matmul %[[P]], %[[DV]]
  %16 = npir.matmul %15, %11 : (tensor<?x4x4xf32>, tensor<?x4x2xf32>) -> tensor<?x4x2xf32> loc("attention")
  // CHECK-NEXT: %[[QS:.*]] = npir.quantize %[[S]]
  %q16 = npir.quantize %16 : tensor<?x4x2xf32> -> tensor<?x4x2x!qx> loc("attention.quantize")
  %17 = npir.dequantize %q16 : tensor<?x4x2x!qx> -> tensor<?x4x2xf32> loc("attention.dequantize")
  // CHECK-NEXT: npir.transpose %[[QS]] {{.*}} requant = #npir.requant_copy
  %18 = npir.transpose %17 {perm = array<i64: 0, 2, 1>} : tensor<?x4x2xf32> -> tensor<?x2x4xf32> loc("turned")
  %q18 = npir.quantize %18 : tensor<?x2x4xf32> -> tensor<?x2x4x!qx> loc("turned.quantize")
  %19 = npir.dequantize %q18 : tensor<?x2x4x!qx> -> tensor<?x2x4xf32> loc("turned.dequantize")
  // CHECK-NEXT: npir.reshape {{.*}} {requant = #npir.requant_copy
  %20 = npir.reshape %19 : tensor<?x2x4xf32> -> tensor<?x4x2xf32> loc("merged")
  %q20 = npir.quantize %20 : tensor<?x4x2xf32> -> tensor<?x4x2x!qx> loc("merged.quantize")
  %21 = npir.dequantize %q20 : tensor<?x4x2x!qx> -> tensor<?x4x2xf32> loc("merged.dequantize")
  %p = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw> loc("proj.weight")
  %22 = npir.dequantize %p : tensor<2x2x!qw> -> tensor<2x2xf32> loc("proj.weight.dequantize")
  // CHECK: npir.linear {{.*}} -> tensor<?x4x2x!qt
  %23 = npir.linear %21, %22 : (tensor<?x4x2xf32>, tensor<2x2xf32>) -> tensor<?x4x2xf32> loc("proj")
  %q23 = npir.quantize %23 : tensor<?x4x2xf32> -> tensor<?x4x2x!qx> loc("proj.quantize")
  // CHECK-NEXT: npir.dequantize
  %24 = npir.dequantize %q23 : tensor<?x4x2x!qx> -> tensor<?x4x2xf32> loc("proj.dequantize")
  return %24 : tensor<?x4x2xf32>
}

// What the configuration names is rounded, though only float layers are there; what it does not name is not.
// CHECK-LABEL: func.func @requested
func.func @requested(%x: tensor<?x4xf32> loc("x1")) -> tensor<?x4xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %0 = npir.quantize %x : tensor<?x4xf32> -> tensor<?x4x!qx> loc("x1.quantize")
  %1 = npir.dequantize %0 : tensor<?x4x!qx> -> tensor<?x4xf32> loc("x1.dequantize")
  // CHECK-NEXT: %[[P:.*]] = npir.softmax %arg0
  %2 = npir.softmax %1 : tensor<?x4xf32> -> tensor<?x4xf32> loc("softmax1")
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[P]] {requested}
  %3 = npir.quantize %2 {requested} : tensor<?x4xf32> -> tensor<?x4x!qp> loc("softmax1.quantize")
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Q]]
  %4 = npir.dequantize %3 : tensor<?x4x!qp> -> tensor<?x4xf32> loc("softmax1.dequantize")
  // CHECK-NEXT: %[[E:.*]] = npir.softmax %[[D]]
  %5 = npir.softmax %4 : tensor<?x4xf32> -> tensor<?x4xf32> loc("softmax2")
  %6 = npir.quantize %5 : tensor<?x4xf32> -> tensor<?x4x!qp> loc("softmax2.quantize")
  %7 = npir.dequantize %6 : tensor<?x4x!qp> -> tensor<?x4xf32> loc("softmax2.dequantize")
  // CHECK-NEXT: return %[[E]]
  return %7 : tensor<?x4xf32>
}

// Copies between float layers only move floats.
// CHECK-LABEL: func.func @float_copies
func.func @float_copies(%x: tensor<?x2x4xf32> loc("x2")) -> tensor<?x8xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: npir.softmax
  %0 = npir.softmax %x : tensor<?x2x4xf32> -> tensor<?x2x4xf32> loc("softmax3")
  %1 = npir.quantize %0 : tensor<?x2x4xf32> -> tensor<?x2x4x!qp> loc("softmax3.quantize")
  %2 = npir.dequantize %1 : tensor<?x2x4x!qp> -> tensor<?x2x4xf32> loc("softmax3.dequantize")
  // CHECK-NEXT: npir.transpose {{.*}} {npir.float_reason = "it moves values between layers in float"
  %3 = npir.transpose %2 {perm = array<i64: 0, 2, 1>} : tensor<?x2x4xf32> -> tensor<?x4x2xf32> loc("turned3")
  %4 = npir.quantize %3 : tensor<?x4x2xf32> -> tensor<?x4x2x!qp> loc("turned3.quantize")
  %5 = npir.dequantize %4 : tensor<?x4x2x!qp> -> tensor<?x4x2xf32> loc("turned3.dequantize")
  // CHECK-NEXT: npir.reshape
  %6 = npir.reshape %5 : tensor<?x4x2xf32> -> tensor<?x8xf32> loc("merged3")
  %7 = npir.quantize %6 : tensor<?x8xf32> -> tensor<?x8x!qp> loc("merged3.quantize")
  %8 = npir.dequantize %7 : tensor<?x8x!qp> -> tensor<?x8xf32> loc("merged3.dequantize")
  // CHECK-NEXT: npir.softmax
  // CHECK-NEXT: return
  %9 = npir.softmax %8 : tensor<?x8xf32> -> tensor<?x8xf32> loc("softmax4")
  return %9 : tensor<?x8xf32>
}

// A value that an integer layer and a float layer read is the same rounded value for both.
// CHECK-LABEL: func.func @one_value
func.func @one_value(%x: tensor<?x4xf32> loc("x4")) -> (tensor<?x4xf32>, tensor<?x4xf32>) attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: %[[P:.*]] = npir.softmax
  %0 = npir.softmax %x : tensor<?x4xf32> -> tensor<?x4xf32> loc("softmax5")
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[P]]
  %1 = npir.quantize %0 : tensor<?x4xf32> -> tensor<?x4x!qp> loc("softmax5.quantize")
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Q]]
  %2 = npir.dequantize %1 : tensor<?x4x!qp> -> tensor<?x4xf32> loc("softmax5.dequantize")
  // CHECK-NEXT: npir.tanh %[[Q]]
  %3 = npir.tanh %2 : tensor<?x4xf32> -> tensor<?x4xf32> loc("tanh5")
  %4 = npir.quantize %3 : tensor<?x4xf32> -> tensor<?x4x!qp> loc("tanh5.quantize")
  // CHECK-NEXT: npir.dequantize
  %5 = npir.dequantize %4 : tensor<?x4x!qp> -> tensor<?x4xf32> loc("tanh5.dequantize")
  // CHECK-NEXT: npir.softmax %[[D]]
  %6 = npir.softmax %2 : tensor<?x4xf32> -> tensor<?x4xf32> loc("softmax6")
  return %5, %6 : tensor<?x4xf32>, tensor<?x4xf32>
}

// A constant that a float layer reads is the float constant, one that an integer layer reads is stored in integers; where the
// configuration names it, the float layer reads the rounded value. 0.1 becomes 26/256.
// CHECK-LABEL: func.func @constants
func.func @constants(%x: tensor<?x2xf32> loc("x6")) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qp> loc("x6.quantize")
  %1 = npir.dequantize %0 : tensor<?x2x!qp> -> tensor<?x2xf32> loc("x6.dequantize")
  // CHECK-DAG: %[[C:.*]] = npir.constant dense<[1.000000e-01, 2.000000e-01]> : tensor<2xf32>
  // CHECK-DAG: npir.div %{{.*}}, %[[C]]
  %c = npir.constant dense<[0.1, 0.2]> : tensor<2xf32> loc("c")
  %2 = npir.quantize %c : tensor<2xf32> -> tensor<2x!qp> loc("c.quantize")
  %3 = npir.dequantize %2 : tensor<2x!qp> -> tensor<2xf32> loc("c.dequantize")
  %4 = npir.div %1, %3 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("div")
  // CHECK-DAG: %[[O:.*]] = npir.constant dense<[-102, -77]> : tensor<2xi8> as {{.*}} loc([[OFFSET:#.*]])
  // CHECK-DAG: npir.add %{{.*}}, %[[O]] {requant
  %o = npir.constant dense<[0.1, 0.2]> : tensor<2xf32> loc("o")
  %5 = npir.quantize %o : tensor<2xf32> -> tensor<2x!qp> loc("o.quantize")
  %6 = npir.dequantize %5 : tensor<2x!qp> -> tensor<2xf32> loc("o.dequantize")
  %7 = npir.add %1, %6 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("add")
  %8 = npir.quantize %7 : tensor<?x2xf32> -> tensor<?x2x!qp> loc("add.quantize")
  %9 = npir.dequantize %8 : tensor<?x2x!qp> -> tensor<?x2xf32> loc("add.dequantize")
  // CHECK-DAG: %[[R:.*]] = npir.constant dense<[0.1015625, 0.19921875]> : tensor<2xf32>
  // CHECK-DAG: npir.div %{{.*}}, %[[R]]
  %r = npir.constant dense<[0.1, 0.2]> : tensor<2xf32> loc("r")
  %10 = npir.quantize %r {requested} : tensor<2xf32> -> tensor<2x!qp> loc("r.quantize")
  %11 = npir.dequantize %10 : tensor<2x!qp> -> tensor<2xf32> loc("r.dequantize")
  %12 = npir.div %1, %11 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("div2")
  return %4, %9, %12 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}
}
// CHECK: [[OFFSET]] = loc("o")
