func.func @main(%x: tensor<?x1x2x2xf32> {npir.name = "image"} loc("image")) -> (tensor<?x2x1x1xf32> {npir.name = "score"})
    attributes {npir.station = #npir.station<float>} {
  %w = npir.constant dense<[[[[0.5], [-1.0]], [[2.0], [0.25]]], [[[1.0], [1.0]], [[0.0], [-0.5]]]]> : tensor<2x2x2x1xf32> loc("conv.weight")
  %scale = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("norm.scale")
  %offset = npir.constant dense<[0.5, 0.0]> : tensor<2xf32> loc("norm.offset")
  %mean = npir.constant dense<[0.0, 1.0]> : tensor<2xf32> loc("norm.mean")
  %variance = npir.constant dense<[3.0, 15.0]> : tensor<2xf32> loc("norm.variance")
  %0 = npir.transpose %x {perm = array<i64: 0, 2, 3, 1>} : tensor<?x1x2x2xf32> -> tensor<?x2x2x1xf32> loc("conv.nhwc")
  %1 = npir.conv2d %0, %w : (tensor<?x2x2x1xf32>, tensor<2x2x2x1xf32>) -> tensor<?x1x1x2xf32> loc("conv")
  %2 = npir.transpose %1 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x1x1x2xf32> -> tensor<?x2x1x1xf32> loc("conv.nchw")
  %3 = npir.batch_norm %2, %scale, %offset, %mean, %variance {axis = 1 : i64, epsilon = 1.0 : f32}
      : (tensor<?x2x1x1xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x1x1xf32> loc("norm")
  %4 = npir.relu %3 : tensor<?x2x1x1xf32> -> tensor<?x2x1x1xf32> loc("relu")
  return %4 : tensor<?x2x1x1xf32>
}
