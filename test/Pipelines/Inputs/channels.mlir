func.func @main(%x: tensor<?x2x2x1xf32> {npir.name = "image"} loc("image")) -> (tensor<?x2x2x2xf32> {npir.name = "score"})
    attributes {npir.station = #npir.station<float>} {
  %w = npir.constant dense<[[[[0.5]]], [[[-2.0]]]]> : tensor<2x1x1x1xf32> loc("conv.weight")
  %0 = npir.conv2d %x, %w : (tensor<?x2x2x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x2x2x2xf32> loc("conv")
  return %0 : tensor<?x2x2x2xf32>
}
