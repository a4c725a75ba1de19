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
  // CHECK: npir.leaky_relu %{{.*}} {alpha = 2.500000e-01 : f32}
  %12 = npir.leaky_relu %11 {alpha = 0.25 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.elu %{{.*}} {alpha = 2.500000e-01 : f32}
  %13 = npir.elu %12 {alpha = 0.25 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.silu %
  %14 = npir.silu %13 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.softplus %
  %15 = npir.softplus %14 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.mish %
  %16 = npir.mish %15 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.exp %
  %17 = npir.exp %16 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.log %
  %18 = npir.log %17 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.rsqrt %
  %19 = npir.rsqrt %18 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.reciprocal %
  %20 = npir.reciprocal %19 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.neg %
  %21 = npir.neg %20 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.floor %
  %22 = npir.floor %21 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.ceil %
  %23 = npir.ceil %22 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.round %
  %24 = npir.round %23 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.sign %
  %25 = npir.sign %24 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.sin %
  %26 = npir.sin %25 : tensor<?x4xf32> -> tensor<?x4xf32>
  // CHECK: npir.cos %
  %27 = npir.cos %26 : tensor<?x4xf32> -> tensor<?x4xf32>
  return %27 : tensor<?x4xf32>
}
