// RUN: npir-opt --split-input-file --verify-diagnostics %s

// Operations on height and width, pads and normalizations.

func.func @transpose_conv2d_filter(%x: tensor<?x4x4x2xf32>, %w: tensor<3x3x2xf32>) {
  // expected-error @below {{expected filter of static shape [OC, KH, KW, IC/groups], got 'tensor<3x3x2xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.transpose_conv2d %x, %w : (tensor<?x4x4x2xf32>, tensor<3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @transpose_conv2d_padding(%x: tensor<?x4x4x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected output_padding below the stride or the dilation, got 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.transpose_conv2d %x, %w {output_padding = array<i64: 1, 0>} : (tensor<?x4x4x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x7x6x4xf32>
  return
}

// -----

func.func @transpose_conv2d_pads(%x: tensor<?x4x4x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected pads that leave something of the result, got 3 and 3}}
  // expected-error @below {{failed to infer returned types}}
  npir.transpose_conv2d %x, %w {pads = array<i64: 3, 3, 0, 0>} : (tensor<?x4x4x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x1x6x4xf32>
  return
}

// -----

func.func @transpose_conv2d_groups(%x: tensor<?x4x4x2xf32>, %w: tensor<4x3x3x2xf32>) {
  // expected-error @below {{expected 2 groups of 2 input channels}}
  // expected-error @below {{failed to infer returned types}}
  npir.transpose_conv2d %x, %w {groups = 2 : i64} : (tensor<?x4x4x2xf32>, tensor<4x3x3x2xf32>) -> tensor<?x6x6x4xf32>
  return
}

// -----

func.func @transpose_conv2d_channels(%x: tensor<?x4x4x4xf32>, %w: tensor<3x3x3x2xf32>) {
  // expected-error @below {{expected output channels that are a multiple of 2 groups, got 3}}
  // expected-error @below {{failed to infer returned types}}
  npir.transpose_conv2d %x, %w {groups = 2 : i64} : (tensor<?x4x4x4xf32>, tensor<3x3x3x2xf32>) -> tensor<?x6x6x3xf32>
  return
}

// -----

func.func @avg_pool2d_pads(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected pads below the window's extent 2, got 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.avg_pool2d %x {kernel = array<i64: 2, 2>, pads = array<i64: 2, 0, 0, 0>} : tensor<?x4x4x2xf32> -> tensor<?x5x3x2xf32>
  return
}

// -----

func.func @avg_pool2d_multipliers(%x: tensor<?x4x4x2x!quant.uniform<i8:f32, 1.0>>) {
  // expected-error @below {{expected 4 multipliers, one per number of elements, got 1}}
  npir.avg_pool2d %x {kernel = array<i64: 2, 2>, strides = array<i64: 2, 2>, requant = #npir.requant_window_mean<multipliers = [1.0], min = -128, max = 127>} : tensor<?x4x4x2x!quant.uniform<i8:f32, 1.0>> -> tensor<?x2x2x2x!quant.uniform<i8:f32, 1.0>>
  return
}

// -----

func.func @resize_rank(%x: tensor<?x4x4xf32>) {
  // expected-error @below {{expected input of rank 4 (NHWC) with static height and width}}
  // expected-error @below {{failed to infer returned types}}
  npir.resize nearest %x {sizes = array<i64: 8, 8>} : tensor<?x4x4xf32> -> tensor<?x8x8xf32>
  return
}

// -----

func.func @resize_mode(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{unknown mode 'cubic'}}
  npir.resize cubic %x {sizes = array<i64: 8, 8>} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
  return
}

// -----

func.func @resize_sizes(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected sizes of at least 1, got 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.resize nearest %x {sizes = array<i64: 8, 0>} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
  return
}

// -----

func.func @resize_empty(%x: tensor<?x0x4x2xf32>) {
  // expected-error @below {{expected elements to resize}}
  // expected-error @below {{failed to infer returned types}}
  npir.resize nearest %x {sizes = array<i64: 8, 8>} : tensor<?x0x4x2xf32> -> tensor<?x8x8x2xf32>
  return
}

// -----

func.func @resize_scales(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected 2 scales, got 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.resize nearest %x {sizes = array<i64: 8, 8>, scales = array<f32: 2.0>} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
  return
}

// -----

func.func @resize_scale(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected positive finite scales, got -1}}
  // expected-error @below {{failed to infer returned types}}
  npir.resize nearest %x {sizes = array<i64: 8, 8>, scales = array<f32: 2.0, -1.0>} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
  return
}

// -----

func.func @resize_types(%x: tensor<?x4x4x2x!quant.uniform<i8:f32, 1.0>>) {
  // expected-error @below {{expected equal element types}}
  npir.resize bilinear %x {sizes = array<i64: 8, 8>} : tensor<?x4x4x2x!quant.uniform<i8:f32, 1.0>> -> tensor<?x8x8x2x!quant.uniform<i8:f32, 2.0>>
  return
}

// -----

func.func @depth_to_space_rank(%x: tensor<?x4x8xf32>) {
  // expected-error @below {{expected input of rank 4 (NHWC) with static height, width and channels}}
  // expected-error @below {{failed to infer returned types}}
  npir.depth_to_space %x {block = 2 : i64} : tensor<?x4x8xf32> -> tensor<?x8x2xf32>
  return
}

// -----

func.func @depth_to_space_channels(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected channels that are a multiple of 4}}
  // expected-error @below {{failed to infer returned types}}
  npir.depth_to_space %x {block = 2 : i64} : tensor<?x4x4x2xf32> -> tensor<?x8x8x1xf32>
  return
}

// -----

