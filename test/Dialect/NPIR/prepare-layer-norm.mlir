// RUN: npir-opt %s --npir-prepare --split-input-file --mlir-print-local-scope | FileCheck %s

// What torch writes before opset 17. The constants keep their names.
// CHECK-LABEL: @torch
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @torch(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-DAG: %[[G:.*]] = npir.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32> loc("norm1.weight")
  // CHECK-DAG: %[[O:.*]] = npir.constant dense<[5.000000e+00, 6.000000e+00, 7.000000e+00, 8.000000e+00]> : tensor<4xf32> loc("norm1.bias")
  // CHECK: %[[Y:.*]] = npir.layer_norm %[[X]], %[[G]], %[[O]] {epsilon = 9.99999974E-6 : f32} : {{.*}} loc(fused["/norm1/layer_norm", "/norm1/Div", {{.*}}])
  // CHECK-NEXT: return %[[Y]]
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  %g = npir.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> loc("norm1.weight")
  %o = npir.constant dense<[[[5.0, 6.0, 7.0, 8.0]]]> : tensor<1x1x4xf32> loc("norm1.bias")
  %y = npir.mul %n, %g : (tensor<?x3x4xf32>, tensor<4xf32>) -> tensor<?x3x4xf32> loc("/norm1/Mul")
  %r = npir.add %y, %o : (tensor<?x3x4xf32>, tensor<1x1x4xf32>) -> tensor<?x3x4xf32> loc("/norm1/Add_1")
  return %r : tensor<?x3x4xf32>
}

// -----

// Without scale and offset, and d * d as a product.
// CHECK-LABEL: @plain
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @plain(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-DAG: %[[G:.*]] = npir.constant dense<1.000000e+00> : tensor<4xf32> loc("/norm1/layer_norm.scale")
  // CHECK-DAG: %[[O:.*]] = npir.constant dense<0.000000e+00> : tensor<4xf32> loc("/norm1/layer_norm.offset")
  // CHECK: %[[Y:.*]] = npir.layer_norm %[[X]], %[[G]], %[[O]]
  // CHECK-NEXT: return %[[Y]]
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.mul %d, %d : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32> loc("/norm1/Mul")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  return %n : tensor<?x3x4xf32>
}

// -----

// Without a scale alone.
// CHECK-LABEL: @no_scale
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @no_scale(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-DAG: %[[G:.*]] = npir.constant dense<1.000000e+00> : tensor<4xf32>
  // CHECK-DAG: %[[O:.*]] = npir.constant dense<[5.000000e+00
  // CHECK: npir.layer_norm %[[X]], %[[G]], %[[O]]
  // CHECK-NEXT: return
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  %o = npir.constant dense<[[[5.0, 6.0, 7.0, 8.0]]]> : tensor<1x1x4xf32> loc("norm1.bias")
  %r = npir.add %n, %o : (tensor<?x3x4xf32>, tensor<1x1x4xf32>) -> tensor<?x3x4xf32> loc("/norm1/Add_1")
  return %r : tensor<?x3x4xf32>
}

// -----

// d * (1 / sqrt(...)), and d computed twice.
// CHECK-LABEL: @inverse
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @inverse(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK: %[[Y:.*]] = npir.layer_norm %[[X]]
  // CHECK-NEXT: return %[[Y]]
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %m2 = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32>
  %d2 = npir.sub %x, %m2 : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32>
  %q = npir.square %d2 : tensor<?x3x4xf32> -> tensor<?x3x4xf32>
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %one = npir.constant dense<1.0> : tensor<f32>
  %i = npir.div %one, %s : (tensor<f32>, tensor<?x3x1xf32>) -> tensor<?x3x1xf32>
  %n = npir.mul %i, %d : (tensor<?x3x1xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return %n : tensor<?x3x4xf32>
}

// -----

// One number for all channels is a scale as well, by another step.
// CHECK-LABEL: @scale_for_all
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @scale_for_all(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK: npir.constant dense<3.000000e+00> : tensor<4xf32>
  // CHECK: npir.layer_norm
  // CHECK-NEXT: return
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  %k = npir.constant dense<3.0> : tensor<f32>
  %r = npir.mul %n, %k : (tensor<?x3x4xf32>, tensor<f32>) -> tensor<?x3x4xf32>
  return %r : tensor<?x3x4xf32>
}

// -----

// A scale that is computed is multiplied behind it.
// CHECK-LABEL: @computed_scale
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @computed_scale(%x: tensor<?x3x4xf32>, %g: tensor<4xf32>) -> tensor<?x3x4xf32> {
  // CHECK: %[[Y:.*]] = npir.layer_norm %[[X]]
  // CHECK-NEXT: npir.mul %[[Y]]
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  %r = npir.mul %n, %g : (tensor<?x3x4xf32>, tensor<4xf32>) -> tensor<?x3x4xf32>
  return %r : tensor<?x3x4xf32>
}

// -----

// The mean of the squares of x itself.
// CHECK-LABEL: @root_mean_square_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @root_mean_square_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NOT: npir.layer_norm
  // CHECK: npir.div
  // CHECK-NOT: npir.layer_norm
  // CHECK: return
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %x : tensor<?x3x4xf32> -> tensor<?x3x4xf32>
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  return %n : tensor<?x3x4xf32>
}

