// RUN: npir-opt %s --npir-prepare --split-input-file --mlir-print-local-scope | FileCheck %s

// A product of matrices and a sum: the constant is the bias, with its name.
// CHECK-LABEL: @bias
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @bias(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{.*}}> : tensor<2x4xf32> loc("w")
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<[5.000000e-01, -1.000000e+00]> : tensor<2xf32> loc("k")
  // CHECK: %[[Y:.*]] = npir.linear %[[X]], %[[W]], %[[B]] : {{.*}} loc(fused["fc/MatMul", "fc/Add"])
  // CHECK-NEXT: return %[[Y]]
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<[[[0.5, -1.0]]]> : tensor<1x1x2xf32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.add %k, %l : (tensor<1x1x2xf32>, tensor<?x3x2xf32>) -> tensor<?x3x2xf32> loc("fc/Add")
  return %r : tensor<?x3x2xf32>
}

// -----

// Behind a bias, the sum of both; one number is one for each channel.
// CHECK-LABEL: @second_bias
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @second_bias(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK: npir.constant dense<[1.500000e+00, 2.500000e+00]> : tensor<2xf32> loc("b")
  // CHECK: npir.linear
  // CHECK-NEXT: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %b = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("b")
  %k = npir.constant dense<0.5> : tensor<f32> loc("k")
  %l = npir.linear %x, %w, %b : (tensor<?x3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.add %l, %k : (tensor<?x3x2xf32>, tensor<f32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// Factors of the channels go into the weight and the bias.
// CHECK-LABEL: @layer_scale
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @layer_scale(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK-DAG: npir.constant dense<{{\[\[}}2.000000e+00, 4.000000e+00, 6.000000e+00, 8.000000e+00], [1.500000e+01, 1.800000e+01, 2.100000e+01, 2.400000e+01]]> : tensor<2x4xf32> loc("w")
  // CHECK-DAG: npir.constant dense<[2.000000e+00, 6.000000e+00]> : tensor<2xf32> loc("b")
  // CHECK: npir.linear
  // CHECK-NEXT: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %b = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("b")
  %k = npir.constant dense<[2.0, 3.0]> : tensor<2xf32> loc("k")
  %l = npir.linear %x, %w, %b : (tensor<?x3x4xf32>, tensor<2x4xf32>, tensor<2xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.mul %l, %k : (tensor<?x3x2xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// 4 - (y - 2) / 0.5 is -2 y + 8.
// CHECK-LABEL: @difference_and_quotient
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @difference_and_quotient(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK-DAG: npir.constant dense<{{\[\[}}-2.000000e+00, -4.000000e+00,
  // CHECK-DAG: npir.constant dense<8.000000e+00> : tensor<2xf32>
  // CHECK: npir.linear
  // CHECK-NEXT: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %two = npir.constant dense<2.0> : tensor<f32> loc("two")
  %half = npir.constant dense<0.5> : tensor<f32> loc("half")
  %four = npir.constant dense<4.0> : tensor<f32> loc("four")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %0 = npir.sub %l, %two : (tensor<?x3x2xf32>, tensor<f32>) -> tensor<?x3x2xf32>
  %1 = npir.div %0, %half : (tensor<?x3x2xf32>, tensor<f32>) -> tensor<?x3x2xf32>
  %r = npir.sub %four, %1 : (tensor<f32>, tensor<?x3x2xf32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// One number for all channels passes reshapes and transposes: the scale of an
// attention's queries.
// CHECK-LABEL: @behind_moves
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @behind_moves(%x: tensor<?x3x4xf32>) -> tensor<?x2x3xf32> {
  // CHECK: npir.constant dense<{{\[\[}}2.500000e-01, 5.000000e-01,
  // CHECK: npir.linear {{.*}} loc(fused["fc/MatMul", "scale"])
  // CHECK-NEXT: npir.transpose
  // CHECK-NEXT: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<0.25> : tensor<f32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %t = npir.transpose %l {perm = array<i64: 0, 2, 1>} : tensor<?x3x2xf32> -> tensor<?x2x3xf32>
  %r = npir.mul %t, %k : (tensor<?x2x3xf32>, tensor<f32>) -> tensor<?x2x3xf32> loc("scale")
  return %r : tensor<?x2x3xf32>
}

// -----

// A convolution, whose channels are the last dimension here.
// CHECK-LABEL: @convolution
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @convolution(%x: tensor<?x4x4x3xf32>) -> tensor<?x2x4x4xf32> {
  // CHECK: npir.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32> loc("k")
  // CHECK: npir.conv2d
  // CHECK-NEXT: npir.transpose
  // CHECK-NEXT: return
  %f = npir.constant dense<1.0> : tensor<2x1x1x3xf32>
  %k = npir.constant dense<[[[1.0]], [[2.0]]]> : tensor<2x1x1xf32> loc("k")
  %c = npir.conv2d %x, %f : (tensor<?x4x4x3xf32>, tensor<2x1x1x3xf32>) -> tensor<?x4x4x2xf32>
  %t = npir.transpose %c {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x2xf32> -> tensor<?x2x4x4xf32>
  %r = npir.add %t, %k : (tensor<?x2x4x4xf32>, tensor<2x1x1xf32>) -> tensor<?x2x4x4xf32>
  return %r : tensor<?x2x4x4xf32>
}

// -----

// And a product of matrices, on the left: (s q) k is s (q k).
// CHECK-LABEL: @behind_matmul
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @behind_matmul(%x: tensor<?x3x4xf32>, %y: tensor<?x2x5xf32>) -> tensor<?x3x5xf32> {
  // CHECK: npir.constant dense<{{\[\[}}2.500000e-01, 5.000000e-01,
  // CHECK: %[[L:.*]] = npir.linear {{.*}} loc(fused["fc/MatMul", "scale"])
  // CHECK-NEXT: %[[P:.*]] = npir.matmul %[[L]]
  // CHECK-NEXT: return %[[P]]
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<4.0> : tensor<f32>
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %p = npir.matmul %l, %y : (tensor<?x3x2xf32>, tensor<?x2x5xf32>) -> tensor<?x3x5xf32>
  %r = npir.div %p, %k : (tensor<?x3x5xf32>, tensor<f32>) -> tensor<?x3x5xf32> loc("scale")
  return %r : tensor<?x3x5xf32>
}

// -----

// A sum does not pass it.
// CHECK-LABEL: @sum_behind_matmul_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @sum_behind_matmul_stays(%x: tensor<?x3x4xf32>, %y: tensor<?x2x5xf32>) -> tensor<?x3x5xf32> {
  // CHECK: npir.matmul
  // CHECK-NEXT: npir.add
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<4.0> : tensor<f32>
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %p = npir.matmul %l, %y : (tensor<?x3x2xf32>, tensor<?x2x5xf32>) -> tensor<?x3x5xf32>
  %r = npir.add %p, %k : (tensor<?x3x5xf32>, tensor<f32>) -> tensor<?x3x5xf32> loc("scale")
  return %r : tensor<?x3x5xf32>
}

// -----

// A division by a constant that stays is a multiplication.
// CHECK-LABEL: @division
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @division(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: %[[C:.*]] = npir.constant dense<[5.000000e-01, -2.500000e-01]> : tensor<2xf32> loc("k.inverse")
  // CHECK-NEXT: npir.mul %[[X]], %[[C]] {{.*}} loc("scale")
  %k = npir.constant dense<[2.0, -4.0]> : tensor<2xf32> loc("k")
  %r = npir.div %x, %k : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("scale")
  return %r : tensor<?x2xf32>
}

// -----

// Not where only a part is scaled.
// CHECK-LABEL: @behind_slice_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @behind_slice_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x1xf32> {
  // CHECK: npir.linear
  // CHECK: npir.mul
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<0.25> : tensor<f32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %t = npir.slice %l {offsets = array<i64: 0, 0, 1>, sizes = array<i64: -1, -1, 1>} : tensor<?x3x2xf32> -> tensor<?x3x1xf32>
  %r = npir.mul %t, %k : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32>
  return %r : tensor<?x3x1xf32>
}

// -----

// The value before is used, too.
// CHECK-LABEL: @second_use_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @second_use_stays(%x: tensor<?x3x4xf32>) -> (tensor<?x3x2xf32>, tensor<?x3x2xf32>) {
  // CHECK: npir.linear
  // CHECK: npir.mul
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<0.25> : tensor<f32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.mul %l, %k : (tensor<?x3x2xf32>, tensor<f32>) -> tensor<?x3x2xf32>
  return %r, %l : tensor<?x3x2xf32>, tensor<?x3x2xf32>
}

// -----

// Clamped between the two.
// CHECK-LABEL: @clamped_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @clamped_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK: npir.linear
  // CHECK: npir.add
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("k")
  %l = npir.linear %x, %w {clamp_min = 0.0 : f32} : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.add %l, %k : (tensor<?x3x2xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// A number for each position.
// CHECK-LABEL: @other_shape_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_shape_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK: npir.linear
  // CHECK: npir.add
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.add %l, %k : (tensor<?x3x2xf32>, tensor<3x2xf32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// As many numbers as channels, along another axis.
// CHECK-LABEL: @other_axis_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_axis_stays(%x: tensor<?x2x4xf32>) -> tensor<?x2x2xf32> {
  // CHECK: npir.linear
  // CHECK: npir.mul
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x2x4xf32>, tensor<2x4xf32>) -> tensor<?x2x2xf32>
  %r = npir.mul %l, %k : (tensor<?x2x2xf32>, tensor<2x1xf32>) -> tensor<?x2x2xf32>
  return %r : tensor<?x2x2xf32>
}

// -----

// Zero has no inverse.
// CHECK-LABEL: @division_by_zero_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @division_by_zero_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK: npir.linear
  // CHECK: npir.div
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<[0.0, 2.0]> : tensor<2xf32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.div %l, %k : (tensor<?x3x2xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// A quotient the other way round.
// CHECK-LABEL: @constant_over_value_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @constant_over_value_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK: npir.linear
  // CHECK: npir.div
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.div %k, %l : (tensor<2xf32>, tensor<?x3x2xf32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// CHECK-LABEL: @computed_weight_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @computed_weight_stays(%x: tensor<?x3x4xf32>, %w: tensor<2x4xf32>) -> tensor<?x3x2xf32> {
  // CHECK: npir.linear
  // CHECK: npir.add
  // CHECK: return
  %k = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("k")
  %l = npir.linear %x, %w : (tensor<?x3x4xf32>, tensor<2x4xf32>) -> tensor<?x3x2xf32> loc("fc/MatMul")
  %r = npir.add %l, %k : (tensor<?x3x2xf32>, tensor<2xf32>) -> tensor<?x3x2xf32>
  return %r : tensor<?x3x2xf32>
}

// -----

// The result has another shape.
// CHECK-LABEL: @other_rank_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_rank_stays(%x: tensor<3x4xf32>) -> tensor<1x1x3x2xf32> {
  // CHECK: npir.linear
  // CHECK: npir.add
  // CHECK: return
  %w = npir.constant dense<[[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 8.0]]> : tensor<2x4xf32> loc("w")
  %k = npir.constant dense<[[[[1.0, 2.0]]]]> : tensor<1x1x1x2xf32> loc("k")
  %l = npir.linear %x, %w : (tensor<3x4xf32>, tensor<2x4xf32>) -> tensor<3x2xf32>
  %r = npir.add %l, %k : (tensor<3x2xf32>, tensor<1x1x1x2xf32>) -> tensor<1x1x3x2xf32>
  return %r : tensor<1x1x3x2xf32>
}
