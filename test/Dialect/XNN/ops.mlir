// RUN: npir-opt %s | npir-opt | FileCheck %s
// RUN: npir-opt %s --emit-bytecode | npir-opt | FileCheck %s

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<i8<-127:127>:f32:0, {2.500000e-01, 5.000000e-01}>
!qb = !quant.uniform<i32:f32:0, {1.562500e-02, 3.125000e-02}>

// CHECK-LABEL: @float
// CHECK-SAME: %[[X:.*]]: tensor<?x4x4x2xf32>
func.func @float(%x: tensor<?x4x4x2xf32>) -> (tensor<?x2x2x2xf32>, tensor<?x8xf32>) {
  // CHECK: %{{.*}}:2 = xnn.subgraph(%[[A:.*]]: tensor<?x4x4x2xf32>{{.*}} = %[[X]]) -> (tensor<?x2x2x2xf32>, tensor<?x8xf32>) {
  %0:2 = xnn.subgraph(%a: tensor<?x4x4x2xf32> = %x) -> (tensor<?x2x2x2xf32>, tensor<?x8xf32>) {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    %d = npir.constant dense<1.0> : tensor<1x1x1x2xf32>
    %b = npir.constant dense<1.0> : tensor<2xf32>
    // CHECK: xnn.convolution_2d %[[A]], %{{.*}}, %{{.*}} {dilations = array<i64: 1, 1>, groups = 1 : i64, output_min = 0.000000e+00 : f32, padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>}
    %1 = xnn.convolution_2d %a, %f, %b {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, output_min = 0.0 : f32}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>, tensor<2xf32>) -> tensor<?x4x4x2xf32>
    // CHECK: xnn.depthwise_convolution_2d %{{.*}}, %{{.*}} {depth_multiplier = 1 : i64
    %2 = xnn.depthwise_convolution_2d %1, %d {padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, depth_multiplier = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<1x1x1x2xf32>) -> tensor<?x4x4x2xf32>
    // CHECK: xnn.binary add %{{.*}}, %{{.*}} {output_max = 6.000000e+00 : f32}
    %3 = xnn.binary add %1, %2 {output_max = 6.0 : f32} : (tensor<?x4x4x2xf32>, tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32>
    // CHECK: xnn.binary multiply %{{.*}}, %{{.*}} : (tensor<?x4x4x2xf32>, tensor<2xf32>)
    %4 = xnn.binary multiply %3, %b : (tensor<?x4x4x2xf32>, tensor<2xf32>) -> tensor<?x4x4x2xf32>
    // CHECK: xnn.max_pooling_2d
    // CHECK-SAME: pooling = array<i64: 2, 2>
    %5 = xnn.max_pooling_2d %4 {pooling = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>}
        : tensor<?x4x4x2xf32> -> tensor<?x2x2x2xf32>
    // CHECK: xnn.unary elu %{{.*}} {alpha = 5.000000e-01 : f32}
    %6 = xnn.unary elu %5 {alpha = 0.5 : f32} : tensor<?x2x2x2xf32> -> tensor<?x2x2x2xf32>
    // CHECK: xnn.unary clamp %{{.*}} {max = 1.000000e+00 : f32, min = -1.000000e+00 : f32}
    %7 = xnn.unary clamp %6 {min = -1.0 : f32, max = 1.0 : f32} : tensor<?x2x2x2xf32> -> tensor<?x2x2x2xf32>
    // CHECK: xnn.static_transpose %{{.*}} {perm = array<i64: 0, 3, 1, 2>}
    %8 = xnn.static_transpose %7 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x2x2x2xf32> -> tensor<?x2x2x2xf32>
    // CHECK: xnn.copy
    %9 = xnn.copy %8 : tensor<?x2x2x2xf32> -> tensor<?x2x2x2xf32>
    // CHECK: xnn.static_reshape %{{.*}} : tensor<?x2x2x2xf32> -> tensor<?x8xf32>
    %10 = xnn.static_reshape %9 : tensor<?x2x2x2xf32> -> tensor<?x8xf32>
    // CHECK: xnn.yield %{{.*}}, %{{.*}} : tensor<?x2x2x2xf32>, tensor<?x8xf32>
    xnn.yield %9, %10 : tensor<?x2x2x2xf32>, tensor<?x8xf32>
  }
  return %0#0, %0#1 : tensor<?x2x2x2xf32>, tensor<?x8xf32>
}

// CHECK-LABEL: @quantized
func.func @quantized(%x: tensor<?x2x2xf32>) -> tensor<?x1x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x2x2xf32> = %x) -> tensor<?x1x2xf32> {
    %w = npir.constant dense<[[1, 2], [3, 4]]> : tensor<2x2xi8> as tensor<2x2x!qw>
    %b = npir.constant dense<[5, -6]> : tensor<2xi32> as tensor<2x!qb>
    // CHECK: xnn.unary convert %{{.*}} : tensor<?x2x2xf32> -> tensor<?x2x2x!qt>
    %q = xnn.unary convert %a : tensor<?x2x2xf32> -> tensor<?x2x2x!qa>
    // CHECK: xnn.fully_connected %{{.*}}, %{{.*}}, %{{.*}} : (tensor<?x2x2x!qt>, tensor<2x2x!qc>, tensor<2x!qc1>) -> tensor<?x2x2x!qt>
    %1 = xnn.fully_connected %q, %w, %b : (tensor<?x2x2x!qa>, tensor<2x2x!qw>, tensor<2x!qb>) -> tensor<?x2x2x!qa>
    // CHECK: xnn.static_reduce mean %{{.*}} {axes = array<i64: 1>, keep_dims}
    %2 = xnn.static_reduce mean %1 {axes = array<i64: 1>, keep_dims} : tensor<?x2x2x!qa> -> tensor<?x1x2x!qa>
    // CHECK: xnn.unary sigmoid
    %3 = xnn.unary sigmoid %2 : tensor<?x1x2x!qa> -> tensor<?x1x2x!qa>
    %4 = xnn.unary convert %3 : tensor<?x1x2x!qa> -> tensor<?x1x2xf32>
    xnn.yield %4 : tensor<?x1x2xf32>
  }
  return %0 : tensor<?x1x2xf32>
}

