// RUN: npir-opt %s | npir-opt | FileCheck %s

// Indices, truth values, and what they select.

// CHECK-LABEL: @index
func.func @index(%ids: tensor<?x16xi64>, %mask: tensor<?x16xi1>, %table: tensor<100x8xf32>) -> tensor<?x16xi64> {
  // CHECK: npir.gather %{{.*}}, %{{.*}} {axis = 0 : i64} : (tensor<100x8xf32>, tensor<?x16xi64>) -> tensor<?x16x8xf32>
  %0 = npir.gather %table, %ids {axis = 0 : i64} : (tensor<100x8xf32>, tensor<?x16xi64>) -> tensor<?x16x8xf32>
  %1 = npir.reshape %mask : tensor<?x16xi1> -> tensor<?x16x1xi1>
  %2 = npir.constant dense<-1.0> : tensor<1xf32>
  // CHECK: npir.where %{{.*}} : (tensor<?x16x1xi1>, tensor<?x16x8xf32>, tensor<1xf32>) -> tensor<?x16x8xf32>
  %3 = npir.where %1, %0, %2 : (tensor<?x16x1xi1>, tensor<?x16x8xf32>, tensor<1xf32>) -> tensor<?x16x8xf32>
  // CHECK: npir.compare lt %{{.*}} : (tensor<?x16x8xf32>, tensor<1xf32>) -> tensor<?x16x8xi1>
  %4 = npir.compare lt %3, %2 : (tensor<?x16x8xf32>, tensor<1xf32>) -> tensor<?x16x8xi1>
  // CHECK: npir.not
  %5 = npir.not %4 : tensor<?x16x8xi1> -> tensor<?x16x8xi1>
  // CHECK: npir.logical and %{{.*}} : (tensor<?x16x8xi1>, tensor<?x16x1xi1>) -> tensor<?x16x8xi1>
  %6 = npir.logical and %5, %1 : (tensor<?x16x8xi1>, tensor<?x16x1xi1>) -> tensor<?x16x8xi1>
  // CHECK: npir.cast %{{.*}} : tensor<?x16x8xi1> -> tensor<?x16x8xf32>
  %7 = npir.cast %6 : tensor<?x16x8xi1> -> tensor<?x16x8xf32>
  // CHECK: npir.argmax %{{.*}} {axis = 2 : i64, last} : tensor<?x16x8xf32> -> tensor<?x16xi64>
  %8 = npir.argmax %7 {axis = 2 : i64, last} : tensor<?x16x8xf32> -> tensor<?x16xi64>
  return %8 : tensor<?x16xi64>
}
