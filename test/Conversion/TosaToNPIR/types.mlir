// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --mlir-print-local-scope --verify-diagnostics | FileCheck %s

// Other floats become f32, numbers as they are.
// CHECK-LABEL: @half(
// CHECK-SAME: tensor<?x2xf32>{{.*}} -> tensor<?x2xf32>
// expected-remark @below {{f16, bf16 and f64 became f32 in @half}}
func.func @half(%x: tensor<?x2xf16>) -> tensor<?x2xf16> {
  // CHECK: %[[C:.*]] = npir.constant dense<{{\[\[}}5.000000e-01, -2.000000e+00]]> : tensor<1x2xf32>
  // CHECK: npir.add %{{.*}}, %[[C]] : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
  %c = "tosa.const"() {values = dense<[[0.5, -2.0]]> : tensor<1x2xf16>} : () -> tensor<1x2xf16>
  %0 = tosa.add %x, %c : (tensor<?x2xf16>, tensor<1x2xf16>) -> tensor<?x2xf16>
  // A cast between floats is none.
  // CHECK-NEXT: %[[D:.*]] = npir.constant dense<{{\[\[}}3.000000e+00, 1.500000e+00]]> : tensor<1x2xf32>
  // CHECK-NEXT: %[[Y:.*]] = npir.maximum
  // CHECK-NEXT: return %[[Y]]
  %d = "tosa.const"() {values = dense<[[3.0, 1.5]]> : tensor<1x2xbf16>} : () -> tensor<1x2xbf16>
  %1 = tosa.cast %0 : (tensor<?x2xf16>) -> tensor<?x2xbf16>
  %2 = tosa.maximum %1, %d : (tensor<?x2xbf16>, tensor<1x2xbf16>) -> tensor<?x2xbf16>
  %3 = tosa.cast %2 : (tensor<?x2xbf16>) -> tensor<?x2xf16>
  return %3 : tensor<?x2xf16>
}

// -----

// Indices and truth values stay; so does a scalar.
// CHECK-LABEL: @indices(
func.func @indices(%x: tensor<?x2xi32>, %y: tensor<f32>) -> (tensor<?x2xi1>, tensor<f32>) {
  // CHECK-DAG: npir.compare gt %{{.*}}, %{{.*}} : (tensor<?x2xi32>, tensor<1x2xi32>) -> tensor<?x2xi1>
  // CHECK-DAG: npir.exp %{{.*}} : tensor<f32> -> tensor<f32>
  %c = "tosa.const"() {values = dense<[[1, 2]]> : tensor<1x2xi32>} : () -> tensor<1x2xi32>
  %0 = tosa.greater %x, %c : (tensor<?x2xi32>, tensor<1x2xi32>) -> tensor<?x2xi1>
  %1 = tosa.exp %y : (tensor<f32>) -> tensor<f32>
  return %0, %1 : tensor<?x2xi1>, tensor<f32>
}
