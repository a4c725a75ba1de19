// RUN: npir-opt %s --npir-quantize-pipeline="config=preset:dynamic stop-at=qdq" | FileCheck %s --check-prefix=QDQ
// RUN: npir-opt %s --npir-quantize-pipeline="config=preset:dynamic stop-at=integer" -o %t.mlir
// RUN: FileCheck %s --check-prefix=INTEGER --input-file=%t.mlir
// RUN: npir-opt %t.mlir --npir-report-coverage -o /dev/null | FileCheck %s --check-prefix=COVERAGE
// RUN: npir-opt %t.mlir --convert-npir-to-xnn | FileCheck %s --check-prefix=XNN

// A pointwise convolution is a linear layer over the channels of each pixel; one with a stride, or that reads several pixels, is not.
// QDQ: %[[ROWS:.*]] = npir.dynamic_quantize %arg0
// QDQ: npir.conv2d %[[ROWS]], {{.*}} {clamp_min = 0.{{.*}}} {{.*}} tensor<16x1x1x8xf32>
// QDQ-NOT: npir.dynamic_quantize

// INTEGER: npir.dynamic_linear %arg0, {{.*}} {clamp_min = 0.{{.*}}} : (tensor<?x4x4x8xf32>, tensor<16x8x!qt{{.*}}>, tensor<16x1xf32>, tensor<16xf32>) -> tensor<?x4x4x16xf32>
// INTEGER: npir.conv2d
// INTEGER: npir.conv2d

// COVERAGE: pointwise {{.*}} W8A8d {{.*}} npir.dynamic_linear
// COVERAGE: strided {{.*}} W8A32 {{.*}} its input is float, since only linear layers and pointwise convolutions quantize theirs at run time
// COVERAGE: wide {{.*}} W8A32 {{.*}} its input is float, since only linear layers and pointwise convolutions quantize theirs at run time

// XNN: xnn.hybrid_fully_connected {{.*}}dynamic, output_min = 0.{{.*}} : (tensor<?x4x4x8xf32>, tensor<16x8x!qt{{.*}}>


func.func @main(%x: tensor<?x4x4x8xf32> loc("x")) -> tensor<?x2x2x4xf32> {
  %w1 = npir.constant dense<0.5> : tensor<16x1x1x8xf32> loc("w1")
  %b1 = npir.constant dense<1.0> : tensor<16xf32> loc("b1")
  %w2 = npir.constant dense<0.25> : tensor<16x1x1x16xf32> loc("w2")
  %w3 = npir.constant dense<0.75> : tensor<4x3x3x16xf32> loc("w3")
  %0 = npir.conv2d %x, %w1, %b1 {clamp_min = 0.0 : f32} : (tensor<?x4x4x8xf32>, tensor<16x1x1x8xf32>, tensor<16xf32>) -> tensor<?x4x4x16xf32> loc("pointwise")
  %1 = npir.conv2d %0, %w2 {strides = array<i64: 2, 2>} : (tensor<?x4x4x16xf32>, tensor<16x1x1x16xf32>) -> tensor<?x2x2x16xf32> loc("strided")
  %2 = npir.conv2d %1, %w3 {pads = array<i64: 1, 1, 1, 1>} : (tensor<?x2x2x16xf32>, tensor<4x3x3x16xf32>) -> tensor<?x2x2x4xf32> loc("wide")
  return %2 : tensor<?x2x2x4xf32>
}
