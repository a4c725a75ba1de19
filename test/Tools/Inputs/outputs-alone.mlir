// No layer at all.
func.func @main(%x: tensor<?x3xf32> {npir.name = "x"} loc("x")) -> (tensor<4x3xf32> {npir.name = "constant"}, tensor<?x3xf32> {npir.name = "same"})
    attributes {npir.station = #npir.station<float>} {
  %c = npir.constant dense<[[0.1, 0.2, 0.3], [1.1, 1.2, 1.3], [2.1, 2.2, 2.3], [3.1, 3.2, 3.3]]> : tensor<4x3xf32> loc("c")
  return %c, %x : tensor<4x3xf32>, tensor<?x3xf32>
}
