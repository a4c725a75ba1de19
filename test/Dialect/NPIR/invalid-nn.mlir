// RUN: npir-opt --split-input-file --verify-diagnostics %s

func.func @conv2d_input_rank(%x: tensor<?x8x8xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected input of rank 4 (NHWC), got 'tensor<?x8x8xf32>'}}
  // expected-error @below {{'npir.conv2d' op failed to infer returned types}}
  npir.conv2d %x, %w : (tensor<?x8x8xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_filter_rank(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x2xf32>) {
  // expected-error @below {{expected filter of static shape [OC, KH, KW, IC/groups], got 'tensor<4x3x2xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w : (tensor<?x8x8x2xf32>, tensor<4x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_strides(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected 2 strides, got 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w {strides = array<i64: 1>} : (tensor<?x8x8x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_stride_zero(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected strides of at least 1, got 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w {strides = array<i64: 1, 0>} : (tensor<?x8x8x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_pads(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected pads of at least 0, got -1}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w {pads = array<i64: 0, 0, -1, 0>} : (tensor<?x8x8x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_dilations(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected 2 dilations, got 3}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w {dilations = array<i64: 1, 1, 1>} : (tensor<?x8x8x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_dynamic_height(%x: tensor<?x?x8x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected static height and width, got 'tensor<?x?x8x2xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w : (tensor<?x?x8x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_window_too_large(%x: tensor<?x8x8x2xf32>, %w: tensor<4x5x5x2xf32>) {
  // expected-error @below {{expected a window that fits the padded input, got kernel 5 with dilation 2 over 8 elements and 0 of padding}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w {dilations = array<i64: 2, 2>} : (tensor<?x8x8x2xf32>, tensor<4x5x5x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_groups(%x: tensor<?x8x8x3xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected 2 groups of 2 input channels, got input 'tensor<?x8x8x3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w {groups = 2 : i64} : (tensor<?x8x8x3xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_output_channels(%x: tensor<?x8x8x4xf32>, %w: tensor<3x3x3x2xf32>) {
  // expected-error @below {{expected output channels that are a multiple of 2 groups, got 3}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w {groups = 2 : i64} : (tensor<?x8x8x4xf32>, tensor<3x3x3x2xf32>) -> tensor<?x6x6x3xf32>
  return
}

// -----

func.func @conv2d_bias(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x2xf32>, %b: tensor<3xf32>) {
  // expected-error @below {{expected bias of 4 elements, got 'tensor<3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w, %b : (tensor<?x8x8x2xf32>, tensor<4x3x3x2xf32>, tensor<3xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @conv2d_result(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{inferred type(s) 'tensor<?x6x6x4xf32>' are incompatible with return type(s) of operation 'tensor<?x8x8x4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.conv2d %x, %w : (tensor<?x8x8x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x8x8x4xf32>
  return
}

// -----

func.func @conv2d_clamp(%x: tensor<?x8x8x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected clamp_min < clamp_max, got}}
  npir.conv2d %x, %w {clamp_min = 6.0 : f32, clamp_max = 0.0 : f32} : (tensor<?x8x8x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @depthwise_filter(%x: tensor<?x8x8x2xf32>, %w: tensor<2x3x3x2xf32>) {
  // expected-error @below {{expected filter of static shape [1, KH, KW, C*multiplier], got 'tensor<2x3x3x2xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.depthwise_conv2d %x, %w : (tensor<?x8x8x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x6x6x2xf32>
  return
}

// -----

func.func @depthwise_channels(%x: tensor<?x8x8x2xf32>, %w: tensor<1x3x3x3xf32>) {
  // expected-error @below {{expected filter channels that are a multiple of the input's 2, got 3}}
  // expected-error @below {{failed to infer returned types}}
  npir.depthwise_conv2d %x, %w : (tensor<?x8x8x2xf32>, tensor<1x3x3x3xf32>) -> tensor<?x6x6x3xf32>
  return
}

// -----

func.func @linear_weight(%x: tensor<?x8xf32>, %w: tensor<8xf32>) {
  // expected-error @below {{expected weight of static shape [OC, IC], got 'tensor<8xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.linear %x, %w : (tensor<?x8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @linear_input(%x: tensor<?x7xf32>, %w: tensor<4x8xf32>) {
  // expected-error @below {{expected input [..., 8], got 'tensor<?x7xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.linear %x, %w : (tensor<?x7xf32>, tensor<4x8xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @max_pool_padding_alone(%x: tensor<?x8x8x2xf32>) {
  // expected-error @below {{expected pads below the window's extent 2, got 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.max_pool2d %x {kernel = array<i64: 2, 2>, pads = array<i64: 2, 0, 0, 0>} : tensor<?x8x8x2xf32> -> tensor<?x9x7x2xf32>
  return
}

// -----

func.func @reduce_no_axes(%x: tensor<?x8x2xf32>) {
  // expected-error @below {{expected at least one axis}}
  // expected-error @below {{failed to infer returned types}}
  npir.reduce mean %x {axes = array<i64>} : tensor<?x8x2xf32> -> tensor<?x8x2xf32>
  return
}

// -----

func.func @reduce_batch(%x: tensor<?x8x2xf32>) {
  // expected-error @below {{expected axes from 1 to 2, got 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.reduce mean %x {axes = array<i64: 0>} : tensor<?x8x2xf32> -> tensor<8x2xf32>
  return
}

// -----

func.func @reduce_order(%x: tensor<?x8x2xf32>) {
  // expected-error @below {{expected ascending axes, got 2 before 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.reduce mean %x {axes = array<i64: 2, 1>} : tensor<?x8x2xf32> -> tensor<?xf32>
  return
}

// -----

func.func @reduce_dynamic(%x: tensor<?x?x2xf32>) {
  // expected-error @below {{expected a static size along axis 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.reduce mean %x {axes = array<i64: 1>} : tensor<?x?x2xf32> -> tensor<?x2xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 1.000000e+00>
func.func @reduce_quantized_sum(%x: tensor<?x8x2x!q>) {
  // expected-error @below {{has no quantized form for kind sum}}
  npir.reduce sum %x {axes = array<i64: 1>} : tensor<?x8x2x!q> -> tensor<?x2x!q>
  return
}

// -----

func.func @reduce_kind(%x: tensor<?x8x2xf32>) {
  // expected-error @below {{unknown reduction 'median'}}
  npir.reduce median %x {axes = array<i64: 1>} : tensor<?x8x2xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @batch_norm_axis(%x: tensor<?x2xf32>, %p: tensor<2xf32>) {
  // expected-error @below {{expected axis from 1 to 1, got 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.batch_norm %x, %p, %p, %p, %p {axis = 2 : i64, epsilon = 1.0e-5 : f32} : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @batch_norm_parameters(%x: tensor<?x2xf32>, %p: tensor<3xf32>) {
  // expected-error @below {{expected parameters of 2 elements, got 'tensor<3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.batch_norm %x, %p, %p, %p, %p {axis = 1 : i64, epsilon = 1.0e-5 : f32} : (tensor<?x2xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @batch_norm_epsilon(%x: tensor<?x2xf32>, %p: tensor<2xf32>) {
  // expected-error @below {{expected a positive epsilon, got}}
  npir.batch_norm %x, %p, %p, %p, %p {axis = 1 : i64, epsilon = 0.0 : f32} : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
  return
}

// -----

func.func @add_shapes(%x: tensor<?x8x2xf32>, %y: tensor<3xf32>) {
  // expected-error @below {{expected shapes that broadcast, got 'tensor<?x8x2xf32>' and 'tensor<3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.add %x, %y : (tensor<?x8x2xf32>, tensor<3xf32>) -> tensor<?x8x2xf32>
  return
}

// -----

func.func @clamp_bounds(%x: tensor<?xf32>) {
  // expected-error @below {{expected min < max, got}}
  npir.clamp %x {min = 1.0 : f32, max = 1.0 : f32} : tensor<?xf32> -> tensor<?xf32>
  return
}

// -----

func.func @transpose_perm(%x: tensor<?x2x3xf32>) {
  // expected-error @below {{expected a permutation of 3 dimensions, got [0, 2, 2]}}
  // expected-error @below {{failed to infer returned types}}
  npir.transpose %x {perm = array<i64: 0, 2, 2>} : tensor<?x2x3xf32> -> tensor<?x3x3xf32>
  return
}

// -----

func.func @transpose_batch(%x: tensor<?x2x3xf32>) {
  // expected-error @below {{expected the dynamic dimension to stay first, got permutation [1, 0, 2] of 'tensor<?x2x3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.transpose %x {perm = array<i64: 1, 0, 2>} : tensor<?x2x3xf32> -> tensor<2x?x3xf32>
  return
}

// -----

func.func @reshape_elements(%x: tensor<2x3xf32>) {
  // expected-error @below {{expected as many elements, got 'tensor<2x3xf32>' and 'tensor<4xf32>'}}
  npir.reshape %x : tensor<2x3xf32> -> tensor<4xf32>
  return
}

// -----

func.func @reshape_dynamic_elements(%x: tensor<?x6xf32>) {
  // expected-error @below {{expected as many elements, got 'tensor<?x6xf32>' and 'tensor<?x4xf32>'}}
  npir.reshape %x : tensor<?x6xf32> -> tensor<?x4xf32>
  return
}

// -----

func.func @reshape_inner_dynamic(%x: tensor<?x6xf32>) {
  // expected-error @below {{expected only the first dimension dynamic, got 'tensor<2x?xf32>'}}
  npir.reshape %x : tensor<?x6xf32> -> tensor<2x?xf32>
  return
}

// -----

func.func @reshape_mixed(%x: tensor<?x6xf32>) {
  // expected-error @below {{expected a dynamic first dimension in operand and result or in neither}}
  npir.reshape %x : tensor<?x6xf32> -> tensor<1x6xf32>
  return
}
