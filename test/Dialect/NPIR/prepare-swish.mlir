// RUN: npir-opt %s --npir-prepare --split-input-file --mlir-print-local-scope | FileCheck %s

// SiLU as it is exported; the path that the parts share names the op.
// CHECK-LABEL: @silu
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @silu(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.silu %[[X]] : {{.*}} loc(fused["/act/silu", "/act/Sigmoid", "/act/Mul"])
  // CHECK-NEXT: return %[[Y]]
  %0 = npir.sigmoid %x : tensor<?x4xf32> -> tensor<?x4xf32> loc("/act/Sigmoid")
  %1 = npir.mul %x, %0 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("/act/Mul")
  return %1 : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: @hardswish
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @hardswish(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[A:.*]] = npir.hardswish %[[X]]
  // CHECK-NEXT: %[[B:.*]] = npir.hardswish %[[A]] : {{.*}} loc(fused["/act/hardswish", {{.*}}])
  // CHECK-NEXT: return %[[B]]
  %0 = npir.hardsigmoid %x : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = npir.mul %0, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  // In its parts: y * min(max(3 + y, 0), 6) / 6.
  %three = npir.constant dense<3.0> : tensor<f32>
  %six = npir.constant dense<6.0> : tensor<f32>
  %2 = npir.add %three, %1 : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("/act/Add")
  %3 = npir.clamp %2 {min = 0.0 : f32, max = 6.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32> loc("/act/Clip")
  %4 = npir.mul %1, %3 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("/act/Mul")
  %5 = npir.div %4, %six : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32> loc("/act/Div")
  return %5 : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: @mish
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @mish(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.mish %[[X]]
  // CHECK-NEXT: return %[[Y]]
  %0 = npir.softplus %x : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = npir.tanh %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.mul %x, %1 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// -----

// Another value is gated, the gate is used elsewhere, or the sum is another.
// CHECK-LABEL: @others
// CHECK-NOT: npir.silu
// CHECK-NOT: npir.hardswish
// CHECK: return
func.func @others(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  %0 = npir.sigmoid %x : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = npir.mul %y, %0 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = npir.sigmoid %y : tensor<?x4xf32> -> tensor<?x4xf32>
  %3 = npir.mul %y, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %two = npir.constant dense<2.0> : tensor<f32>
  %six = npir.constant dense<6.0> : tensor<f32>
  %4 = npir.add %x, %two : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %5 = npir.clamp %4 {min = 0.0 : f32, max = 6.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
  %6 = npir.mul %x, %5 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %7 = npir.div %6, %six : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %1, %2, %3, %7 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}
