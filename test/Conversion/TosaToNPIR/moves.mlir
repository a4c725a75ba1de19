// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --mlir-print-local-scope | FileCheck %s

// CHECK-LABEL: @moves(
func.func @moves(%x: tensor<?x2x3xf32>) -> tensor<?x6xf32> {
  // CHECK: npir.transpose %{{.*}} {perm = array<i64: 0, 2, 1>} : tensor<?x2x3xf32> -> tensor<?x3x2xf32>
  %0 = tosa.transpose %x {perms = array<i32: 0, 2, 1>} : (tensor<?x2x3xf32>) -> tensor<?x3x2xf32>
  // CHECK: npir.concat %{{.*}} {axis = 2 : i64}
  %1 = tosa.concat %0, %0 {axis = 2 : i32} : (tensor<?x3x2xf32>, tensor<?x3x2xf32>) -> tensor<?x3x4xf32>
  // CHECK: npir.slice %{{.*}} {offsets = array<i64: 0, 1, 0>, sizes = array<i64: -1, 2, 3>} : tensor<?x3x4xf32> -> tensor<?x2x3xf32>
  %start = tosa.const_shape {values = dense<[0, 1, 0]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %size = tosa.const_shape {values = dense<[-1, 2, 3]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %2 = tosa.slice %1, %start, %size : (tensor<?x3x4xf32>, !tosa.shape<3>, !tosa.shape<3>) -> tensor<?x2x3xf32>
  // CHECK: npir.pad %{{.*}} {pads_begin = array<i64: 0, 1, 0>, pads_end = array<i64: 0, 0, 2>, value = 1.500000e+00 : f32} : tensor<?x2x3xf32> -> tensor<?x3x5xf32>
  %padding = tosa.const_shape {values = dense<[0, 0, 1, 0, 0, 2]> : tensor<6xindex>} : () -> !tosa.shape<6>
  %value = "tosa.const"() {values = dense<1.5> : tensor<1xf32>} : () -> tensor<1xf32>
  %3 = tosa.pad %2, %padding, %value : (tensor<?x2x3xf32>, !tosa.shape<6>, tensor<1xf32>) -> tensor<?x3x5xf32>
  // CHECK: %[[I:.*]] = npir.constant dense<[2, 1, 0]> : tensor<3xi32> loc("reverse_0.order")
  // CHECK: npir.gather %{{.*}}, %[[I]] {axis = 1 : i64} : (tensor<?x3x5xf32>, tensor<3xi32>) -> tensor<?x3x5xf32>
  %4 = tosa.reverse %3 {axis = 1 : i32} : (tensor<?x3x5xf32>) -> tensor<?x3x5xf32>
  %part = tosa.const_shape {values = dense<[-1, 3, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %zero = tosa.const_shape {values = dense<0> : tensor<3xindex>} : () -> !tosa.shape<3>
  %5 = tosa.slice %4, %zero, %part : (tensor<?x3x5xf32>, !tosa.shape<3>, !tosa.shape<3>) -> tensor<?x3x2xf32>
  // CHECK: npir.reshape %{{.*}} : tensor<?x3x2xf32> -> tensor<?x6xf32>
  %rows = tosa.const_shape {values = dense<[-1, 6]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %6 = tosa.reshape %5, %rows : (tensor<?x3x2xf32>, !tosa.shape<2>) -> tensor<?x6xf32>
  return %6 : tensor<?x6xf32>
}

// -----

// Dimensions of size 1 are broadcast; others get one in front for that.
// CHECK-LABEL: @tile(
// CHECK-SAME: %[[X:[^:]*]]:
func.func @tile(%x: tensor<?x1x3xf32>) -> tensor<?x2x6xf32> {
  // CHECK-NEXT: %[[T:.*]] = npir.broadcast %[[X]] like %[[X]] : (tensor<?x1x3xf32>, tensor<?x1x3xf32>) -> tensor<?x2x3xf32> loc("tile_0"
  %ones = tosa.const_shape {values = dense<[1, 2, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %0 = tosa.tile %x, %ones : (tensor<?x1x3xf32>, !tosa.shape<3>) -> tensor<?x2x3xf32>
  // CHECK-NEXT: %[[P:.*]] = npir.reshape %[[T]] : tensor<?x2x3xf32> -> tensor<?x2x1x3xf32> loc("tile_1.parts")
  // CHECK-NEXT: %[[C:.*]] = npir.broadcast %[[P]] like %[[T]] : {{.*}} -> tensor<?x2x2x3xf32> loc("tile_1.copies")
  // CHECK-NEXT: npir.reshape %[[C]] : tensor<?x2x2x3xf32> -> tensor<?x2x6xf32> loc("tile_1"
  %twice = tosa.const_shape {values = dense<[1, 1, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %1 = tosa.tile %0, %twice : (tensor<?x2x3xf32>, !tosa.shape<3>) -> tensor<?x2x6xf32>
  return %1 : tensor<?x2x6xf32>
}

// -----

// Rows of one table.
// CHECK-LABEL: @embedding(
// CHECK-SAME: %[[I:[^:]*]]:
func.func @embedding(%ids: tensor<?x4xi32>) -> tensor<?x4x2xf32> {
  // CHECK: %[[F:.*]] = npir.reshape %[[I]] : tensor<?x4xi32> -> tensor<?xi32>
  // CHECK: %[[T:.*]] = npir.constant dense<{{.*}}> : tensor<3x2xf32> loc("table")
  // CHECK: %[[R:.*]] = npir.gather %[[T]], %[[F]] {axis = 0 : i64} : (tensor<3x2xf32>, tensor<?xi32>) -> tensor<?x2xf32> loc("gather_0"
  // CHECK: npir.reshape %[[R]] : tensor<?x2xf32> -> tensor<?x4x2xf32>
  %rows = tosa.const_shape {values = dense<[1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %0 = tosa.reshape %ids, %rows : (tensor<?x4xi32>, !tosa.shape<2>) -> tensor<1x?xi32>
  %table = "tosa.const"() {values = dense<[[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]]> : tensor<1x3x2xf32>} : () -> tensor<1x3x2xf32> loc("table")
  %1 = tosa.gather %table, %0 : (tensor<1x3x2xf32>, tensor<1x?xi32>) -> tensor<1x?x2xf32>
  %back = tosa.const_shape {values = dense<[-1, 4, 2]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %2 = tosa.reshape %1, %back : (tensor<1x?x2xf32>, !tosa.shape<3>) -> tensor<?x4x2xf32>
  return %2 : tensor<?x4x2xf32>
}

// -----

// Each batch has a table of its own.
// CHECK-LABEL: @tables(
// CHECK-SAME: %[[V:[^:]*]]: {{.*}}, %[[I:[^:]*]]:
func.func @tables(%values: tensor<2x3x2xf32>, %ids: tensor<2x4xi32>) -> tensor<2x4x2xf32> {
  // CHECK: npir.slice %[[V]] {offsets = array<i64: 0, 0, 0>, sizes = array<i64: 1, 3, 2>}
  // CHECK: npir.slice %[[I]] {offsets = array<i64: 0, 0>, sizes = array<i64: 1, 4>}
  // CHECK: npir.gather {{.*}} (tensor<3x2xf32>, tensor<4xi32>) -> tensor<4x2xf32> loc("gather_0.0.rows")
  // CHECK: npir.gather {{.*}} loc("gather_0.1.rows")
  // CHECK: npir.concat {{.*}} {axis = 0 : i64} : (tensor<1x4x2xf32>, tensor<1x4x2xf32>) -> tensor<2x4x2xf32> loc("gather_0"
  %0 = tosa.gather %values, %ids : (tensor<2x3x2xf32>, tensor<2x4xi32>) -> tensor<2x4x2xf32>
  return %0 : tensor<2x4x2xf32>
}

// -----

// Constants are moved now: no op is left of it.
// CHECK-LABEL: @constants(
func.func @constants(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[C:.*]] = npir.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00]]> : tensor<1x2xf32> loc("c")
  // CHECK-NEXT: npir.add %{{.*}}, %[[C]]
  %c = "tosa.const"() {values = dense<[[1.0], [3.0]]> : tensor<2x1xf32>} : () -> tensor<2x1xf32> loc("c")
  %0 = tosa.transpose %c {perms = array<i32: 1, 0>} : (tensor<2x1xf32>) -> tensor<1x2xf32>
  %flat = tosa.const_shape {values = dense<[2, 1, 1]> : tensor<3xindex>} : () -> !tosa.shape<3>
  %1 = tosa.reshape %0, %flat : (tensor<1x2xf32>, !tosa.shape<3>) -> tensor<2x1x1xf32>
  %row = tosa.const_shape {values = dense<[1, 2]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %2 = tosa.reshape %1, %row : (tensor<2x1x1xf32>, !tosa.shape<2>) -> tensor<1x2xf32>
  %3 = tosa.add %x, %2 : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}
