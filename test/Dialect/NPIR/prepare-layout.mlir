// RUN: npir-opt %s --npir-prepare --split-input-file | FileCheck %s
// Prepared again, nothing changes: not even the hash.
// RUN: npir-opt %s --npir-prepare --split-input-file --mlir-print-debuginfo=false > %t.once
// RUN: sed 's/npir.station = #npir.station<prepared>/a = 0 : i64/' %t.once | npir-opt --npir-prepare --split-input-file --mlir-print-debuginfo=false | sed 's/a = 0 : i64, //' > %t.twice
// RUN: sed 's/npir.model_hash = "[0-9a-f]*"//' %t.once > %t.once.nohash
// RUN: sed 's/npir.model_hash = "[0-9a-f]*"//' %t.twice > %t.twice.nohash
// RUN: diff %t.once.nohash %t.twice.nohash

// Between two layers, two transposes are none.
// CHECK-LABEL: @between_layers
func.func @between_layers(%x: tensor<?x4x4x3xf32>) -> tensor<?x4x4x3xf32> {
  // CHECK-NEXT: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[S:.*]] = npir.sigmoid %[[P]] : tensor<?x4x4x3xf32>
  // CHECK-NEXT: %[[Q:.*]] = npir.max_pool2d %[[S]]
  // CHECK-NEXT: return %[[Q]]
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %2 = npir.sigmoid %1 : tensor<?x3x4x4xf32> -> tensor<?x3x4x4xf32>
  %3 = npir.transpose %2 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x3x4x4xf32> -> tensor<?x4x4x3xf32>
  %4 = npir.max_pool2d %3 {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  return %4 : tensor<?x4x4x3xf32>
}

// -----

// A branch, an addition of both, another of a constant per channel.
// CHECK-LABEL: @residual
func.func @residual(%x: tensor<?x4x4x3xf32>) -> tensor<?x4x4x3xf32> {
  // CHECK: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[Q:.*]] = npir.max_pool2d %[[P]]
  // CHECK-NEXT: %[[A:.*]] = npir.add %[[P]], %[[Q]] : (tensor<?x4x4x3xf32>, tensor<?x4x4x3xf32>)
  // CHECK-NEXT: %[[C:.*]] = npir.constant dense<{{.*}}1.000000e+00, 2.000000e+00, 3.000000e+00{{.*}}> : tensor<1x1x1x3xf32> loc(#[[CLOC:.*]])
  // CHECK-NEXT: %[[B:.*]] = npir.add %[[A]], %[[C]]
  // CHECK-NEXT: %[[R:.*]] = npir.max_pool2d %[[B]]
  // CHECK-NEXT: return %[[R]]
  %c = npir.constant dense<[[[1.0]], [[2.0]], [[3.0]]]> : tensor<3x1x1xf32> loc("shift")
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %2 = npir.transpose %1 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x3x4x4xf32> -> tensor<?x4x4x3xf32>
  %3 = npir.max_pool2d %2 {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %4 = npir.transpose %3 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %5 = npir.add %1, %4 : (tensor<?x3x4x4xf32>, tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32>
  %6 = npir.add %5, %c : (tensor<?x3x4x4xf32>, tensor<3x1x1xf32>) -> tensor<?x3x4x4xf32>
  %7 = npir.transpose %6 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x3x4x4xf32> -> tensor<?x4x4x3xf32>
  %8 = npir.max_pool2d %7 {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  return %8 : tensor<?x4x4x3xf32>
}
// CHECK: #[[CLOC]] = loc("shift")

// -----

// An argument takes the layout that is wanted below, once for all its users.
// CHECK-LABEL: @argument
// CHECK-SAME: (%[[X:[^:]*]]: tensor<?x3x4x4xf32>
func.func @argument(%x: tensor<?x3x4x4xf32>) -> tensor<?x4x4x3xf32> {
  // CHECK-NEXT: %[[T:.*]] = npir.transpose %[[X]] {perm = array<i64: 0, 2, 3, 1>} {{.*}} loc(#[[TLOC:.*]])
  // CHECK-NEXT: %[[S:.*]] = npir.tanh %[[T]]
  // CHECK-NEXT: %[[A:.*]] = npir.add %[[S]], %[[T]]
  // CHECK-NEXT: npir.max_pool2d %[[A]]
  %0 = npir.tanh %x : tensor<?x3x4x4xf32> -> tensor<?x3x4x4xf32>
  %1 = npir.add %0, %x : (tensor<?x3x4x4xf32>, tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32>
  %2 = npir.transpose %1 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x3x4x4xf32> -> tensor<?x4x4x3xf32> loc("to_nhwc")
  %3 = npir.max_pool2d %2 {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  return %3 : tensor<?x4x4x3xf32>
}
// CHECK: #[[TLOC]] = loc("to_nhwc")

// -----

// A mean over height and width leaves nothing to transpose, with its dimensions
// kept or without.
// CHECK-LABEL: @pooled
func.func @pooled(%x: tensor<?x4x4x3xf32>) -> (tensor<?x3xf32>, tensor<?x3x1x1xf32>, tensor<?x4x4xf32>) {
  // CHECK: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[A:.*]] = npir.reduce mean %[[P]] {axes = array<i64: 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3xf32>
  // CHECK-NEXT: %[[B:.*]] = npir.reduce mean %[[P]] {axes = array<i64: 1, 2>, keep_dims} : tensor<?x4x4x3xf32> -> tensor<?x1x1x3xf32>
  // CHECK-NEXT: %[[C:.*]] = npir.reduce sum %[[P]] {axes = array<i64: 3>} : tensor<?x4x4x3xf32> -> tensor<?x4x4xf32>
  // CHECK-NOT: npir.transpose
  // CHECK: %[[D:.*]] = npir.reshape %[[B]] : tensor<?x1x1x3xf32> -> tensor<?x3x1x1xf32>
  // CHECK: return %[[A]], %[[D]], %[[C]]
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %2 = npir.reduce mean %1 {axes = array<i64: 2, 3>} : tensor<?x3x4x4xf32> -> tensor<?x3xf32>
  %3 = npir.reduce mean %1 {axes = array<i64: 2, 3>, keep_dims} : tensor<?x3x4x4xf32> -> tensor<?x3x1x1xf32>
  %4 = npir.reduce sum %1 {axes = array<i64: 1>} : tensor<?x3x4x4xf32> -> tensor<?x4x4xf32>
  return %2, %3, %4 : tensor<?x3xf32>, tensor<?x3x1x1xf32>, tensor<?x4x4xf32>
}

// -----

// A flatten out of memory order before a linear layer: the weight's columns
// change places instead.
// CHECK-LABEL: @flatten
func.func @flatten(%x: tensor<?x2x2x3xf32>) -> tensor<?x1xf32> {
  // CHECK-NEXT: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[R:.*]] = npir.relu %[[P]]
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{\[\[}}0.000000e+00, 4.000000e+00, 8.000000e+00, 1.000000e+00, 5.000000e+00, 9.000000e+00, 2.000000e+00, 6.000000e+00, 1.000000e+01, 3.000000e+00, 7.000000e+00, 1.100000e+01]]> : tensor<1x12xf32> loc(#[[WLOC:.*]])
  // CHECK-DAG: %[[F:.*]] = npir.reshape %[[R]] : tensor<?x2x2x3xf32> -> tensor<?x12xf32>
  // CHECK: npir.linear %[[F]], %[[W]]
  %w = npir.constant dense<[[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 11.0]]> : tensor<1x12xf32> loc("w")
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x2x2x3xf32> -> tensor<?x2x2x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x2x2x3xf32> -> tensor<?x3x2x2xf32>
  %2 = npir.reshape %1 : tensor<?x3x2x2xf32> -> tensor<?x12xf32>
  %3 = npir.relu %2 : tensor<?x12xf32> -> tensor<?x12xf32>
  %4 = npir.linear %3, %w : (tensor<?x12xf32>, tensor<1x12xf32>) -> tensor<?x1xf32>
  return %4 : tensor<?x1xf32>
}
// CHECK: #[[WLOC]] = loc("w")

// -----

// Any other user of such a flatten gets the elements in the order it asked for.
// CHECK-LABEL: @flatten_returned
func.func @flatten_returned(%x: tensor<?x2x2x3xf32>) -> tensor<?x12xf32> {
  // CHECK: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[T:.*]] = npir.transpose %[[P]] {perm = array<i64: 0, 3, 1, 2>}
  // CHECK-NEXT: %[[F:.*]] = npir.reshape %[[T]] : tensor<?x3x2x2xf32> -> tensor<?x12xf32>
  // CHECK-NEXT: return %[[F]]
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x2x2x3xf32> -> tensor<?x2x2x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x2x2x3xf32> -> tensor<?x3x2x2xf32>
  %2 = npir.reshape %1 : tensor<?x3x2x2xf32> -> tensor<?x12xf32>
  return %2 : tensor<?x12xf32>
}

// -----

// A vision transformer's tokens: flattened in NCHW, then channels last.
// CHECK-LABEL: @tokens
func.func @tokens(%x: tensor<?x2x2x3xf32>) -> tensor<?x4x3xf32> {
  // CHECK-NEXT: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[T:.*]] = npir.reshape %[[P]] : tensor<?x2x2x3xf32> -> tensor<?x4x3xf32>
  // CHECK-NEXT: return %[[T]]
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x2x2x3xf32> -> tensor<?x2x2x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x2x2x3xf32> -> tensor<?x3x2x2xf32>
  %2 = npir.reshape %1 : tensor<?x3x2x2xf32> -> tensor<?x3x4xf32>
  %3 = npir.transpose %2 {perm = array<i64: 0, 2, 1>} : tensor<?x3x4xf32> -> tensor<?x4x3xf32>
  return %3 : tensor<?x4x3xf32>
}

// -----

// A shuffle of channels is a transpose that no layout removes, and stays one.
// CHECK-LABEL: @shuffle
func.func @shuffle(%x: tensor<?x2x2x4xf32>) -> tensor<?x2x2x4xf32> {
  // CHECK: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[A:.*]] = npir.reshape %[[P]] : tensor<?x2x2x4xf32> -> tensor<?x2x2x2x2xf32>
  // CHECK-NEXT: %[[B:.*]] = npir.transpose %[[A]] {perm = array<i64: 0, 1, 2, 4, 3>}
  // CHECK-NEXT: %[[C:.*]] = npir.reshape %[[B]] : tensor<?x2x2x2x2xf32> -> tensor<?x2x2x4xf32>
  // CHECK-NEXT: %[[D:.*]] = npir.max_pool2d %[[C]]
  // CHECK-NEXT: return %[[D]]
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x2x2x4xf32> -> tensor<?x2x2x4xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x2x2x4xf32> -> tensor<?x4x2x2xf32>
  %2 = npir.reshape %1 : tensor<?x4x2x2xf32> -> tensor<?x2x2x2x2xf32>
  %3 = npir.transpose %2 {perm = array<i64: 0, 2, 1, 3, 4>} : tensor<?x2x2x2x2xf32> -> tensor<?x2x2x2x2xf32>
  %4 = npir.reshape %3 : tensor<?x2x2x2x2xf32> -> tensor<?x4x2x2xf32>
  %5 = npir.transpose %4 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x4x2x2xf32> -> tensor<?x2x2x4xf32>
  %6 = npir.max_pool2d %5 {kernel = array<i64: 1, 1>} : tensor<?x2x2x4xf32> -> tensor<?x2x2x4xf32>
  return %6 : tensor<?x2x2x4xf32>
}

// -----

// Reshapes of reshapes merge, those to the same shape go; a transposed or
// reshaped constant is a constant.
// CHECK-LABEL: @reshapes
// CHECK-SAME: (%[[X:[^:]*]]: tensor<?x12xf32>
func.func @reshapes(%x: tensor<?x12xf32>) -> (tensor<?x6x2xf32>, tensor<?x12xf32>, tensor<?x2xf32>) {
  // CHECK-DAG: %[[A:.*]] = npir.reshape %[[X]] : tensor<?x12xf32> -> tensor<?x6x2xf32>
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{\[\[}}1.000000e+00, 3.000000e+00, 5.000000e+00], [2.000000e+00, 4.000000e+00, 6.000000e+00]]> : tensor<2x3xf32>
  // CHECK-DAG: %[[B:.*]] = npir.reshape %[[X]] : tensor<?x12xf32> -> tensor<?x3xf32>
  // CHECK: %[[L:.*]] = npir.linear %[[B]], %[[W]]
  // CHECK: return %[[A]], %[[X]], %[[L]]
  %w = npir.constant dense<[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]> : tensor<1x2x3xf32>
  %0 = npir.reshape %x : tensor<?x12xf32> -> tensor<?x3x4xf32>
  %1 = npir.reshape %0 : tensor<?x3x4xf32> -> tensor<?x6x2xf32>
  %2 = npir.reshape %1 : tensor<?x6x2xf32> -> tensor<?x12xf32>
  %3 = npir.reshape %2 : tensor<?x12xf32> -> tensor<?x3xf32>
  %4 = npir.reshape %w : tensor<1x2x3xf32> -> tensor<3x2xf32>
  %5 = npir.transpose %4 {perm = array<i64: 1, 0>} : tensor<3x2xf32> -> tensor<2x3xf32>
  %6 = npir.linear %3, %5 : (tensor<?x3xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
  return %1, %2, %6 : tensor<?x6x2xf32>, tensor<?x12xf32>, tensor<?x2xf32>
}

// -----

// An operand in the source's layout meets one in NHWC: one transpose, of either.
// CHECK-LABEL: @mixed
// CHECK-SAME: (%[[X:[^:]*]]: tensor<?x4x4x3xf32>{{.*}}, %[[Y:[^:]*]]: tensor<?x3x4x4xf32>
func.func @mixed(%x: tensor<?x4x4x3xf32>, %y: tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32> {
  // CHECK-NEXT: %[[P:.*]] = npir.max_pool2d %[[X]]
  // CHECK-NEXT: %[[T:.*]] = npir.transpose %[[P]] {perm = array<i64: 0, 3, 1, 2>}
  // CHECK-NEXT: %[[A:.*]] = npir.add %[[T]], %[[Y]]
  // CHECK-NEXT: return %[[A]]
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %2 = npir.add %1, %y : (tensor<?x3x4x4xf32>, tensor<?x3x4x4xf32>) -> tensor<?x3x4x4xf32>
  return %2 : tensor<?x3x4x4xf32>
}

// -----

// Between two layers, parts are taken and put together in NHWC.
// CHECK-LABEL: @slice_and_concat
func.func @slice_and_concat(%x: tensor<?x4x4x3xf32>) -> tensor<?x4x2x4xf32> {
  // CHECK-NEXT: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[S:.*]] = npir.slice %[[P]] {offsets = array<i64: 0, 0, 2, 1>, sizes = array<i64: -1, -1, 2, 2>} : tensor<?x4x4x3xf32> -> tensor<?x4x2x2xf32>
  // CHECK-NEXT: %[[C:.*]] = npir.concat %[[S]], %[[S]] {axis = 3 : i64} : (tensor<?x4x2x2xf32>, tensor<?x4x2x2xf32>) -> tensor<?x4x2x4xf32>
  // CHECK-NEXT: %[[Q:.*]] = npir.max_pool2d %[[C]]
  // CHECK-NEXT: return %[[Q]]
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %2 = npir.slice %1 {offsets = array<i64: 0, 1, 0, 2>, sizes = array<i64: -1, 2, -1, 2>} : tensor<?x3x4x4xf32> -> tensor<?x2x4x2xf32>
  %3 = npir.concat %2, %2 {axis = 1 : i64} : (tensor<?x2x4x2xf32>, tensor<?x2x4x2xf32>) -> tensor<?x4x4x2xf32>
  %4 = npir.transpose %3 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x4x4x2xf32> -> tensor<?x4x2x4xf32>
  %5 = npir.max_pool2d %4 {kernel = array<i64: 1, 1>} : tensor<?x4x2x4xf32> -> tensor<?x4x2x4xf32>
  return %5 : tensor<?x4x2x4xf32>
}

// -----

// A concatenation of operands in several layouts has them as they were written.
// CHECK-LABEL: @concat_mixed
func.func @concat_mixed(%x: tensor<?x4x4x3xf32>, %y: tensor<?x3x4x4xf32>) -> tensor<?x6x4x4xf32> {
  // CHECK: %[[P:.*]] = npir.max_pool2d
  // CHECK-NEXT: %[[T:.*]] = npir.transpose %[[P]]
  // CHECK-NEXT: npir.concat %[[T]], %{{.*}} {axis = 1 : i64}
  %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x4x4x3xf32> -> tensor<?x4x4x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x3xf32> -> tensor<?x3x4x4xf32>
  %2 = npir.concat %1, %y {axis = 1 : i64} : (tensor<?x3x4x4xf32>, tensor<?x3x4x4xf32>) -> tensor<?x6x4x4xf32>
  return %2 : tensor<?x6x4x4xf32>
}

// -----

// Attention: the keys are transposed as the queries are, and the product takes
// its right operand transposed; a scale in between is no hindrance.
// CHECK-LABEL: @attention
func.func @attention(%x: tensor<?x5x6xf32>) -> tensor<?x2x5x5xf32> {
  // CHECK: %[[R:.*]] = npir.reshape
  // CHECK-NEXT: %[[Q:.*]] = npir.transpose %[[R]] {perm = array<i64: 0, 2, 1, 3>}
  // CHECK-DAG: %[[K:.*]] = npir.mul %[[Q]]
  // CHECK: npir.matmul %[[Q]], %[[K]] {transpose_rhs}
  %s = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.reshape %x : tensor<?x5x6xf32> -> tensor<?x5x2x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 2, 1, 3>} : tensor<?x5x2x3xf32> -> tensor<?x2x5x3xf32>
  %2 = npir.transpose %0 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x5x2x3xf32> -> tensor<?x2x3x5xf32>
  %3 = npir.mul %2, %s : (tensor<?x2x3x5xf32>, tensor<f32>) -> tensor<?x2x3x5xf32>
  %4 = npir.matmul %1, %3 : (tensor<?x2x5x3xf32>, tensor<?x2x3x5xf32>) -> tensor<?x2x5x5xf32>
  return %4 : tensor<?x2x5x5xf32>
}

// -----

// A transposed operand of a product that takes it so already.
// CHECK-LABEL: @transposed_twice
func.func @transposed_twice(%x: tensor<?x5x3xf32>, %y: tensor<?x3x5xf32>) -> tensor<?x5x5xf32> {
  // CHECK-NEXT: npir.matmul %{{.*}}, %{{[^ ]*}} : (tensor<?x5x3xf32>, tensor<?x3x5xf32>)
  %0 = npir.transpose %y {perm = array<i64: 0, 2, 1>} : tensor<?x3x5xf32> -> tensor<?x5x3xf32>
  %1 = npir.matmul %x, %0 {transpose_rhs} : (tensor<?x5x3xf32>, tensor<?x5x3xf32>) -> tensor<?x5x5xf32>
  return %1 : tensor<?x5x5xf32>
}

// -----

// Through a multiple of the batch, as [B * heads, N, D], and back.
// CHECK-LABEL: @multiple_of_batch
func.func @multiple_of_batch(%x: tensor<?x2x5x3xf32>) -> tensor<?x2x3x5xf32> {
  // CHECK-NEXT: %[[T:.*]] = npir.transpose %{{.*}} {perm = array<i64: 0, 1, 3, 2>}
  // CHECK-NEXT: return %[[T]]
  %0 = npir.reshape %x : tensor<?x2x5x3xf32> -> tensor<?x5x3xf32>
  %1 = npir.transpose %0 {perm = array<i64: 0, 2, 1>} : tensor<?x5x3xf32> -> tensor<?x3x5xf32>
  %2 = npir.reshape %1 : tensor<?x3x5xf32> -> tensor<?x2x3x5xf32>
  return %2 : tensor<?x2x3x5xf32>
}
