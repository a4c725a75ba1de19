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
  // CHECK: npir.gelu %
  %7 = npir.gelu %6 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.gelu_tanh %
  %8 = npir.gelu_tanh %7 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.erf %
  %9 = npir.erf %8 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.sqrt %
  %10 = npir.sqrt %9 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.square %
  %11 = npir.square %10 : tensor<?x4xf32> -> tensor<?x4xf32>
  return %11 : tensor<?x4xf32>
}
