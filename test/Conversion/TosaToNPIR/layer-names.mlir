// RUN: split-file %s %t
// RUN: npir-opt %t/names.mlir --convert-tosa-to-npir --mlir-print-local-scope | FileCheck %t/names.mlir
// RUN: not npir-opt %t/float.mlir --convert-tosa-to-npir 2>&1 | FileCheck %t/float.mlir --check-prefix=FLOAT
// RUN: not npir-opt %t/quantized.mlir --convert-tosa-to-npir 2>&1 | FileCheck %t/quantized.mlir --check-prefix=QUANTIZED

//--- names.mlir
// Names that are taken are not given again; constants are called after what reads them first, and unnamed arguments stay so.
// CHECK-LABEL: @main(
func.func @main(%x: tensor<?x4xf32> loc("exp_0")) -> tensor<?x4xf32> {
  // CHECK: npir.exp %{{.*}} loc("exp_2"
  %0 = tosa.exp %x : (tensor<?x4xf32>) -> tensor<?x4xf32>
  // CHECK: npir.exp %{{.*}} loc(fused["exp_1", {{.*}}])
  %1 = tosa.exp %0 : (tensor<?x4xf32>) -> tensor<?x4xf32> loc(fused["exp_1", "net.py":7:1])
  // CHECK: npir.constant {{.*}} loc("second.constant"
  // CHECK: npir.maximum {{.*}} loc("second"("net.py":8:1))
  %c = "tosa.const"() {values = dense<[[1.0, 2.0, 3.0, 4.0]]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %2 = tosa.maximum %1, %c : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32> loc("second"("net.py":8:1))
  // CHECK-NOT: npir.constant
  %3 = tosa.minimum %2, %c : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  return %3 : tensor<?x4xf32>
}

//--- float.mlir
// FLOAT: error: cannot convert @main to npir: 1 problem
// FLOAT: net.py:7:1: note: 'tosa.scatter' in layer 'encoder.cache': npir has no such op
func.func @main(%x: tensor<1x4x2xf32>, %i: tensor<1x2xi32>, %y: tensor<1x2x2xf32>) -> tensor<1x4x2xf32> {
  %0 = tosa.scatter %x, %i, %y : (tensor<1x4x2xf32>, tensor<1x2xi32>, tensor<1x2x2xf32>) -> tensor<1x4x2xf32> loc("encoder.cache"("net.py":7:1))
  return %0 : tensor<1x4x2xf32>
}

//--- quantized.mlir
// QUANTIZED: net.py:9:1: error: 'tosa.abs' op in layer 'act' computes with the integers of a quantized network; export
func.func @main(%x: tensor<4xi8>) -> tensor<4xi8> {
  %0 = tosa.abs %x : (tensor<4xi8>) -> tensor<4xi8> loc("act"("net.py":9:1))
  return %0 : tensor<4xi8>
}
