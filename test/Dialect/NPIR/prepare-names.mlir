// RUN: npir-opt %s --npir-prepare --npir-verify-contract --mlir-print-local-scope | FileCheck %s

// The first owner of a name keeps it, and so does the owner of a name that a new
// one might take ("act_1"). `.quantize` and `.dequantize` belong to later passes.
// CHECK-LABEL: @first
// CHECK-SAME: loc("x")
// CHECK-SAME: loc("arg1"({{[^)]*}}))
// CHECK-SAME: loc("arg2"({{[^)]*}}))
func.func @first(%x: tensor<?x2xf32> loc("x"), %y: tensor<?x2xf32>, %z: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
  // CHECK: npir.tanh {{.*}} loc("act")
  // CHECK: npir.tanh {{.*}} loc("act_2")
  // CHECK: npir.tanh {{.*}} loc("act_1")
  // CHECK: npir.tanh {{.*}} loc("act_3")
  // CHECK: npir.tanh {{.*}} loc("x_1")
  // CHECK: npir.tanh {{.*}} loc("act.quantize_1")
  // CHECK: npir.tanh {{.*}} loc("act.dequantize_1")
  // CHECK: npir.tanh {{.*}} loc("tanh_0"({{.*}}))
  // CHECK: npir.sigmoid {{.*}} loc("sigmoid_1"({{.*}}))
  // CHECK: npir.sigmoid {{.*}} loc("sigmoid_0")
  // CHECK: npir.add {{.*}} loc(fused["sum", "relu"])
  // CHECK: npir.add {{.*}} loc(fused["sum_1", "relu"])
  %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("act")
  %1 = npir.tanh %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("act")
  %2 = npir.tanh %1 : tensor<?x2xf32> -> tensor<?x2xf32> loc("act_1")
  %3 = npir.tanh %2 : tensor<?x2xf32> -> tensor<?x2xf32> loc("act")
  %4 = npir.tanh %3 : tensor<?x2xf32> -> tensor<?x2xf32> loc("x")
  %5 = npir.tanh %4 : tensor<?x2xf32> -> tensor<?x2xf32> loc("act.quantize")
  %6 = npir.tanh %5 : tensor<?x2xf32> -> tensor<?x2xf32> loc("act.dequantize")
  %7 = npir.tanh %6 : tensor<?x2xf32> -> tensor<?x2xf32>
  %8 = npir.sigmoid %7 : tensor<?x2xf32> -> tensor<?x2xf32>
  %9 = npir.sigmoid %8 : tensor<?x2xf32> -> tensor<?x2xf32> loc("sigmoid_0")
  %10 = npir.add %9, %y : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sum")
  %11 = npir.relu %10 : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu")
  %12 = npir.add %9, %z : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sum")
  %13 = npir.relu %12 : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu")
  return %9, %11, %13 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}

// Names are unique in the whole module; constants have them, too.
// CHECK-LABEL: @second
// CHECK-SAME: loc("x_2")
func.func @second(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> {
  // CHECK: npir.constant {{.*}} loc("constant_0"({{.*}}))
  // CHECK: npir.add {{.*}} loc("act_4")
  %c = npir.constant dense<1.0> : tensor<2xf32>
  %0 = npir.add %x, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("act")
  return %0 : tensor<?x2xf32>
}
