func.func @main(%x: tensor<?x4x4x18xf32> loc("x")) -> tensor<?x4x4x16xf32> {
  %w = npir.constant dense_resource<weight> : tensor<16x1x1x18xf32> loc("weight")
  %s = npir.constant dense<2.0> : tensor<16xf32>
  %o = npir.constant dense<0.0> : tensor<16xf32>
  %v = npir.constant dense<0.75> : tensor<16xf32>
  %0 = npir.conv2d %x, %w : (tensor<?x4x4x18xf32>, tensor<16x1x1x18xf32>) -> tensor<?x4x4x16xf32> loc("conv")
  %1 = npir.batch_norm %0, %s, %o, %o, %v {axis = 3 : i64, epsilon = 0.25 : f32}
      : (tensor<?x4x4x16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>, tensor<16xf32>) -> tensor<?x4x4x16xf32>
  return %1 : tensor<?x4x4x16xf32>
}

{-#
  dialect_resources: {
    builtin: {
      weight: "ONES"
    }
  }
#-}
