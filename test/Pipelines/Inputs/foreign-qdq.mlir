// A network as other tools quantize it, on unsigned integers; it enters the road at station qdq.

!x = !quant.uniform<u8:f32, 0.0078125:128>
!c = !quant.uniform<u8:f32, 0.015625>
!d = !quant.uniform<u8:f32, 0.03125:100>
!y = !quant.uniform<u8:f32, 0.0625:120>
!w = !quant.uniform<u8:f32, 0.0078125:128>
!rows = !quant.uniform<i8:f32:0, {0.01, 1.0e-12, 0.02}>
!b = !quant.uniform<i32:f32, 6.103515625e-05>

func.func @main(%image: tensor<?x1x4x4xf32> loc("image")) -> tensor<?x3xf32> attributes {npir.station = #npir.station<qdq>} {
  // The same tensor twice, once for each user; one has its pair behind the transpose.
  %q0 = npir.quantize %image : tensor<?x1x4x4xf32> -> tensor<?x1x4x4x!x> loc("q0")
  %0 = npir.dequantize %q0 : tensor<?x1x4x4x!x> -> tensor<?x1x4x4xf32> loc("d0")
  %q1 = npir.quantize %0 : tensor<?x1x4x4xf32> -> tensor<?x1x4x4x!x> loc("q1")
  %1 = npir.dequantize %q1 : tensor<?x1x4x4x!x> -> tensor<?x1x4x4xf32> loc("d1")
  %2 = npir.transpose %0 {perm = array<i64: 0, 2, 3, 1>} : tensor<?x1x4x4xf32> -> tensor<?x4x4x1xf32> loc("nhwc")
  // Unsigned weight with zero point 128, bias in units of the scales, relu behind the layer, pair behind the pool.
  %w = npir.constant dense<[[[[0], [-1]], [[64], [-56]]], [[[-128], [-127]], [[1], [2]]]]> : tensor<2x2x2x1xi8> as tensor<2x2x2x1x!w> loc("w")
  %3 = npir.dequantize %w : tensor<2x2x2x1x!w> -> tensor<2x2x2x1xf32> loc("dw")
  %b = npir.constant dense<[1000, -2000]> : tensor<2xi32> as tensor<2x!b> loc("b")
  %4 = npir.dequantize %b : tensor<2x!b> -> tensor<2xf32> loc("db")
  %5 = npir.conv2d %2, %3, %4 {pads = array<i64: 0, 1, 0, 1>} : (tensor<?x4x4x1xf32>, tensor<2x2x2x1xf32>, tensor<2xf32>) -> tensor<?x4x4x2xf32> loc("conv")
  %6 = npir.relu %5 : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32> loc("relu")
  %7 = npir.max_pool2d %6 {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>} : tensor<?x4x4x2xf32> -> tensor<?x2x2x2xf32> loc("pool")
  %q7 = npir.quantize %7 : tensor<?x2x2x2xf32> -> tensor<?x2x2x2x!c> loc("q7")
  %8 = npir.dequantize %q7 : tensor<?x2x2x2x!c> -> tensor<?x2x2x2xf32> loc("d7")
  // A concat of unequal scales.
  %9 = npir.reshape %8 : tensor<?x2x2x2xf32> -> tensor<?x8xf32> loc("flat")
  %10 = npir.reshape %1 : tensor<?x1x4x4xf32> -> tensor<?x16xf32> loc("skip")
  %11 = npir.concat %9, %10 {axis = 1 : i64} : (tensor<?x8xf32>, tensor<?x16xf32>) -> tensor<?x24xf32> loc("cat")
  %q11 = npir.quantize %11 : tensor<?x24xf32> -> tensor<?x24x!d> loc("q11")
  %12 = npir.dequantize %q11 : tensor<?x24x!d> -> tensor<?x24xf32> loc("d11")
  // A weight that is still in float, with a channel of zeros, and a float bias.
  %v = npir.constant dense<"0xCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3DCDCCCC3D000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000CDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3ECDCCCCBDCDCCCC3E"> : tensor<3x24xf32> loc("v")
  %qv = npir.quantize %v : tensor<3x24xf32> -> tensor<3x24x!rows> loc("qv")
  %13 = npir.dequantize %qv : tensor<3x24x!rows> -> tensor<3x24xf32> loc("dv")
  %c = npir.constant dense<[0.5, -1.5, 0.25]> : tensor<3xf32> loc("c")
  %14 = npir.linear %12, %13, %c : (tensor<?x24xf32>, tensor<3x24xf32>, tensor<3xf32>) -> tensor<?x3xf32> loc("fc")
  %q14 = npir.quantize %14 : tensor<?x3xf32> -> tensor<?x3x!y> loc("q14")
  %15 = npir.dequantize %q14 : tensor<?x3x!y> -> tensor<?x3xf32> loc("score")
  return %15 : tensor<?x3xf32>
}