// CHECK-LABEL: @without_inputs
func.func @without_inputs() -> tensor<2xf32> {
  // CHECK: xnn.subgraph() -> tensor<2xf32> {
  %0 = xnn.subgraph() -> tensor<2xf32> {
    %c = npir.constant dense<[1.0, 2.0]> : tensor<2xf32>
    %1 = xnn.unary square %c : tensor<2xf32> -> tensor<2xf32>
    xnn.yield %1 : tensor<2xf32>
  }
  return %0 : tensor<2xf32>
}

// CHECK-LABEL: @attention
func.func @attention(%x: tensor<?x2x12xf32>, %y: tensor<2x4xf32>) -> (tensor<?x2x4xf32>, tensor<?x2x4xf32>) {
  %0:2 = xnn.subgraph(%a: tensor<?x2x12xf32> = %x, %b: tensor<2x4xf32> = %y) -> (tensor<?x2x4xf32>, tensor<?x2x4xf32>) {
    // CHECK: %[[Q:.*]] = xnn.static_slice %{{.*}} {offsets = array<i64: 0, 0, 0>, sizes = array<i64: 0, 0, 4>} : tensor<?x2x12xf32> -> tensor<?x2x4xf32>
    %q = xnn.static_slice %a {offsets = array<i64: 0, 0, 0>, sizes = array<i64: 0, 0, 4>} : tensor<?x2x12xf32> -> tensor<?x2x4xf32>
    // CHECK: %[[K:.*]] = xnn.static_slice %{{.*}} {offsets = array<i64: 0, 0, 8>, sizes = array<i64: 0, 2, 4>}
    %k = xnn.static_slice %a {offsets = array<i64: 0, 0, 8>, sizes = array<i64: 0, 2, 4>} : tensor<?x2x12xf32> -> tensor<?x2x4xf32>
    // CHECK: %[[S:.*]] = xnn.batch_matrix_multiply %[[Q]], %[[K]] {transpose_b} : (tensor<?x2x4xf32>, tensor<?x2x4xf32>) -> tensor<?x2x2xf32>
    %s = xnn.batch_matrix_multiply %q, %k {transpose_b} : (tensor<?x2x4xf32>, tensor<?x2x4xf32>) -> tensor<?x2x2xf32>
    // CHECK: %[[W:.*]] = xnn.softmax %[[S]] : tensor<?x2x2xf32> -> tensor<?x2x2xf32>
    %w = xnn.softmax %s : tensor<?x2x2xf32> -> tensor<?x2x2xf32>
    // CHECK: xnn.batch_matrix_multiply %[[W]], %{{.*}} : (tensor<?x2x2xf32>, tensor<2x4xf32>) -> tensor<?x2x4xf32>
    %r = xnn.batch_matrix_multiply %w, %b : (tensor<?x2x2xf32>, tensor<2x4xf32>) -> tensor<?x2x4xf32>
    // CHECK: xnn.concatenate %[[W]], %[[W]] {axis = 2 : i64} : (tensor<?x2x2xf32>, tensor<?x2x2xf32>) -> tensor<?x2x4xf32>
    %c = xnn.concatenate %w, %w {axis = 2 : i64} : (tensor<?x2x2xf32>, tensor<?x2x2xf32>) -> tensor<?x2x4xf32>
    xnn.yield %r, %c : tensor<?x2x4xf32>, tensor<?x2x4xf32>
  }
  return %0#0, %0#1 : tensor<?x2x4xf32>, tensor<?x2x4xf32>
}

// The last dimension, concatenated in 8 bits; rows that are the batch.
// CHECK-LABEL: @moves
func.func @moves(%x: tensor<?x2x!qa>, %y: tensor<?x3x!qa>, %z: tensor<?x2xf32>) -> (tensor<?x9x!qa>, tensor<?x5xf32>) {
  %0:2 = xnn.subgraph(%a: tensor<?x2x!qa> = %x, %b: tensor<?x3x!qa> = %y, %f: tensor<?x2xf32> = %z) -> (tensor<?x9x!qa>, tensor<?x5xf32>) {
    // CHECK: xnn.concatenate %[[A:.*]], %{{.*}}, %[[A]], %[[A]] {axis = 1 : i64}
    %1 = xnn.concatenate %a, %b, %a, %a {axis = 1 : i64} : (tensor<?x2x!qa>, tensor<?x3x!qa>, tensor<?x2x!qa>, tensor<?x2x!qa>) -> tensor<?x9x!qa>
    %w = npir.constant dense<1.0> : tensor<2x5xf32>
    // CHECK: xnn.batch_matrix_multiply %{{.*}}, %{{.*}} : (tensor<?x2xf32>, tensor<2x5xf32>) -> tensor<?x5xf32>
    %2 = xnn.batch_matrix_multiply %f, %w : (tensor<?x2xf32>, tensor<2x5xf32>) -> tensor<?x5xf32>
    xnn.yield %1, %2 : tensor<?x9x!qa>, tensor<?x5xf32>
  }
  return %0#0, %0#1 : tensor<?x9x!qa>, tensor<?x5xf32>
}
