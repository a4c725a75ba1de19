// RUN: npir-opt %s | npir-opt | FileCheck %s
// RUN: npir-opt %s --emit-bytecode | npir-opt | FileCheck %s

!qa = !quant.uniform<i8:f32, 5.000000e-02:-128>

// CHECK-LABEL: @conv2d
func.func @conv2d(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x1xf32>, %b: tensor<4xf32>) -> tensor<?x4x4x4xf32> {
  // CHECK: npir.conv2d %{{.*}} {clamp_min = 0.000000e+00 : f32, groups = 2 : i64, pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>}
  %0 = npir.conv2d %x, %w, %b {pads = array<i64: 1, 1, 1, 1>, strides = array<i64: 2, 2>, groups = 2 : i64, clamp_min = 0.0 : f32}
      : (tensor<?x8x8x2xf32>, tensor<4x3x3x1xf32>, tensor<4xf32>) -> tensor<?x4x4x4xf32>
  return %0 : tensor<?x4x4x4xf32>
}

// CHECK-LABEL: @quantized
func.func @quantized(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %q = npir.quantize %x : tensor<?x4xf32> -> tensor<?x4x!qa>
  // CHECK: npir.constant dense<[{{.*}}]> : tensor<2x4xi8> as tensor<2x4x!q
  %w = npir.constant dense<[[1, 2, 3, 4], [-1, -2, -3, -4]]> : tensor<2x4xi8> as tensor<2x4x!quant.uniform<i8<-127:127>:f32:0, {1.0e-2, 2.0e-2}>>
  // CHECK: requant = #npir.requant_f32<multipliers = {{\[}}0.00999999977, 2.000000e-02], min = -128, max = 127>
  %y = npir.linear %q, %w {requant = #npir.requant_f32<multipliers = [1.0e-2, 2.0e-2], min = -128, max = 127>}
      : (tensor<?x4x!qa>, tensor<2x4x!quant.uniform<i8<-127:127>:f32:0, {1.0e-2, 2.0e-2}>>) -> tensor<?x2x!qa>
  %f = npir.dequantize %y : tensor<?x2x!qa> -> tensor<?x2xf32>
  return %f : tensor<?x2xf32>
}

// CHECK-LABEL: @round_to_grid
func.func @round_to_grid(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // CHECK: npir.round_to_grid %{{.*}} {axis = 1 : i64, max = 65535 : i64, min = 0 : i64, scales = array<f32: 5.000000e-01, 1.000000e+00>, zero_points = array<i64: 0, 65535>} : tensor<?x2xf32>
  %0 = npir.round_to_grid %x {scales = array<f32: 0.5, 1.0>, zero_points = array<i64: 0, 65535>, axis = 1 : i64, min = 0 : i64, max = 65535 : i64} : tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// CHECK-LABEL: @observe
func.func @observe(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // CHECK: spec = #npir.spec<i8 affine per_tensor #npir.minmax>
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>,
                        resolved = !qa} : tensor<?x4xf32>
  // CHECK: spec = #npir.spec<none>
  %1 = npir.observe %0 {id = "y:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x4xf32>
  // CHECK: spec = #npir.spec<i8 symmetric narrow per_channel<1> #npir.minmax>
  %2 = npir.observe %1 {id = "z:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<1> #npir.minmax>} : tensor<?x4xf32>
  return %2 : tensor<?x4xf32>
}

// CHECK-LABEL: @layers
func.func @layers(%x: tensor<?x4x4x2xf32>, %w: tensor<1x3x3x4xf32>, %p: tensor<4xf32>) -> tensor<?x4xf32> {
  // CHECK: npir.depthwise_conv2d %{{.*}}, %{{.*}}, %{{.*}} {clamp_max = 6.000000e+00 : f32}
  %0 = npir.depthwise_conv2d %x, %w, %p {clamp_max = 6.0 : f32}
      : (tensor<?x4x4x2xf32>, tensor<1x3x3x4xf32>, tensor<4xf32>) -> tensor<?x2x2x4xf32>
  // CHECK: npir.batch_norm %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}}, %{{.*}} {axis = 3 : i64, epsilon = 1.000000e-03 : f32}
  %1 = npir.batch_norm %0, %p, %p, %p, %p {axis = 3 : i64, epsilon = 1.0e-3 : f32}
      : (tensor<?x2x2x4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x2x2x4xf32>
  // CHECK: npir.add %{{.*}}, %{{.*}} {clamp_min = 0.000000e+00 : f32}
  %2 = npir.add %1, %p {clamp_min = 0.0 : f32} : (tensor<?x2x2x4xf32>, tensor<4xf32>) -> tensor<?x2x2x4xf32>
  // CHECK: npir.max_pool2d %{{.*}} {kernel = array<i64: 2, 1>, strides = array<i64: 1, 2>}
  %3 = npir.max_pool2d %2 {kernel = array<i64: 2, 1>, strides = array<i64: 1, 2>} : tensor<?x2x2x4xf32> -> tensor<?x1x1x4xf32>
  // CHECK: npir.transpose %{{.*}} {perm = array<i64: 0, 3, 1, 2>}
  %4 = npir.transpose %3 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x1x1x4xf32> -> tensor<?x4x1x1xf32>
  // CHECK: npir.reduce sum %{{.*}} {axes = array<i64: 2>, keep_dims}
  %5 = npir.reduce sum %4 {axes = array<i64: 2>, keep_dims} : tensor<?x4x1x1xf32> -> tensor<?x4x1x1xf32>
  // CHECK: npir.reduce mean
  %6 = npir.reduce mean %5 {axes = array<i64: 2>} : tensor<?x4x1x1xf32> -> tensor<?x4x1xf32>
  // CHECK: npir.reshape
  %7 = npir.reshape %6 : tensor<?x4x1xf32> -> tensor<?x4xf32>
  return %7 : tensor<?x4xf32>
}

// CHECK-LABEL: @transformer
func.func @transformer(%x: tensor<?x16x64xf32>, %t: tensor<1x1x64xf32>, %p: tensor<64xf32>) -> tensor<?x17x64xf32> {
  // CHECK: npir.broadcast %{{.*}} like %{{.*}} : (tensor<1x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x1x64xf32>
  %0 = npir.broadcast %t like %x : (tensor<1x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x1x64xf32>
  // CHECK: npir.broadcast %{{.*}} : (tensor<64xf32>) -> tensor<17x64xf32>
  %1 = npir.broadcast %p : (tensor<64xf32>) -> tensor<17x64xf32>
  // CHECK: npir.concat %{{.*}}, %{{.*}} {axis = 1 : i64} : (tensor<?x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x17x64xf32>
  %2 = npir.concat %0, %x {axis = 1 : i64} : (tensor<?x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x17x64xf32>
  // CHECK: npir.layer_norm %{{.*}}, %{{.*}}, %{{.*}} {epsilon = 9.99999974E-6 : f32}
  %3 = npir.layer_norm %2, %p, %p {epsilon = 1.0e-5 : f32} : (tensor<?x17x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
  // CHECK: npir.slice %{{.*}} {offsets = array<i64: 0, 0, 16>, sizes = array<i64: -1, -1, 32>} : tensor<?x17x64xf32> -> tensor<?x17x32xf32>
  %4 = npir.slice %3 {offsets = array<i64: 0, 0, 16>, sizes = array<i64: -1, -1, 32>} : tensor<?x17x64xf32> -> tensor<?x17x32xf32>
  // CHECK: npir.matmul %{{.*}}, %{{.*}} {transpose_rhs} : (tensor<?x17x32xf32>, tensor<?x17x32xf32>) -> tensor<?x17x17xf32>
  %5 = npir.matmul %4, %4 {transpose_rhs} : (tensor<?x17x32xf32>, tensor<?x17x32xf32>) -> tensor<?x17x17xf32>
  // CHECK: npir.softmax %{{.*}} : tensor<?x17x17xf32> -> tensor<?x17x17xf32>
  %6 = npir.softmax %5 : tensor<?x17x17xf32> -> tensor<?x17x17xf32>
  // CHECK: npir.matmul %{{.*}}, %{{.*}} : (tensor<?x17x17xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
  %7 = npir.matmul %6, %3 : (tensor<?x17x17xf32>, tensor<?x17x64xf32>) -> tensor<?x17x64xf32>
  // CHECK: npir.sub %{{.*}}, %{{.*}} : (tensor<?x17x64xf32>, tensor<17x64xf32>) -> tensor<?x17x64xf32>
  %8 = npir.sub %7, %1 : (tensor<?x17x64xf32>, tensor<17x64xf32>) -> tensor<?x17x64xf32>
  // CHECK: npir.mul %{{.*}}, %{{.*}} {clamp_min = 0.000000e+00 : f32}
  %9 = npir.mul %8, %p {clamp_min = 0.0 : f32} : (tensor<?x17x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
  // CHECK: npir.div %{{.*}}, %{{.*}} :
  %10 = npir.div %9, %p : (tensor<?x17x64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
  return %10 : tensor<?x17x64xf32>
}

// CHECK-LABEL: @quantized_transformer
func.func @quantized_transformer(%x: tensor<?x2x!qa>, %p: tensor<2xf32>) -> tensor<?x4x!qa> {
  // CHECK: requant = #npir.requant_layer_norm<variance_offset = 2.500000e-01 : f32, multipliers = {{\[}}0.00999999977, -2.000000e+00], offsets = {{\[}}0.000000e+00, 3.000000e+00], min = -128, max = 127>
  %0 = npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32,
      requant = #npir.requant_layer_norm<variance_offset = 0.25 : f32, multipliers = [1.0e-2, -2.0], offsets = [0.0, 3.0], min = -128, max = 127>}
      : (tensor<?x2x!qa>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x!qa>
  // CHECK: npir.mul %{{.*}}, %{{.*}} {requant = #npir.requant_f32<multipliers = [5.000000e-01], min = -128, max = 127>}
  %1 = npir.mul %0, %x {requant = #npir.requant_f32<multipliers = [0.5], min = -128, max = 127>} : (tensor<?x2x!qa>, tensor<?x2x!qa>) -> tensor<?x2x!qa>
  // CHECK: npir.sub %{{.*}}, %{{.*}} {requant = #npir.requant_shift_add<lhs = 1048576, rhs = -1048576, shift = 20, min = -128, max = 127>}
  %2 = npir.sub %1, %x {requant = #npir.requant_shift_add<lhs = 1048576, rhs = -1048576, shift = 20, min = -128, max = 127>}
      : (tensor<?x2x!qa>, tensor<?x2x!qa>) -> tensor<?x2x!qa>
  // CHECK: npir.concat %{{.*}}, %{{.*}} {axis = 1 : i64, requant = #npir.requant_copy<min = -128, max = 127>}
  %3 = npir.concat %2, %x {axis = 1 : i64, requant = #npir.requant_copy<min = -128, max = 127>} : (tensor<?x2x!qa>, tensor<?x2x!qa>) -> tensor<?x4x!qa>
  return %3 : tensor<?x4x!qa>
}

// CHECK-LABEL: @requant
func.func private @requant() attributes {
  // CHECK-SAME: #npir.requant_copy<min = 0, max = 100>
  a = #npir.requant_copy<min = 0, max = 100>,
  // CHECK-SAME: #npir.requant_shift_add<lhs = 5, rhs = -6, shift = 20, min = -128, max = 127>
  b = #npir.requant_shift_add<lhs = 5, rhs = -6, shift = 20, min = -128, max = 127>,
  // CHECK-SAME: #npir.requant_mean<multiplier = 2.500000e-01 : f32, min = -128, max = 127>
  c = #npir.requant_mean<multiplier = 0.25 : f32, min = -128, max = 127>,
  // CHECK-SAME: #npir.requant_q8<multiplier = 300, min = -128, max = 127>
  d = #npir.requant_q8<multiplier = 300, min = -128, max = 127>,
  // CHECK-SAME: #npir.spec<i4 symmetric per_group<0, 32> #npir.minmax>
  e = #npir.spec<i4 symmetric per_group<0, 32> #npir.minmax>,
  // CHECK-SAME: #npir.spec<u8 affine per_row #npir.minmax>
  f = #npir.spec<u8 affine per_row #npir.minmax>,
  // CHECK-SAME: #npir.percentile<alpha = 0.9995>
  g = #npir.percentile<alpha = 9.995e-01>,
  // CHECK-SAME: #npir.percentile<alpha = 0.9, sigma = 1.0e-10>, {{.*}}#npir.percentile<alpha = 0.9, sigma = 0.0>
  g1 = #npir.percentile<alpha = 0.9, sigma = 1.0e-10>,
  g2 = #npir.percentile<alpha = 0.9, sigma = 0.0>,
  // A double that six digits do not hold.
  // CHECK-SAME: #npir.percentile<alpha = 0.9992345678901234, sigma = 0.3333333333333333>
  h = #npir.percentile<alpha = 0.9992345678901234, sigma = 0.3333333333333333>}
