// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --mlir-print-local-scope | FileCheck %s

// CHECK-LABEL: @reductions(
func.func @reductions(%x: tensor<?x2x3x4x5xf32>) -> tensor<?x1x1x1x1xf32> {
  // CHECK-NEXT: npir.reduce sum %{{.*}} {axes = array<i64: 1>, keep_dims} : tensor<?x2x3x4x5xf32> -> tensor<?x1x3x4x5xf32>
  %0 = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<?x2x3x4x5xf32>) -> tensor<?x1x3x4x5xf32>
  // CHECK-NEXT: npir.reduce max %{{.*}} {axes = array<i64: 2>, keep_dims}
  %1 = tosa.reduce_max %0 {axis = 2 : i32} : (tensor<?x1x3x4x5xf32>) -> tensor<?x1x1x4x5xf32>
  // CHECK-NEXT: npir.reduce min %{{.*}} {axes = array<i64: 3>, keep_dims}
  %2 = tosa.reduce_min %1 {axis = 3 : i32, nan_mode = IGNORE} : (tensor<?x1x1x4x5xf32>) -> tensor<?x1x1x1x5xf32>
  // CHECK-NEXT: npir.reduce prod %{{.*}} {axes = array<i64: 4>, keep_dims}
  %3 = tosa.reduce_product %2 {axis = 4 : i32} : (tensor<?x1x1x1x5xf32>) -> tensor<?x1x1x1x1xf32>
  return %3 : tensor<?x1x1x1x1xf32>
}

// -----

// npir never reduces the first dimension.
// CHECK-LABEL: @first(
func.func @first(%x: tensor<2x3xf32>) -> tensor<1x3xf32> {
  // CHECK-NEXT: npir.reshape %{{.*}} : tensor<2x3xf32> -> tensor<1x2x3xf32>
  // CHECK-NEXT: npir.reduce max %{{.*}} {axes = array<i64: 1>, keep_dims} : tensor<1x2x3xf32> -> tensor<1x1x3xf32>
  // CHECK-NEXT: npir.reshape %{{.*}} : tensor<1x1x3xf32> -> tensor<1x3xf32>
  %0 = tosa.reduce_max %x {axis = 0 : i32} : (tensor<2x3xf32>) -> tensor<1x3xf32>
  return %0 : tensor<1x3xf32>
}

// -----

// All are the least of 0 and 1, any the largest.
// CHECK-LABEL: @truth(
func.func @truth(%x: tensor<?x2x3xi1>) -> tensor<?x1x1xi1> {
  // CHECK-NEXT: npir.cast %{{.*}} : tensor<?x2x3xi1> -> tensor<?x2x3xf32> loc("reduce_all_0.numbers")
  // CHECK-NEXT: npir.reduce min %{{.*}} {axes = array<i64: 2>, keep_dims}
  // CHECK-NEXT: npir.cast %{{.*}} : tensor<?x2x1xf32> -> tensor<?x2x1xi1> loc("reduce_all_0"
  %0 = tosa.reduce_all %x {axis = 2 : i32} : (tensor<?x2x3xi1>) -> tensor<?x2x1xi1>
  // CHECK: npir.reduce max
  %1 = tosa.reduce_any %0 {axis = 1 : i32} : (tensor<?x2x1xi1>) -> tensor<?x1x1xi1>
  return %1 : tensor<?x1x1xi1>
}

// -----

// CHECK-LABEL: @argmax(
func.func @argmax(%x: tensor<?x3xf32>) -> tensor<?xi32> {
  // CHECK-NEXT: %[[I:.*]] = npir.argmax %{{.*}} {axis = 1 : i64} : tensor<?x3xf32> -> tensor<?xi64> loc("argmax_0.index")
  // CHECK-NEXT: npir.cast %[[I]] : tensor<?xi64> -> tensor<?xi32> loc("argmax_0"
  %0 = tosa.argmax %x {axis = 1 : i32} : (tensor<?x3xf32>) -> tensor<?xi32>
  return %0 : tensor<?xi32>
}
