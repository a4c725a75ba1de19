// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --mlir-print-local-scope | FileCheck %s

// Functions of one number. Layers without a name are called after their op.
// CHECK-LABEL: @unary(
// CHECK-SAME: %[[X:.*]]: tensor<?x4xf32> loc({{.*}})) -> tensor<?x4xf32> attributes {npir.station = #npir.station<float>}
func.func @unary(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[V0:.*]] = npir.abs %[[X]] : tensor<?x4xf32> -> tensor<?x4xf32> loc("abs_0"
  %0 = tosa.abs %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.ceil {{.*}} loc("rounded")
  %1 = tosa.ceil %0 : (tensor<?x4xf32>) -> tensor<?x4xf32> loc("rounded")
  // CHECK-NEXT: npir.floor
  %2 = tosa.floor %1 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.cos
  %3 = tosa.cos %2 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.sin
  %4 = tosa.sin %3 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.erf
  %5 = tosa.erf %4 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.exp
  %6 = tosa.exp %5 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.log
  %7 = tosa.log %6 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.reciprocal
  %8 = tosa.reciprocal %7 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.rsqrt
  %9 = tosa.rsqrt %8 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.sigmoid
  %10 = tosa.sigmoid %9 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: %[[T:.*]] = npir.tanh
  %11 = tosa.tanh %10 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.neg %[[T]] {{.*}} loc("negate_0"
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  %12 = tosa.negate %11, %zp, %zp : (tensor<?x4xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.abs {{.*}} loc("abs_1"
  %13 = tosa.identity %12 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %14 = tosa.abs %13 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: return
  return %14 : tensor<?x4xf32>
}

// -----

// Functions of two numbers. Equal numbers are one where the other operand makes the shape.
// CHECK-LABEL: @binary(
// CHECK-SAME: %[[X:[^:]*]]: {{.*}}, %[[Y:[^:]*]]:
func.func @binary(%x: tensor<?x3x4xf32>, %y: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK: npir.add %[[X]], %[[Y]] : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %0 = tosa.add %x, %y : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  // CHECK: npir.sub
  %1 = tosa.sub %0, %y : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  // CHECK: npir.maximum
  %2 = tosa.maximum %1, %y {nan_mode = IGNORE} : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  // CHECK: npir.minimum
  %3 = tosa.minimum %2, %y : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  // CHECK: npir.pow
  %4 = tosa.pow %3, %y : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  // CHECK: %[[C:.*]] = npir.constant dense<5.000000e+00> : tensor<1xf32> loc("mul_0.constant"
  // CHECK: npir.mul %{{.*}}, %[[C]] : (tensor<?x3x4xf32>, tensor<1xf32>)
  %c = "tosa.const"() {values = dense<5.0> : tensor<1x3x4xf32>} : () -> tensor<1x3x4xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %5 = tosa.mul %4, %c, %shift : (tensor<?x3x4xf32>, tensor<1x3x4xf32>, tensor<1xi8>) -> tensor<?x3x4xf32>
  // CHECK: %[[D:.*]] = npir.constant dense<{{.*}}> : tensor<1x1x4xf32> loc("offset")
  // CHECK: %[[S:.*]] = npir.add %{{.*}}, %[[D]] : (tensor<?x3x4xf32>, tensor<1x1x4xf32>)
  %d = "tosa.const"() {values = dense<[[[1.0, 2.0, 3.0, 4.0]]]> : tensor<1x1x4xf32>} : () -> tensor<1x1x4xf32> loc("offset")
  %6 = tosa.add %5, %d : (tensor<?x3x4xf32>, tensor<1x1x4xf32>) -> tensor<?x3x4xf32>
  // CHECK-NEXT: return %[[S]]
  return %6 : tensor<?x3x4xf32>
}

// -----

// CHECK-LABEL: @powers(
func.func @powers(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: npir.square %{{.*}} loc("pow_0"
  %two = "tosa.const"() {values = dense<2.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %0 = tosa.pow %x, %two : (tensor<?x4xf32>, tensor<1x1xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.sqrt
  %half = "tosa.const"() {values = dense<0.5> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %1 = tosa.pow %0, %half : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  return %1 : tensor<?x4xf32>
}

// -----

// The largest float stands for no bound.
// CHECK-LABEL: @clamps(
func.func @clamps(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: npir.clamp %{{.*}} {max = 6.000000e+00 : f32, min = 0.000000e+00 : f32}
  %0 = tosa.clamp %x {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.relu
  %1 = tosa.clamp %0 {min_val = 0.0 : f32, max_val = 3.40282347E+38 : f32, nan_mode = IGNORE} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: npir.clamp %{{.*}} {max = 2.000000e+00 : f32, min = 0xFF800000 : f32}
  %2 = tosa.clamp %1 {min_val = -3.40282347E+38 : f32, max_val = 2.0 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: return
  %3 = tosa.clamp %2 {min_val = 0xFF800000 : f32, max_val = 0x7F800000 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: @truth(
// CHECK-SAME: %[[X:[^:]*]]: {{.*}}, %[[Y:[^:]*]]:
func.func @truth(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: npir.compare eq %[[X]], %[[Y]] : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xi1>
  %0 = tosa.equal %x, %y : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xi1>
  // CHECK-NEXT: npir.compare gt
  %1 = tosa.greater %x, %y : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xi1>
  // CHECK-NEXT: npir.compare ge
  %2 = tosa.greater_equal %x, %y : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xi1>
  // CHECK-NEXT: npir.logical and
  %3 = tosa.logical_and %0, %1 : (tensor<?x4xi1>, tensor<?x4xi1>) -> tensor<?x4xi1>
  // CHECK-NEXT: npir.logical or
  %4 = tosa.logical_or %3, %2 : (tensor<?x4xi1>, tensor<?x4xi1>) -> tensor<?x4xi1>
  // CHECK-NEXT: npir.logical xor
  %5 = tosa.logical_xor %4, %2 : (tensor<?x4xi1>, tensor<?x4xi1>) -> tensor<?x4xi1>
  // CHECK-NEXT: %[[M:.*]] = npir.not
  %6 = tosa.logical_not %5 : (tensor<?x4xi1>) -> tensor<?x4xi1>
  // CHECK-NEXT: npir.where %[[M]], %[[X]], %[[Y]]
  %7 = tosa.select %6, %x, %y : (tensor<?x4xi1>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// -----

// TOSA rounds to the nearest integer, where npir.cast drops the fraction.
// CHECK-LABEL: @casts(
func.func @casts(%x: tensor<?x4xf32>) -> (tensor<?x4xi1>, tensor<?x4xf32>) {
  // CHECK-NEXT: %[[R:.*]] = npir.round %{{.*}} loc("cast_0.round")
  // CHECK-NEXT: %[[I:.*]] = npir.cast %[[R]] : tensor<?x4xf32> -> tensor<?x4xi32> loc("cast_0"
  %0 = tosa.cast %x : (tensor<?x4xf32>) -> tensor<?x4xi32>
  // CHECK-NEXT: %[[B:.*]] = npir.cast %[[I]] : tensor<?x4xi32> -> tensor<?x4xi1>
  %1 = tosa.cast %0 : (tensor<?x4xi32>) -> tensor<?x4xi1>
  // CHECK-NEXT: %[[F:.*]] = npir.cast %[[B]] : tensor<?x4xi1> -> tensor<?x4xf32>
  %2 = tosa.cast %1 : (tensor<?x4xi1>) -> tensor<?x4xf32>
  // CHECK-NEXT: return %[[B]], %[[F]]
  return %1, %2 : tensor<?x4xi1>, tensor<?x4xf32>
}

// -----

// What is computed of constants alone is computed now.
// CHECK-LABEL: @constants(
func.func @constants(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[C:.*]] = npir.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00]]> : tensor<1x2xf32> loc("mul_0"
  // CHECK-NEXT: npir.add %{{.*}}, %[[C]]
  %v = "tosa.const"() {values = dense<[[3.0, 15.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %e = "tosa.const"() {values = dense<1.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %s = "tosa.const"() {values = dense<[[2.0, 12.0]]> : tensor<1x2xf32>} : () -> tensor<1x2xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.add %v, %e : (tensor<1x2xf32>, tensor<1x1xf32>) -> tensor<1x2xf32>
  %1 = tosa.rsqrt %0 : (tensor<1x2xf32>) -> tensor<1x2xf32>
  %2 = tosa.mul %1, %s, %shift : (tensor<1x2xf32>, tensor<1x2xf32>, tensor<1xi8>) -> tensor<1x2xf32>
  %3 = tosa.add %x, %2 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}

// -----

// A function without TOSA ops is not touched.
// CHECK-LABEL: @other(
// CHECK-NOT: npir.station
// CHECK: return
func.func @other(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  return %x : tensor<?x4xf32>
}
