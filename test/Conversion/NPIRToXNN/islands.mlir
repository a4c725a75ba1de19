// RUN: npir-opt --convert-npir-to-xnn %s | FileCheck %s

// What XNNPACK lacks stands between subgraphs; a value that is used later
// leaves its subgraph.
// CHECK-LABEL: @kernel_between
// CHECK-SAME: %[[X:[a-z0-9]+]]: tensor<?x4xf32> loc("x")
func.func @kernel_between(%x: tensor<?x4xf32> loc("x")) -> tensor<?x4xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: %[[S:.*]]:2 = xnn.subgraph(%[[A:.*]]: tensor<?x4xf32> loc("x") = %[[X]])
  // CHECK-NEXT: %[[U:.*]] = xnn.unary tanh %[[A]] : {{.*}} loc(#[[TANH:.*]])
  // CHECK-NEXT: %[[V:.*]] = xnn.unary sigmoid %[[U]]
  // CHECK-NEXT: xnn.yield %[[U]], %[[V]]
  %0 = npir.tanh %x : tensor<?x4xf32> -> tensor<?x4xf32> loc("tanh")
  %1 = npir.sigmoid %0 : tensor<?x4xf32> -> tensor<?x4xf32> loc("sigmoid")
  // CHECK: %[[H:.*]] = npir.hardsigmoid %[[S]]#1
  %2 = npir.hardsigmoid %1 : tensor<?x4xf32> -> tensor<?x4xf32> loc("hs")
  // CHECK: %[[T:.*]] = xnn.subgraph(%[[B:.*]]: tensor<?x4xf32> loc("hs") = %[[H]], %[[C:.*]]: tensor<?x4xf32> loc("tanh") = %[[S]]#0)
  // CHECK-NEXT: xnn.binary add %[[B]], %[[C]]
  %3 = npir.add %2, %0 : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32> loc("add")
  // CHECK: return %[[T]]
  return %3 : tensor<?x4xf32>
}

// CHECK-LABEL: @kernel_alone
func.func @kernel_alone(%x: tensor<?x4xf32>) -> tensor<?x4xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK-NOT: xnn.subgraph
  // CHECK: npir.hardsigmoid
  // CHECK-NEXT: return
  %0 = npir.hardsigmoid %x : tensor<?x4xf32> -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// Layer normalization and broadcasts are NPIR's; what only gives its batch leaves its subgraph, too.
// CHECK-LABEL: @transformer
func.func @transformer(%x: tensor<?x2x4xf32>, %t: tensor<1x1x4xf32>, %p: tensor<4xf32>) -> tensor<?x1x4xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: %[[S:.*]] = xnn.subgraph
  %0 = npir.tanh %x : tensor<?x2x4xf32> -> tensor<?x2x4xf32>
  // CHECK: %[[B:.*]] = npir.broadcast %{{.*}} like %[[S]]
  %1 = npir.broadcast %t like %0 : (tensor<1x1x4xf32>, tensor<?x2x4xf32>) -> tensor<?x1x4xf32>
  // CHECK-NEXT: %[[N:.*]] = npir.layer_norm %[[B]]
  %2 = npir.layer_norm %1, %p, %p {epsilon = 1.0e-5 : f32} : (tensor<?x1x4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x1x4xf32>
  // CHECK-NEXT: %[[G:.*]] = npir.gelu_tanh %[[N]]
  %3 = npir.gelu_tanh %2 : tensor<?x1x4xf32> -> tensor<?x1x4xf32>
  // CHECK-NEXT: npir.erf %[[G]]
  %4 = npir.erf %3 : tensor<?x1x4xf32> -> tensor<?x1x4xf32>
  // CHECK-NEXT: xnn.subgraph
  // CHECK-NEXT: xnn.unary gelu
  // CHECK-NEXT: xnn.unary square
  // CHECK-NEXT: xnn.unary square_root
  %5 = npir.gelu %4 : tensor<?x1x4xf32> -> tensor<?x1x4xf32>
  %6 = npir.square %5 : tensor<?x1x4xf32> -> tensor<?x1x4xf32>
  %7 = npir.sqrt %6 : tensor<?x1x4xf32> -> tensor<?x1x4xf32>
  return %7 : tensor<?x1x4xf32>
}

// XNNPACK takes no stride beyond the window; what the pool alone used is gone.
// CHECK-LABEL: @pool_of_large_stride
func.func @pool_of_large_stride(%x: tensor<?x5x5x2xf32>, %y: tensor<?x2x2x2xf32>) -> tensor<?x2x2x2xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK: xnn.subgraph(%{{[a-z0-9]+}}: tensor<?x5x5x2xf32>{{[^,]*}}) -> tensor<?x5x5x2xf32>
  %0 = npir.tanh %x : tensor<?x5x5x2xf32> -> tensor<?x5x5x2xf32>
  // CHECK: npir.max_pool2d
  %1 = npir.max_pool2d %0 {kernel = array<i64: 2, 2>, strides = array<i64: 3, 3>} : tensor<?x5x5x2xf32> -> tensor<?x2x2x2xf32>
  // CHECK: xnn.subgraph
  %2 = npir.add %1, %y : (tensor<?x2x2x2xf32>, tensor<?x2x2x2xf32>) -> tensor<?x2x2x2xf32>
  return %2 : tensor<?x2x2x2xf32>
}

// A constant of two subgraphs is in both.
// CHECK-LABEL: @constant_of_two
func.func @constant_of_two(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  // CHECK-NEXT: xnn.subgraph
  // CHECK-NEXT: %[[C:.*]] = npir.constant
  // CHECK-NEXT: xnn.binary add %{{.*}}, %[[C]]
  // CHECK: npir.hardsigmoid
  // CHECK-NEXT: xnn.subgraph
  // CHECK-NEXT: %[[D:.*]] = npir.constant
  // CHECK-NEXT: xnn.binary add %{{.*}}, %[[D]]
  %c = npir.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %0 = npir.add %x, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  %1 = npir.hardsigmoid %0 : tensor<?x2xf32> -> tensor<?x2xf32>
  %2 = npir.add %1, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return %2 : tensor<?x2xf32>
}
