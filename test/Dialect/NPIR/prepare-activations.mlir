// RUN: npir-opt %s --npir-prepare | FileCheck %s

// A chain becomes the intersection of its ranges, under the first layer's name.
// CHECK-LABEL: @chain
func.func @chain(%x: tensor<?x2xf32>, %w: tensor<2x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.linear %{{.*}} {clamp_max = 6.000000e+00 : f32, clamp_min = 1.000000e+00 : f32}
  // CHECK-NEXT: return %[[Y]]
  %0 = npir.linear %x, %w {clamp_max = 7.0 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
  %1 = npir.relu %0 : tensor<?x2xf32> -> tensor<?x2xf32>
  %2 = npir.clamp %1 {min = -1.0 : f32, max = 6.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32>
  %3 = npir.clamp %2 {min = 1.0 : f32, max = 9.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32>
  return %3 : tensor<?x2xf32>
}

// CHECK-LABEL: @addition
func.func @addition(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: npir.add %{{.*}} {clamp_min = 0.000000e+00 : f32}
  // CHECK-NEXT: return
  %0 = npir.add %x, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = npir.relu %0 : tensor<?x2xf32> -> tensor<?x2xf32>
  return %1 : tensor<?x2xf32>
}

// The value before the activation is used, too.
// CHECK-LABEL: @second_use_stays
func.func @second_use_stays(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  // CHECK-NEXT: npir.add %{{[^{]*}} :
  // CHECK-NEXT: npir.relu
  %0 = npir.add %x, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = npir.relu %0 : tensor<?x2xf32> -> tensor<?x2xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x2xf32>
}

// Ranges that touch or lie apart make a constant: no range tells that.
// CHECK-LABEL: @disjoint_stays
func.func @disjoint_stays(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  // CHECK-NEXT: npir.add %{{.*}} {clamp_max = 1.000000e+00 : f32, clamp_min = 0.000000e+00 : f32}
  // CHECK-NEXT: npir.clamp
  // CHECK-NEXT: npir.add %{{.*}} {clamp_max = 1.000000e+00 : f32}
  // CHECK-NEXT: npir.clamp
  %0 = npir.add %x, %y {clamp_max = 1.0 : f32, clamp_min = 0.0 : f32} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %1 = npir.clamp %0 {min = 1.0 : f32, max = 2.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32>
  %2 = npir.add %x, %y {clamp_max = 1.0 : f32} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %3 = npir.clamp %2 {min = 3.0 : f32, max = 4.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32>
  return %1, %3 : tensor<?x2xf32>, tensor<?x2xf32>
}

// Not before an op without a clamp, and no other function.
// CHECK-LABEL: @others_stay
func.func @others_stay(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: npir.relu
  // CHECK-NEXT: npir.add %{{[^{]*}} :
  // CHECK-NEXT: npir.tanh
  %0 = npir.relu %x : tensor<?x2xf32> -> tensor<?x2xf32>
  %1 = npir.add %0, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
  %2 = npir.tanh %1 : tensor<?x2xf32> -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}

// An op without users goes.
// CHECK-LABEL: @dead
func.func @dead(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK-NEXT: return
  %0 = npir.relu %x : tensor<?x2xf32> -> tensor<?x2xf32>
  %1 = npir.tanh %0 : tensor<?x2xf32> -> tensor<?x2xf32>
  return %x : tensor<?x2xf32>
}