func.func @space_to_depth_size(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected height and width that are multiples of 3}}
  // expected-error @below {{failed to infer returned types}}
  npir.space_to_depth %x {block = 3 : i64} : tensor<?x4x4x2xf32> -> tensor<?x1x1x18xf32>
  return
}

// -----

func.func @space_to_depth_block(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected block of at least 1, got 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.space_to_depth %x {block = 0 : i64} : tensor<?x4x4x2xf32> -> tensor<?x1x1x18xf32>
  return
}

// -----

func.func @pad_count(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected 4 pads_begin, got 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.pad %x {pads_begin = array<i64: 1>, pads_end = array<i64: 0, 0, 0, 0>} : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  return
}

// -----

func.func @pad_negative(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected pads_end of at least 0, got -1}}
  // expected-error @below {{failed to infer returned types}}
  npir.pad %x {pads_begin = array<i64: 0, 0, 0, 0>, pads_end = array<i64: 0, -1, 0, 0>} : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  return
}

// -----

func.func @pad_batch(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected no padding of the dynamic dimension, got 1 and 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.pad %x {pads_begin = array<i64: 1, 0, 0, 0>, pads_end = array<i64: 0, 0, 0, 0>} : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
  return
}

// -----

func.func @pad_reflect(%x: tensor<?x4x4x2xf32>) {
  // expected-error @below {{expected fewer mirrored elements than the 4 of dimension 1, got 4 and 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.pad %x {pads_begin = array<i64: 0, 4, 0, 0>, pads_end = array<i64: 0, 0, 0, 0>, mode = #npir.pad_mode<reflect>} : tensor<?x4x4x2xf32> -> tensor<?x8x4x2xf32>
  return
}

// -----

func.func @pad_edge(%x: tensor<?x0xf32>) {
  // expected-error @below {{expected elements along dimension 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.pad %x {pads_begin = array<i64: 0, 1>, pads_end = array<i64: 0, 0>, mode = #npir.pad_mode<edge>} : tensor<?x0xf32> -> tensor<?x1xf32>
  return
}

// -----

func.func @pad_type(%x: tensor<?x2xi64>) {
  // expected-error @below {{expected equal element types, got 'i64' and 'f32'}}
  npir.pad %x {pads_begin = array<i64: 0, 1>, pads_end = array<i64: 0, 0>} : tensor<?x2xi64> -> tensor<?x3xf32>
  return
}

// -----

func.func @group_norm_parameters(%x: tensor<?x8xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{expected scale and offset of 8 elements}}
  // expected-error @below {{failed to infer returned types}}
  npir.group_norm %x, %s, %s {groups = 2 : i64, epsilon = 0.0 : f32} : (tensor<?x8xf32>, tensor<4xf32>, tensor<4xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @group_norm_groups(%x: tensor<?x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{expected groups that divide the 8 channels, got 3}}
  // expected-error @below {{failed to infer returned types}}
  npir.group_norm %x, %s, %s {groups = 3 : i64, epsilon = 0.0 : f32} : (tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @group_norm_rank(%x: tensor<8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{expected samples and channels}}
  // expected-error @below {{failed to infer returned types}}
  npir.group_norm %x, %s, %s {groups = 2 : i64, epsilon = 0.0 : f32} : (tensor<8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return
}

// -----

func.func @group_norm_epsilon(%x: tensor<?x8xf32>, %s: tensor<8xf32>) {
  // expected-error @below {{expected a finite epsilon of at least 0, got -1}}
  npir.group_norm %x, %s, %s {groups = 2 : i64, epsilon = -1.0 : f32} : (tensor<?x8xf32>, tensor<8xf32>, tensor<8xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @rms_norm_scale(%x: tensor<?x8xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{expected a scale of 8 elements}}
  // expected-error @below {{failed to infer returned types}}
  npir.rms_norm %x, %s {epsilon = 0.0 : f32} : (tensor<?x8xf32>, tensor<4xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @rms_norm_dynamic(%x: tensor<?xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{expected a static last dimension}}
  // expected-error @below {{failed to infer returned types}}
  npir.rms_norm %x, %s {epsilon = 0.0 : f32} : (tensor<?xf32>, tensor<4xf32>) -> tensor<?xf32>
  return
}

// -----

func.func @prelu_slope(%x: tensor<?x8xf32>, %s: tensor<4xf32>) {
  // expected-error @below {{expected a slope of 8 elements}}
  // expected-error @below {{failed to infer returned types}}
  npir.prelu %x, %s : (tensor<?x8xf32>, tensor<4xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @reduce_sum_quantized(%x: tensor<?x8x!quant.uniform<i8:f32, 1.0>>) {
  // expected-error @below {{has no quantized form for kind prod}}
  npir.reduce prod %x {axes = array<i64: 1>} : tensor<?x8x!quant.uniform<i8:f32, 1.0>> -> tensor<?x!quant.uniform<i8:f32, 1.0>>
  return
}

// -----

func.func @reduce_max_types(%x: tensor<?x8x!quant.uniform<i8:f32, 1.0>>) {
  // expected-error @below {{expected equal element types}}
  npir.reduce max %x {axes = array<i64: 1>} : tensor<?x8x!quant.uniform<i8:f32, 1.0>> -> tensor<?x!quant.uniform<i8:f32, 2.0>>
  return
}

// -----

func.func @maximum_types(%x: tensor<?x8x!quant.uniform<i8:f32, 1.0>>) {
  // expected-error @below {{expected equal element types}}
  npir.maximum %x, %x : (tensor<?x8x!quant.uniform<i8:f32, 1.0>>, tensor<?x8x!quant.uniform<i8:f32, 1.0>>) -> tensor<?x8x!quant.uniform<i8:f32, 2.0>>
  return
}
