// A class token added to all tokens, layer normalization, a linear layer and gelu: what a vision transformer has of NPIR's own kernels.
func.func @main(%x: tensor<?x4x6xf32> loc("tokens")) -> tensor<?x4x3xf32> attributes {npir.station = #npir.station<float>} {
  %s = npir.constant dense<[1.0, -0.5, 2.0, 0.25, 1.5, 0.75]> : tensor<6xf32> loc("norm.scale")
  %o = npir.constant dense<[0.1, 0.2, -0.3, 0.0, 0.5, -1.0]> : tensor<6xf32> loc("norm.offset")
  %t = npir.constant dense<[[[0.5, -0.5, 1.0, 0.0, 2.0, -1.0]]]> : tensor<1x1x6xf32> loc("token")
  %b = npir.broadcast %t like %x : (tensor<1x1x6xf32>, tensor<?x4x6xf32>) -> tensor<?x1x6xf32> loc("cls")
  %1 = npir.add %x, %b : (tensor<?x4x6xf32>, tensor<?x1x6xf32>) -> tensor<?x4x6xf32> loc("add")
  %2 = npir.layer_norm %1, %s, %o {epsilon = 1.0e-5 : f32} : (tensor<?x4x6xf32>, tensor<6xf32>, tensor<6xf32>) -> tensor<?x4x6xf32> loc("norm")
  %w = npir.constant dense<[[1.0, -2.0, 0.5, 0.25, 0.5, -0.125], [0.5, 0.25, -0.125, 1.0, -1.0, 0.5], [0.1, 0.2, 0.3, -0.4, 0.5, 0.6]]> : tensor<3x6xf32> loc("fc.weight")
  %3 = npir.linear %2, %w : (tensor<?x4x6xf32>, tensor<3x6xf32>) -> tensor<?x4x3xf32> loc("fc")
  %4 = npir.gelu_tanh %3 : tensor<?x4x3xf32> -> tensor<?x4x3xf32> loc("act")
  return %4 : tensor<?x4x3xf32>
}
