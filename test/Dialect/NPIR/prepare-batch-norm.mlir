// RUN: npir-opt %s --npir-prepare --split-input-file | FileCheck %s

// s = scale / sqrt(variance + epsilon) = 2/2, 3/1 per channel:
// W * s and (b - mean) * s + offset.
// CHECK-LABEL: @conv
func.func @conv(%x: tensor<?x1x1x2xf32>) -> tensor<?x1x1x2xf32> {
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{\[\[\[\[}}1.000000e+00, 2.000000e+00]]], {{\[\[\[}}9.000000e+00, 1.200000e+01]]]]> : tensor<2x1x1x2xf32> loc(#[[WLOC:.*]])
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<[4.500000e+00, 1.000000e+00]> : tensor<2xf32> loc(#[[BLOC:.*]])
  // CHECK: npir.conv2d %{{.*}}, %[[W]], %[[B]] :
  // CHECK-NOT: npir.batch_norm
  %w = npir.constant dense<[[[[1.0, 2.0]]], [[[3.0, 4.0]]]]> : tensor<2x1x1x2xf32> loc("w")
  %b = npir.constant dense<[5.0, 1.0]> : tensor<2xf32> loc("b")
  %s = npir.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %o = npir.constant dense<[0.5, -2.0]> : tensor<2xf32>
  %m = npir.constant dense<[1.0, 0.0]> : tensor<2xf32>
  %v = npir.constant dense<[3.75, 0.75]> : tensor<2xf32>
  %0 = npir.conv2d %x, %w, %b : (tensor<?x1x1x2xf32>, tensor<2x1x1x2xf32>, tensor<2xf32>) -> tensor<?x1x1x2xf32>
  %1 = npir.batch_norm %0, %s, %o, %m, %v {axis = 3 : i64, epsilon = 0.25 : f32}
      : (tensor<?x1x1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x1x1x2xf32>
  return %1 : tensor<?x1x1x2xf32>
}
// CHECK-DAG: #[[WLOC]] = loc("w")
// CHECK-DAG: #[[BLOC]] = loc("b")

// -----

// A depthwise filter's channels are its last axis, with a multiplier, too.
// CHECK-LABEL: @depthwise
func.func @depthwise(%x: tensor<?x1x2x1xf32>) -> tensor<?x1x1x2xf32> {
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{\[\[\[\[}}2.000000e+00, 6.000000e+00], [6.000000e+00, 1.200000e+01]]]]> : tensor<1x1x2x2xf32>
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<[-1.000000e+00, -2.000000e+00]> : tensor<2xf32> loc(#[[BLOC:.*]])
  // CHECK: npir.depthwise_conv2d %{{.*}}, %[[W]], %[[B]] :
  %w = npir.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %s = npir.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %o = npir.constant dense<[1.0, 1.0]> : tensor<2xf32>
  %m = npir.constant dense<[1.0, 1.0]> : tensor<2xf32>
  %v = npir.constant dense<[0.75, 0.75]> : tensor<2xf32>
  %0 = npir.depthwise_conv2d %x, %w : (tensor<?x1x2x1xf32>, tensor<1x1x2x2xf32>) -> tensor<?x1x1x2xf32> loc("dw")
  %1 = npir.batch_norm %0, %s, %o, %m, %v {axis = 3 : i64, epsilon = 0.25 : f32}
      : (tensor<?x1x1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x1x1x2xf32>
  return %1 : tensor<?x1x1x2xf32>
}
// CHECK: #[[BLOC]] = loc("dw.bias")

// -----

// Two in a row fold one after the other.
// CHECK-LABEL: @linear
func.func @linear(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{\[\[}}4.000000e+00, 8.000000e+00]]> : tensor<1x2xf32>
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<-2.000000e+00> : tensor<1xf32>
  // CHECK: %[[Y:.*]] = npir.linear %{{.*}}, %[[W]], %[[B]] :
  // CHECK-NEXT: return %[[Y]]
  %w = npir.constant dense<[[1.0, 2.0]]> : tensor<1x2xf32>
  %s = npir.constant dense<2.0> : tensor<1xf32>
  %o = npir.constant dense<0.0> : tensor<1xf32>
  %m = npir.constant dense<[0.5]> : tensor<1xf32>
  %m2 = npir.constant dense<0.0> : tensor<1xf32>
  %v = npir.constant dense<0.75> : tensor<1xf32>
  %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x1xf32>
  %1 = npir.batch_norm %0, %s, %o, %m, %v {axis = 1 : i64, epsilon = 0.25 : f32}
      : (tensor<?x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1xf32>
  %2 = npir.batch_norm %1, %s, %o, %m2, %v {axis = 1 : i64, epsilon = 0.25 : f32}
      : (tensor<?x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1xf32>
  return %2 : tensor<?x1xf32>
}

// -----

// What cannot fold is a depthwise convolution by itself: after a layer that has
// other users, or is clamped, or is none.
// CHECK-LABEL: @standalone
// CHECK-SAME: (%[[X:[^:]*]]:
func.func @standalone(%x: tensor<?x1x1x1xf32>) -> (tensor<?x1x1x1xf32>, tensor<?x1x1x1xf32>, tensor<?x1x1x1xf32>) {
  // CHECK: %[[C:.*]] = npir.conv2d %[[X]], %{{[^,]*}} :
  // CHECK: npir.constant dense<2.000000e+00> : tensor<1x1x1x1xf32> loc(#[[FLOC:.*]])
  // CHECK: npir.constant dense<-2.500000e+00> : tensor<1xf32> loc(#[[BLOC:.*]])
  // CHECK: %[[A:.*]] = npir.depthwise_conv2d %[[C]], %{{.*}}, %{{.*}} loc(#[[NLOC:.*]])
  // CHECK: %[[D:.*]] = npir.conv2d %[[X]], %{{.*}} {clamp_min = 0.000000e+00 : f32}
  // CHECK: %[[E:.*]] = npir.depthwise_conv2d %[[D]]
  // CHECK: return %[[C]], %[[A]], %[[E]]
  %w = npir.constant dense<3.0> : tensor<1x1x1x1xf32>
  %s = npir.constant dense<2.0> : tensor<1xf32>
  %o = npir.constant dense<-1.5> : tensor<1xf32>
  %m = npir.constant dense<0.5> : tensor<1xf32>
  %v = npir.constant dense<0.75> : tensor<1xf32>
  %0 = npir.conv2d %x, %w : (tensor<?x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<?x1x1x1xf32>
  %1 = npir.batch_norm %0, %s, %o, %m, %v {axis = 3 : i64, epsilon = 0.25 : f32}
      : (tensor<?x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x1x1xf32> loc("norm")
  %2 = npir.conv2d %x, %w {clamp_min = 0.0 : f32} : (tensor<?x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<?x1x1x1xf32>
  %3 = npir.batch_norm %2, %s, %o, %m, %v {axis = 3 : i64, epsilon = 0.25 : f32}
      : (tensor<?x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x1x1xf32>
  return %0, %1, %3 : tensor<?x1x1x1xf32>, tensor<?x1x1x1xf32>, tensor<?x1x1x1xf32>
}
// CHECK-DAG: #[[FLOC]] = loc("norm.filter")
// CHECK-DAG: #[[BLOC]] = loc("norm.bias")
// CHECK-DAG: #[[NLOC]] = loc("norm")

// -----

// Other ranks go through [N, H, 1, C]; channels in the middle are moved last.
// CHECK-LABEL: @ranks
// CHECK-SAME: (%[[X:[^:]*]]: tensor<?x2xf32>{{.*}}, %[[Y:[^:]*]]: tensor<?x2x5xf32>
func.func @ranks(%x: tensor<?x2xf32>, %y: tensor<?x2x5xf32>) -> (tensor<?x2xf32>, tensor<?x2x5xf32>) {
  // CHECK-DAG: %[[T:.*]] = npir.transpose %[[Y]] {perm = array<i64: 0, 2, 1>}
  // CHECK-DAG: %[[A:.*]] = npir.reshape %[[X]] : tensor<?x2xf32> -> tensor<?x1x1x2xf32>
  // CHECK: %[[B:.*]] = npir.depthwise_conv2d %[[A]]
  // CHECK: %[[C:.*]] = npir.reshape %[[B]] : tensor<?x1x1x2xf32> -> tensor<?x2xf32>
  // CHECK: %[[D:.*]] = npir.reshape %[[T]] : tensor<?x5x2xf32> -> tensor<?x5x1x2xf32>
  // CHECK: %[[E:.*]] = npir.depthwise_conv2d %[[D]]
  // CHECK: %[[F:.*]] = npir.reshape %[[E]] : tensor<?x5x1x2xf32> -> tensor<?x5x2xf32>
  // CHECK: %[[G:.*]] = npir.transpose %[[F]] {perm = array<i64: 0, 2, 1>}
  // CHECK: return %[[C]], %[[G]]
  %s = npir.constant dense<[2.0, 3.0]> : tensor<2xf32>
  %0 = npir.batch_norm %x, %s, %s, %s, %s {axis = 1 : i64, epsilon = 0.25 : f32}
      : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %1 = npir.batch_norm %y, %s, %s, %s, %s {axis = 1 : i64, epsilon = 0.25 : f32}
      : (tensor<?x2x5xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x5xf32>
  return %0, %1 : tensor<?x2xf32>, tensor<?x2x5xf32>
}
