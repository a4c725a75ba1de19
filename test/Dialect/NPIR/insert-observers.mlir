// RUN: npir-opt %s --npir-insert-observers --npir-verify-contract | FileCheck %s
// RUN: npir-opt %s --npir-insert-observers=config=%S/Inputs/skip.yaml | FileCheck %s --check-prefix=SKIP
// RUN: npir-opt %s --npir-insert-observers=config=%S/Inputs/percentile.yaml | FileCheck %s --check-prefix=PERCENTILE
// RUN: npir-opt %s --npir-insert-observers=config=%S/Inputs/percentile-block.yaml 2>&1 | FileCheck %s --check-prefix=BLOCK

// A ViT block's file means percentiles, of channels, where it names no observer.
// BLOCK: percentile-block.yaml:1:29: warning: 'percentile_alpha' 0.95 clips 5 % of the values on each side; recommended are 0.9995 for activations and 0.999 for weights
// BLOCK: percentile-block.yaml:3:39: warning: 'percentile_sigma' 0 keeps the range of the first batch and ignores all others; leave it out to take all batches together

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {

// The weight, the input and both results; not the bias.
// CHECK-LABEL: func.func @example(
// CHECK-SAME:    %[[X:.*]]: tensor<?x8x8x1xf32> loc("input")
// CHECK-SAME:    npir.station = #npir.station<observed>
// SKIP-LABEL: func.func @example
func.func @example(%x: tensor<?x8x8x1xf32> loc("input")) -> tensor<?x8x8x4xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: %[[OX:.*]] = npir.observe %[[X]] {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
  // PERCENTILE: {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.percentile<alpha = 0.99999, sigma = 0.1>>}
  // PERCENTILE: {id = "conv.weight:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.percentile<alpha = 0.999>>}
  // PERCENTILE: {id = "relu:0", requested, role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
  // BLOCK: {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 symmetric per_channel<3> #npir.percentile<alpha = 0.95>>}
  // BLOCK: {id = "conv.weight:0", requested, role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.percentile<alpha = 0.999>>}
  // BLOCK: {id = "relu:0", requested, role = #npir.role<activation>, spec = #npir.spec<i8 symmetric per_channel<3> #npir.percentile<alpha = 0.95, sigma = 0.0>>}
  // SKIP: npir.observe %{{.*}} {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<none>}
  // CHECK: %[[W:.*]] = npir.constant
  %w = npir.constant dense<0.5> : tensor<4x3x3x1xf32> loc("conv.weight")
  // CHECK: %[[OW:.*]] = npir.observe %[[W]] {id = "conv.weight:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>} {{.*}} loc([[WEIGHT:#.*]])
  // A rule names it; a default does not.
  // SKIP: npir.observe %{{.*}} {id = "conv.weight:0", requested, role = #npir.role<weight>, spec = #npir.spec<i4 symmetric narrow per_channel<0> #npir.minmax>}
  // CHECK: %[[B:.*]] = npir.constant
  %b = npir.constant dense<[0.1, 0.2, 0.3, 0.4]> : tensor<4xf32> loc("conv.bias")
  // CHECK: %[[Y:.*]] = npir.conv2d %[[OX]], %[[OW]], %[[B]]
  %y = npir.conv2d %x, %w, %b {pads = array<i64: 1, 1, 1, 1>} : (tensor<?x8x8x1xf32>, tensor<4x3x3x1xf32>, tensor<4xf32>) -> tensor<?x8x8x4xf32> loc("conv")
  // CHECK: %[[OY:.*]] = npir.observe %[[Y]] {id = "conv:0"
  // SKIP: npir.observe %{{.*}} {id = "conv:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<3> #npir.minmax>}
  // CHECK: %[[Z:.*]] = npir.relu %[[OY]]
  %z = npir.relu %y : tensor<?x8x8x4xf32> -> tensor<?x8x8x4xf32> loc("relu")
  // CHECK: %[[OZ:.*]] = npir.observe %[[Z]] {id = "relu:0"
  // SKIP: npir.observe %{{.*}} {id = "relu:0", role = #npir.role<activation>, spec = #npir.spec<none>}
  // CHECK: return %[[OZ]]
  return %z : tensor<?x8x8x4xf32>
}

// One observation serves all uses of a tensor, and one a shared weight.
// CHECK-LABEL: func.func @shared
func.func @shared(%x: tensor<?x2xf32> loc("input2")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK-COUNT-5: npir.observe
  // CHECK-NOT: npir.observe
  %w = npir.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("fc.weight")
  %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc1")
  %1 = npir.linear %0, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc2")
  %2 = npir.add %1, %0 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("add")
  return %2 : tensor<?x2xf32>
}

// What computes in float only is observed, too.
// CHECK-LABEL: func.func @float_only
func.func @float_only(%x: tensor<?x4x2xf32> loc("input3")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: npir.observe {{.*}} {id = "input3:0"
  // CHECK: npir.reduce sum
  %0 = npir.reduce sum %x {axes = array<i64: 1>} : tensor<?x4x2xf32> -> tensor<?x2xf32> loc("sum")
  // CHECK: npir.observe {{.*}} {id = "sum:0"
  // CHECK: npir.tanh
  %1 = npir.tanh %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("tanh")
  // CHECK: npir.observe {{.*}} {id = "tanh:0"
  return %1 : tensor<?x2xf32>
}

// A constant activation has one scale, whatever the configuration says.
// SKIP-LABEL: func.func @constant_activation
func.func @constant_activation(%x: tensor<?x2xf32> loc("input4")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %c = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("offset")
  // SKIP: {id = "offset:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
  %0 = npir.add %x, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("shift")
  return %0 : tensor<?x2xf32>
}
}
// CHECK: [[WEIGHT]] = loc("conv.weight.observe")
