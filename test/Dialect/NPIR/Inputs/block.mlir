// A residual block with a classifier: what every pass from observers to the
// integer form is tried on together.
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @main(%x: tensor<?x4x4x2xf32> loc("input")) -> (tensor<?x2xf32>) attributes {npir.station = #npir.station<prepared>} {
  %w1 = npir.constant dense<[[[[0.5, -1.0]]], [[[0.25, 0.125]]], [[[-0.75, 0.0]]]]> : tensor<3x1x1x2xf32> loc("conv1.weight")
  %b1 = npir.constant dense<[0.1, -0.2, 0.3]> : tensor<3xf32> loc("conv1.bias")
  %0 = npir.conv2d %x, %w1, %b1 {clamp_min = 0.0 : f32} : (tensor<?x4x4x2xf32>, tensor<3x1x1x2xf32>, tensor<3xf32>) -> tensor<?x4x4x3xf32> loc("conv1")
  %w2 = npir.constant dense<[[[[1.0, 0.5, 0.25], [0.0, 0.0, 0.0], [-1.0, 0.5, 0.25]], [[1.0, 0.5, 0.25], [2.0, -1.5, 0.0], [-1.0, 0.5, 0.25]], [[1.0, 0.5, 0.25], [0.0, 0.0, 0.0], [-1.0, 0.5, 0.25]]]]> : tensor<1x3x3x3xf32> loc("conv2.weight")
  %1 = npir.depthwise_conv2d %0, %w2 {pads = array<i64: 1, 1, 1, 1>} : (tensor<?x4x4x3xf32>, tensor<1x3x3x3xf32>) -> tensor<?x4x4x3xf32> loc("conv2")
  %2 = npir.add %0, %1 {clamp_min = 0.0 : f32, clamp_max = 6.0 : f32} : (tensor<?x4x4x3xf32>, tensor<?x4x4x3xf32>) -> tensor<?x4x4x3xf32> loc("add")
  %3 = npir.max_pool2d %2 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<?x4x4x3xf32> -> tensor<?x2x2x3xf32> loc("pool")
  %4 = npir.hardsigmoid %3 : tensor<?x2x2x3xf32> -> tensor<?x2x2x3xf32> loc("gate")
  %5 = npir.reduce mean %4 {axes = array<i64: 1, 2>} : tensor<?x2x2x3xf32> -> tensor<?x3xf32> loc("mean")
  %w3 = npir.constant dense<[[1.0, -2.0, 0.5], [0.5, 0.25, -0.125]]> : tensor<2x3xf32> loc("fc.weight")
  %b3 = npir.constant dense<[0.5, -0.5]> : tensor<2xf32> loc("fc.bias")
  %6 = npir.linear %5, %w3, %b3 : (tensor<?x3xf32>, tensor<2x3xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc")
  return %6 : tensor<?x2xf32>
}
}
