// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --mlir-print-local-scope | FileCheck %s

// CHECK-LABEL: @softmax(
// CHECK-SAME: %[[X:[^:]*]]:
func.func @softmax(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.softmax %[[X]] : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc(fused["attn/softmax", "attn/mul", {{.*}}])
  // CHECK-NEXT: return %[[Y]]
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %0 = tosa.reduce_max %x {axis = 2 : i32} : (tensor<?x3x4xf32>) -> tensor<?x3x1xf32> loc("attn/max")
  %1 = tosa.sub %x, %0 : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("attn/sub")
  %2 = tosa.exp %1 : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32> loc("attn/exp")
  %3 = tosa.reduce_sum %2 {axis = 2 : i32} : (tensor<?x3x4xf32>) -> tensor<?x3x1xf32> loc("attn/sum")
  %4 = tosa.reciprocal %3 : (tensor<?x3x1xf32>) -> tensor<?x3x1xf32> loc("attn/reciprocal")
  %5 = tosa.mul %2, %4, %shift : (tensor<?x3x4xf32>, tensor<?x3x1xf32>, tensor<1xi8>) -> tensor<?x3x4xf32> loc("attn/mul")
  return %5 : tensor<?x3x4xf32>
}

// -----

// Without the maximum, along another axis, the factors the other way round.
// CHECK-LABEL: @softmax_inner(
// CHECK-SAME: %[[X:[^:]*]]:
func.func @softmax_inner(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NEXT: %[[T:.*]] = npir.transpose %[[X]] {perm = array<i64: 0, 2, 1>}
  // CHECK-NEXT: %[[S:.*]] = npir.softmax %[[T]] : tensor<?x4x3xf32> -> tensor<?x4x3xf32>
  // CHECK-NEXT: npir.transpose %[[S]] {perm = array<i64: 0, 2, 1>}
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %2 = tosa.exp %x : (tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  %3 = tosa.reduce_sum %2 {axis = 1 : i32} : (tensor<?x3x4xf32>) -> tensor<?x1x4xf32>
  %4 = tosa.reciprocal %3 : (tensor<?x1x4xf32>) -> tensor<?x1x4xf32>
  %5 = tosa.mul %4, %2, %shift : (tensor<?x1x4xf32>, tensor<?x3x4xf32>, tensor<1xi8>) -> tensor<?x3x4xf32>
  return %5 : tensor<?x3x4xf32>
}

// -----

// The exponentials are read elsewhere, too.
// CHECK-LABEL: @no_softmax(
func.func @no_softmax(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK-NOT: npir.softmax
  // CHECK: npir.reciprocal
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %2 = tosa.exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %3 = tosa.reduce_sum %2 {axis = 1 : i32} : (tensor<?x4xf32>) -> tensor<?x1xf32>
  %4 = tosa.reciprocal %3 : (tensor<?x1xf32>) -> tensor<?x1xf32>
  %5 = tosa.mul %2, %4, %shift : (tensor<?x4xf32>, tensor<?x1xf32>, tensor<1xi8>) -> tensor<?x4xf32>
  return %5, %2 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// CHECK-LABEL: @means(
// CHECK-SAME: %[[X:[^:]*]]:
func.func @means(%x: tensor<?x2x4x3xf32>) -> (tensor<?x1x1x3xf32>, tensor<?x2x4x1xf32>, tensor<?x2x4x1xf32>) {
  // CHECK: %[[A:.*]] = npir.reduce mean %[[X]] {axes = array<i64: 1, 2>, keep_dims} : tensor<?x2x4x3xf32> -> tensor<?x1x1x3xf32>
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %eighth = "tosa.const"() {values = dense<0.125> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %0 = tosa.reduce_sum %x {axis = 1 : i32} : (tensor<?x2x4x3xf32>) -> tensor<?x1x4x3xf32>
  %1 = tosa.reduce_sum %0 {axis = 2 : i32} : (tensor<?x1x4x3xf32>) -> tensor<?x1x1x3xf32>
  %2 = tosa.mul %1, %eighth, %shift : (tensor<?x1x1x3xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<?x1x1x3xf32>
  // CHECK-NEXT: %[[B:.*]] = npir.reduce mean %[[X]] {axes = array<i64: 3>, keep_dims}
  %third = "tosa.const"() {values = dense<0.333333343> : tensor<1x1x1x1xf32>} : () -> tensor<1x1x1x1xf32>
  %3 = tosa.mul %x, %third, %shift : (tensor<?x2x4x3xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<?x2x4x3xf32>
  %4 = tosa.reduce_sum %3 {axis = 3 : i32} : (tensor<?x2x4x3xf32>) -> tensor<?x2x4x1xf32>
  // Another factor is a factor.
  // CHECK: npir.reduce sum %[[X]] {axes = array<i64: 3>, keep_dims}
  // CHECK: %[[C:.*]] = npir.mul
  // CHECK: return %[[A]], %[[B]], %[[C]]
  %5 = tosa.reduce_sum %x {axis = 3 : i32} : (tensor<?x2x4x3xf32>) -> tensor<?x2x4x1xf32>
  %6 = tosa.mul %5, %eighth, %shift : (tensor<?x2x4x1xf32>, tensor<1x1x1x1xf32>, tensor<1xi8>) -> tensor<?x2x4x1xf32>
  return %2, %4, %6 : tensor<?x1x1x3xf32>, tensor<?x2x4x1xf32>, tensor<?x2x4x1xf32>
}

// -----

// CHECK-LABEL: @activations(
// CHECK-SAME: %[[X:[^:]*]]:
func.func @activations(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %shift = "tosa.const"() {values = dense<0> : tensor<1xi8>} : () -> tensor<1xi8>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %three = "tosa.const"() {values = dense<3.0> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %half = "tosa.const"() {values = dense<0.5> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  %sixth = "tosa.const"() {values = dense<0.166666672> : tensor<1x1xf32>} : () -> tensor<1x1xf32>
  // clamp(x / 6 + 1/2, 0, 1)
  // CHECK-NEXT: %[[C:.*]] = npir.hardsigmoid %[[X]]
  %6 = tosa.mul %x, %sixth, %shift : (tensor<?x4xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<?x4xf32>
  %7 = tosa.add %half, %6 : (tensor<1x1xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %8 = tosa.clamp %7 {min_val = 0.0 : f32, max_val = 1.0 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // clamp(x + 3, 0, 6) / 6
  // CHECK-NEXT: %[[D:.*]] = npir.hardsigmoid %[[C]] : tensor<?x4xf32> -> tensor<?x4xf32> loc(fused["act/hardsigmoid", "act/mul", "act/clamp", "act/add"])
  %9 = tosa.add %8, %three : (tensor<?x4xf32>, tensor<1x1xf32>) -> tensor<?x4xf32> loc("act/add")
  %10 = tosa.clamp %9 {min_val = 0.0 : f32, max_val = 6.0 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32> loc("act/clamp")
  %12 = tosa.mul %10, %sixth, %shift : (tensor<?x4xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<?x4xf32> loc("act/mul")
  // CHECK-NEXT: %[[E:.*]] = npir.leaky_relu %[[D]] {alpha = 5.000000e-01 : f32}
  %13 = tosa.greater_equal %12, %zero : (tensor<?x4xf32>, tensor<1x1xf32>) -> tensor<?x4xi1>
  %14 = tosa.mul %12, %half, %shift : (tensor<?x4xf32>, tensor<1x1xf32>, tensor<1xi8>) -> tensor<?x4xf32>
  %15 = tosa.select %13, %12, %14 : (tensor<?x4xi1>, tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: %[[F:.*]] = npir.relu %[[E]]
  %16 = tosa.maximum %zero, %15 : (tensor<1x1xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: %[[G:.*]] = npir.clamp %[[F]] {max = 3.000000e+00 : f32, min = 0xFF800000 : f32}
  %17 = tosa.minimum %16, %three : (tensor<?x4xf32>, tensor<1x1xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: %[[H:.*]] = npir.sqrt %[[G]]
  %18 = tosa.rsqrt %17 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %19 = tosa.reciprocal %18 : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK-NEXT: return %[[H]]
  return %19 : tensor<?x4xf32>
}
