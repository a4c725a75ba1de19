// A layer's result, the input itself, and constants: one with as many rows as a batch of the test, a scalar, and indices.
func.func @main(%x: tensor<?x3xf32> {npir.name = "x"} loc("x"))
    -> (tensor<?x3xf32> {npir.name = "y"}, tensor<?x3xf32> {npir.name = "same"}, tensor<4x3xf32> {npir.name = "constant"},
        tensor<f32> {npir.name = "scalar"}, tensor<2xi64> {npir.name = "indices"})
    attributes {npir.station = #npir.station<float>} {
  %w = npir.constant dense<[[1.0, 2.0, -1.0], [0.5, 0.25, 2.0], [-3.0, 1.0, 1.0]]> : tensor<3x3xf32> loc("w")
  %c = npir.constant dense<[[0.1, 0.2, 0.3], [1.1, 1.2, 1.3], [2.1, 2.2, 2.3], [3.1, 3.2, 3.3]]> : tensor<4x3xf32> loc("c")
  %s = npir.constant dense<2.5> : tensor<f32> loc("s")
  %i = npir.constant dense<[3, 4]> : tensor<2xi64> loc("i")
  %y = npir.linear %x, %w : (tensor<?x3xf32>, tensor<3x3xf32>) -> tensor<?x3xf32> loc("fc")
  return %y, %x, %c, %s, %i : tensor<?x3xf32>, tensor<?x3xf32>, tensor<4x3xf32>, tensor<f32>, tensor<2xi64>
}