// -----

// Along another axis than the last.
// CHECK-LABEL: @other_axis_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_axis_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NOT: npir.layer_norm
  // CHECK: npir.div
  // CHECK-NOT: npir.layer_norm
  // CHECK: return
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 1>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x1x4xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x1x4xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 1>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x1x4xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x1x4xf32>, tensor<f32>) -> tensor<?x1x4xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x1x4xf32> -> tensor<?x1x4xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x1x4xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  return %n : tensor<?x3x4xf32>
}

// -----

// Twice the inverse.
// CHECK-LABEL: @other_numerator_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_numerator_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NOT: npir.layer_norm
  // CHECK: npir.div
  // CHECK-NOT: npir.layer_norm
  // CHECK: return
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %one = npir.constant dense<2.0> : tensor<f32>
  %i = npir.div %one, %s : (tensor<f32>, tensor<?x3x1xf32>) -> tensor<?x3x1xf32>
  %n = npir.mul %i, %d : (tensor<?x3x1xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32>
  return %n : tensor<?x3x4xf32>
}

// -----

// CHECK-LABEL: @negative_epsilon_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @negative_epsilon_stays(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NOT: npir.layer_norm
  // CHECK: npir.div
  // CHECK-NOT: npir.layer_norm
  // CHECK: return
  %eps = npir.constant dense<-1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  return %n : tensor<?x3x4xf32>
}

// -----

// The deviation is used, too.
// CHECK-LABEL: @second_use_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @second_use_stays(%x: tensor<?x3x4xf32>) -> (tensor<?x3x4xf32>, tensor<?x3x1xf32>) {
  // CHECK-NOT: npir.layer_norm
  // CHECK: npir.div
  // CHECK-NOT: npir.layer_norm
  // CHECK: return
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  return %n, %s : tensor<?x3x4xf32>, tensor<?x3x1xf32>
}

// -----

// The mean of another value is taken away.
// CHECK-LABEL: @other_value_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_value_stays(%x: tensor<?x3x4xf32>, %y: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NOT: npir.layer_norm
  // CHECK: npir.div
  // CHECK-NOT: npir.layer_norm
  // CHECK: return
  %eps = npir.constant dense<1.0e-5> : tensor<f32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean")
  %d = npir.sub %y, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Sub")
  %q = npir.square %d : tensor<?x3x4xf32> -> tensor<?x3x4xf32> loc("/norm1/Pow")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/ReduceMean_1")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<f32>) -> tensor<?x3x1xf32> loc("/norm1/Add")
  %s = npir.sqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/Sqrt")
  %n = npir.div %d, %s : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/Div")
  return %n : tensor<?x3x4xf32>
}

// -----

// As TOSA writes it: times the inverse root, in either order.
// CHECK-LABEL: @rsqrt
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @rsqrt(%x: tensor<?x3x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-DAG: %[[G:.*]] = npir.constant dense<[1.000000e+00, 2.000000e+00, 3.000000e+00, 4.000000e+00]> : tensor<4xf32>
  // CHECK: npir.layer_norm %[[X]], %[[G]], %{{.*}} {epsilon = 9.99999974E-6 : f32}
  // CHECK-NEXT: return
  %eps = npir.constant dense<1.0e-5> : tensor<1x1x1xf32>
  %m = npir.reduce mean %x {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/mean")
  %d = npir.sub %x, %m : (tensor<?x3x4xf32>, tensor<?x3x1xf32>) -> tensor<?x3x4xf32> loc("/norm1/sub")
  %q = npir.mul %d, %d : (tensor<?x3x4xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32> loc("/norm1/square")
  %v = npir.reduce mean %q {axes = array<i64: 2>, keep_dims} : tensor<?x3x4xf32> -> tensor<?x3x1xf32> loc("/norm1/variance")
  %e = npir.add %v, %eps : (tensor<?x3x1xf32>, tensor<1x1x1xf32>) -> tensor<?x3x1xf32> loc("/norm1/add")
  %s = npir.rsqrt %e : tensor<?x3x1xf32> -> tensor<?x3x1xf32> loc("/norm1/rsqrt")
  %n = npir.mul %s, %d : (tensor<?x3x1xf32>, tensor<?x3x4xf32>) -> tensor<?x3x4xf32> loc("/norm1/mul")
  %g = npir.constant dense<[1.0, 2.0, 3.0, 4.0]> : tensor<4xf32> loc("norm1.weight")
  %y = npir.mul %n, %g : (tensor<?x3x4xf32>, tensor<4xf32>) -> tensor<?x3x4xf32> loc("/norm1/scale")
  return %y : tensor<?x3x4xf32>
}
