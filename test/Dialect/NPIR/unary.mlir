// RUN: npir-opt %s | npir-opt | FileCheck %s

// CHECK-LABEL: @unary
func.func @unary(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: npir.relu %{{.*}} : tensor<?x4xf32> -> tensor<?x4xf32>
  %0 = npir.relu %x : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.clamp %{{.*}} {max = 6.000000e+00 : f32, min = -1.000000e+00 : f32}
  %1 = npir.clamp %0 {min = -1.0 : f32, max = 6.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.sigmoid
  %2 = npir.sigmoid %1 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.tanh
  %3 = npir.tanh %2 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.hardsigmoid
  %4 = npir.hardsigmoid %3 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.hardswish
  %5 = npir.hardswish %4 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.abs
  %6 = npir.abs %5 : tensor<?x4xf32> -> tensor<?x4xf32>
  return %6 : tensor<?x4xf32>
}
