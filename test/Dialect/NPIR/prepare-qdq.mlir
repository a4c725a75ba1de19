// RUN: npir-opt --npir-prepare --npir-verify-contract --split-input-file --mlir-print-debuginfo=false %s | FileCheck %s
// RUN: npir-opt --npir-prepare --npir-canonicalize-qdq --npir-partition=targets=xnnpack --npir-fold-qdq --convert-npir-to-xnn \
// RUN:   --npir-verify-contract --split-input-file -o /dev/null %s

!qa = !quant.uniform<i8:f32, 0.5>
!qc = !quant.uniform<i8:f32:1, {0.5, 0.25}>
!qf = !quant.uniform<i8:f32:0, {0.5, 0.25}>

// Transposes pass quantize and dequantize, and cancel; a clamp joins its layer.
// CHECK-LABEL: @layout
// CHECK-SAME: npir.station = #npir.station<qdq>
// CHECK: npir.reshape %{{.*}} -> tensor<?x8x8x1xf32>
// CHECK-NEXT: npir.quantize
// CHECK-NEXT: npir.dequantize
// CHECK: npir.conv2d {{.*}}clamp_min = 0
// CHECK-NEXT: npir.quantize %{{.*}} : tensor<?x8x8x2xf32> -> tensor<?x8x8x2x!
// CHECK-NEXT: npir.dequantize
// CHECK-NEXT: npir.transpose %{{.*}} {perm = array<i64: 0, 3, 1, 2>}
// CHECK-NEXT: npir.quantize
// CHECK-NEXT: npir.dequantize
// CHECK-NEXT: return
module {
  func.func @layout(%x: tensor<?x1x8x8xf32>) -> tensor<?x2x8x8xf32> attributes {npir.station = #npir.station<qdq>} {
    %0 = npir.quantize %x : tensor<?x1x8x8xf32> -> tensor<?x1x8x8x!qa>
    %1 = npir.dequantize %0 : tensor<?x1x8x8x!qa> -> tensor<?x1x8x8xf32>
    %2 = npir.transpose %1 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x1x8x8xf32> -> tensor<?x8x8x1xf32>
    %c = npir.constant dense<[[[[3]]], [[[-4]]]]> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!qf>
    %w = npir.dequantize %c : tensor<2x1x1x1x!qf> -> tensor<2x1x1x1xf32>
    %3 = npir.conv2d %2, %w : (tensor<?x8x8x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x8x8x2xf32>
    %4 = npir.transpose %3 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x8x8x2xf32> -> tensor<?x2x8x8xf32>
    %5 = npir.relu %4 : tensor<?x2x8x8xf32> -> tensor<?x2x8x8xf32>
    %6 = npir.quantize %5 : tensor<?x2x8x8xf32> -> tensor<?x2x8x8x!qa>
    %7 = npir.dequantize %6 : tensor<?x2x8x8x!qa> -> tensor<?x2x8x8xf32>
    return %7 : tensor<?x2x8x8xf32>
  }
}

// -----

!qc = !quant.uniform<i8:f32:1, {0.5, 0.25}>

// The axis of scales goes with the channels.
// CHECK-DAG: ![[MOVED:.*]] = !quant.uniform<i8:f32:3, {5.000000e-01,2.500000e-01}>
// CHECK-LABEL: @axis
// CHECK: npir.transpose
// CHECK: npir.quantize %{{.*}} -> tensor<?x4x4x2x![[MOVED]]>
module {
  func.func @axis(%x: tensor<?x2x4x4xf32>) -> tensor<?x4x4x2xf32> attributes {npir.station = #npir.station<qdq>} {
    %0 = npir.quantize %x : tensor<?x2x4x4xf32> -> tensor<?x2x4x4x!qc>
    %1 = npir.dequantize %0 : tensor<?x2x4x4x!qc> -> tensor<?x2x4x4xf32>
    %2 = npir.transpose %1 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x2x4x4xf32> -> tensor<?x4x4x2xf32>
    %3 = npir.max_pool2d %2 {kernel = array<i64: 1, 1>} : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
    return %3 : tensor<?x4x4x2xf32>
  }
}

// -----

!qa = !quant.uniform<i8:f32, 0.5>
!qw = !quant.uniform<i8:f32:0, {0.5, 0.25}>

// A flatten before a linear layer permutes the columns of integers, too, and the layer finds its operand quantized.
// CHECK-LABEL: @flatten
// CHECK: npir.constant dense<{{\[\[}}0, 2, 1, 3], [4, 6, 5, 7]]> : tensor<2x4xi8>
// CHECK: %[[W:.*]] = npir.dequantize
// CHECK: %[[R:.*]] = npir.reshape
// CHECK: %[[Q:.*]] = npir.quantize %[[R]]
// CHECK: %[[D:.*]] = npir.dequantize %[[Q]]
// CHECK: npir.linear %[[D]], %[[W]]
module {
  func.func @flatten(%x: tensor<?x1x2x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
    %0 = npir.max_pool2d %x {kernel = array<i64: 1, 1>} : tensor<?x1x2x2xf32> -> tensor<?x1x2x2xf32>
    %1 = npir.transpose %0 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x1x2x2xf32> -> tensor<?x2x1x2xf32>
    %2 = npir.quantize %1 : tensor<?x2x1x2xf32> -> tensor<?x2x1x2x!qa>
    %3 = npir.dequantize %2 : tensor<?x2x1x2x!qa> -> tensor<?x2x1x2xf32>
    %4 = npir.reshape %3 : tensor<?x2x1x2xf32> -> tensor<?x4xf32>
    %c = npir.constant dense<[[0, 1, 2, 3], [4, 5, 6, 7]]> : tensor<2x4xi8> as tensor<2x4x!qw>
    %w = npir.dequantize %c : tensor<2x4x!qw> -> tensor<2x4xf32>
    %5 = npir.linear %4, %w : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32>
    return %5 : tensor<?x2xf32>
  }
}

// -----

!qa = !quant.uniform<i8:f32, 0.5>
!qw = !quant.uniform<i8:f32:0, {0.5, 0.25}>

// Integers are not multiplied: a factor stays an op, and a batch norm a layer of its own; a sum becomes the bias.
// CHECK-LABEL: @affine
// CHECK: npir.linear %{{.*}}, %{{.*}}, %{{.*}} :
// CHECK-NEXT: npir.mul
module {
  func.func @affine(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
    %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa>
    %1 = npir.dequantize %0 : tensor<?x2x!qa> -> tensor<?x2xf32>
    %c = npir.constant dense<[[0, 1], [4, 5]]> : tensor<2x2xi8> as tensor<2x2x!qw>
    %w = npir.dequantize %c : tensor<2x2x!qw> -> tensor<2x2xf32>
    %b = npir.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %2 = npir.linear %1, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
    %3 = npir.add %2, %b : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    %4 = npir.mul %3, %b : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    return %4 : tensor<?x2xf32>
  }
}

// -----

!qw = !quant.uniform<i8:f32:0, {0.5, 0.25}>

// CHECK-LABEL: @norm
// CHECK: npir.conv2d
// CHECK: npir.depthwise_conv2d
module {
  func.func @norm(%x: tensor<?x4x4x1xf32>) -> tensor<?x4x4x2xf32> attributes {npir.station = #npir.station<qdq>} {
    %c = npir.constant dense<[[[[3]]], [[[-4]]]]> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!qw>
    %w = npir.dequantize %c : tensor<2x1x1x1x!qw> -> tensor<2x1x1x1xf32>
    %b = npir.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %0 = npir.conv2d %x, %w : (tensor<?x4x4x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x4x4x2xf32>
    %1 = npir.batch_norm %0, %b, %b, %b, %b {axis = 3 : i64, epsilon = 1.0e-5 : f32}
        : (tensor<?x4x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x4x4x2xf32>
    return %1 : tensor<?x4x4x2xf32>
  }
}
