// RUN: npir-opt %s --npir-prepare --split-input-file --mlir-print-local-scope | FileCheck %s

// What torch writes before opset 20. The path that the parts share names the op.
// CHECK-LABEL: @torch
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @torch(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.gelu %[[X]] : {{.*}} loc(fused["/mlp/act/gelu", "/mlp/act/Erf", {{.*}}"/mlp/act/Mul_1"{{.*}}])
  // CHECK-NEXT: return %[[Y]]
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32> loc("/mlp/act/Div")
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32> loc("/mlp/act/Erf")
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32> loc("/mlp/act/Add")
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("/mlp/act/Mul")
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32> loc("/mlp/act/Mul_1")
  return %4 : tensor<?x4xf32>
}

// -----

// 0.5 first, the argument multiplied, constants on the left and of one
// dimension; without a common path the name is that of the function.
// CHECK-LABEL: @other_order
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_order(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.gelu %[[X]] : {{.*}} loc(fused["node_erf", {{.*}}])
  // CHECK-NEXT: return %[[Y]]
  %a = npir.constant dense<[0.7071]> : tensor<1xf32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.mul %half, %x : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("node_mul")
  %1 = npir.mul %a, %x : (tensor<1xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = npir.erf %1 : tensor<?x4xf32> -> tensor<?x4xf32> loc("node_erf")
  %3 = npir.add %one, %2 : (tensor<f32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %0 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// x * (0.5 + 0.5 * erf(x / 2 * sqrt(2)))
// CHECK-LABEL: @halves
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @halves(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.gelu %[[X]] : tensor<?x4xf32>
  // CHECK-NEXT: return %[[Y]]
  %two = npir.constant dense<2.0> : tensor<f32>
  %a = npir.constant dense<1.41421356> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %two : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.mul %0, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %2 = npir.erf %1 : tensor<?x4xf32> -> tensor<?x4xf32>
  %3 = npir.mul %2, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %4 = npir.add %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %5 = npir.mul %4, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----

// 0.5 * x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3)))
// CHECK-LABEL: @tanh
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @tanh(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.gelu_tanh %[[X]] : tensor<?x4xf32>
  // CHECK-NEXT: return %[[Y]]
  %k = npir.constant dense<0.044715> : tensor<f32>
  %s = npir.constant dense<0.797884583> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.square %x : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = npir.mul %0, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = npir.mul %1, %k : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.add %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %s : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %5 = npir.tanh %4 : tensor<?x4xf32> -> tensor<?x4xf32>
  %6 = npir.add %5, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %7 = npir.mul %x, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %8 = npir.mul %7, %6 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// -----

// x^3 as a product; x factored out.
// CHECK-LABEL: @tanh_factored
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @tanh_factored(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NEXT: %[[Y:.*]] = npir.gelu_tanh %[[X]] : tensor<?x4xf32>
  // CHECK-NEXT: return %[[Y]]
  %k = npir.constant dense<0.044715> : tensor<f32>
  %s = npir.constant dense<0.79788> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.mul %x, %k : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.mul %0, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %s : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %5 = npir.tanh %4 : tensor<?x4xf32> -> tensor<?x4xf32>
  %6 = npir.add %5, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %7 = npir.mul %6, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %8 = npir.mul %7, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// -----

// What comes behind is not part of it.
// CHECK-LABEL: @scaled_afterwards
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @scaled_afterwards(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: %[[Y:.*]] = npir.gelu %[[X]]
  // CHECK: npir.mul %[[Y]]
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %k = npir.constant dense<3.0> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %5 = npir.mul %4, %k : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %5 : tensor<?x4xf32>
}

// -----

// Constants further off than half precision has them.
// CHECK-LABEL: @other_divisor_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_divisor_stays(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.erf
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// Twice a GELU.
// CHECK-LABEL: @other_half_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_half_stays(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.erf
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<1.0> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// CHECK-LABEL: @other_sum_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_sum_stays(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.erf
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<2.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// Another value goes through the gate.
// CHECK-LABEL: @other_gate_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_gate_stays(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.erf
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %y, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// A value inside is used, too.
// CHECK-LABEL: @second_use_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @second_use_stays(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.erf
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %4, %1 : tensor<?x4xf32>, tensor<?x4xf32>
}

// -----

// Clamped on the way.
// CHECK-LABEL: @clamped_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @clamped_stays(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.erf
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.erf %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one {clamp_min = 0.5 : f32} : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}

// -----

// A gate that is broadcast.
// CHECK-LABEL: @broadcast_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @broadcast_stays(%x: tensor<?x3x4xf32>, %y: tensor<?x1x4xf32>) -> tensor<?x3x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.erf
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %y, %a : (tensor<?x1x4xf32>, tensor<f32>) -> tensor<?x1x4xf32>
  %1 = npir.erf %0 : tensor<?x1x4xf32> -> tensor<?x1x4xf32>
  %2 = npir.add %1, %one : (tensor<?x1x4xf32>, tensor<f32>) -> tensor<?x1x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x3x4xf32>, tensor<?x1x4xf32>) -> tensor<?x3x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x3x4xf32>, tensor<f32>) -> tensor<?x3x4xf32>
  return %4 : tensor<?x3x4xf32>
}

// -----

// Another coefficient of x^3.
// CHECK-LABEL: @other_cubic_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @other_cubic_stays(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.tanh
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %k = npir.constant dense<0.0450> : tensor<f32>
  %s = npir.constant dense<0.797884583> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.square %x : tensor<?x4xf32> -> tensor<?x4xf32>
  %1 = npir.mul %0, %x : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %2 = npir.mul %1, %k : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.add %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %s : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %5 = npir.tanh %4 : tensor<?x4xf32> -> tensor<?x4xf32>
  %6 = npir.add %5, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %7 = npir.mul %x, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %8 = npir.mul %7, %6 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return %8 : tensor<?x4xf32>
}

// -----

// tanh with the argument of erf.
// CHECK-LABEL: @tanh_of_erf_argument_stays
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @tanh_of_erf_argument_stays(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK-NOT: npir.gelu
  // CHECK: npir.tanh
  // CHECK-NOT: npir.gelu
  // CHECK: return
  %a = npir.constant dense<1.41421354> : tensor<f32>
  %one = npir.constant dense<1.0> : tensor<f32>
  %half = npir.constant dense<0.5> : tensor<f32>
  %0 = npir.div %x, %a : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %1 = npir.tanh %0 : tensor<?x4xf32> -> tensor<?x4xf32>
  %2 = npir.add %1, %one : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  %3 = npir.mul %x, %2 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  %4 = npir.mul %3, %half : (tensor<?x4xf32>, tensor<f32>) -> tensor<?x4xf32>
  return %4 : tensor<?x4xf32>
}
