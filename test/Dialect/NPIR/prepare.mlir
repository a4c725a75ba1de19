// RUN: npir-opt %s --npir-prepare --npir-verify-contract | FileCheck %s
// RUN: npir-opt %s --npir-prepare --emit-bytecode | npir-opt --npir-verify-contract | FileCheck %s

// The example of the pass's description: an importer's NCHW network, its layers
// named. One step each for layout, batch norm, activation, names and hash.

// CHECK: module attributes {npir.model_hash = "{{([0-9a-f]{32})}}"}
// CHECK-LABEL: func.func @main
// CHECK-SAME: (%[[X:.*]]: tensor<?x1x8x8xf32> loc("image")) -> tensor<?x2x4x4xf32>
// CHECK-SAME: npir.station = #npir.station<prepared>
func.func @main(%x: tensor<?x1x8x8xf32> loc("image")) -> tensor<?x2x4x4xf32> {
  // CHECK-DAG: %[[IN:.*]] = npir.reshape %[[X]] : tensor<?x1x8x8xf32> -> tensor<?x8x8x1xf32>
  // CHECK-DAG: %[[W:.*]] = npir.constant dense<{{\[\[\[\[}}2.000000e+00]]], {{\[\[\[}}-1.000000e+00]]]]> : tensor<2x1x1x1xf32> loc(#[[WLOC:.*]])
  // CHECK-DAG: %[[B:.*]] = npir.constant dense<[0.000000e+00, 3.000000e+00]> : tensor<2xf32> loc(#[[BLOC:.*]])
  %w = npir.constant dense<[[[[2.0]]], [[[4.0]]]]> : tensor<2x1x1x1xf32> loc("conv.weight")
  %scale = npir.constant dense<[2.0, -1.0]> : tensor<2xf32>
  %offset = npir.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %mean = npir.constant dense<[1.0, 4.0]> : tensor<2xf32>
  %variance = npir.constant dense<[3.0, 15.0]> : tensor<2xf32>
  // CHECK: %[[Y:.*]] = npir.conv2d %[[IN]], %[[W]], %[[B]] {clamp_min = 0.000000e+00 : f32, strides = array<i64: 2, 2>}
  // CHECK-SAME: -> tensor<?x4x4x2xf32> loc(#[[YLOC:.*]])
  %0 = npir.transpose %x {perm = array<i64: 0, 2, 3, 1>} : tensor<?x1x8x8xf32> -> tensor<?x8x8x1xf32>
  %1 = npir.conv2d %0, %w {strides = array<i64: 2, 2>} : (tensor<?x8x8x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x4x4x2xf32> loc("conv")
  %2 = npir.transpose %1 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x2xf32> -> tensor<?x2x4x4xf32>
  %3 = npir.batch_norm %2, %scale, %offset, %mean, %variance {axis = 1 : i64, epsilon = 1.0 : f32}
      : (tensor<?x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x4x4xf32> loc("norm")
  %4 = npir.relu %3 : tensor<?x2x4x4xf32> -> tensor<?x2x4x4xf32> loc("relu")
  // CHECK: %[[OUT:.*]] = npir.transpose %[[Y]] {perm = array<i64: 0, 3, 1, 2>}
  // CHECK: return %[[OUT]]
  return %4 : tensor<?x2x4x4xf32>
}
// CHECK-DAG: #[[WLOC]] = loc("conv.weight")
// CHECK-DAG: #[[BLOC]] = loc("conv.bias")
// CHECK-DAG: #[[CONV:.*]] = loc("conv")
// CHECK-DAG: #[[NORM:.*]] = loc("norm")
// CHECK-DAG: #[[RELU:.*]] = loc("relu")
// CHECK-DAG: #[[YLOC]] = loc(fused[#[[CONV]], #[[NORM]], #[[RELU]]])
