// RUN: npir-opt %s --split-input-file --verify-diagnostics

func.func @filter_rank(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3xf32>
    // expected-error @below {{expected a filter of rank 4 and static shape, got 'tensor<2x3x3xf32>'}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @filter_not_constant(%x: tensor<?x4x4x2xf32>, %f: tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x, %if: tensor<2x3x3x2xf32> = %f) -> tensor<?x4x4x2xf32> {
    // expected-error @below {{expected the filter to be an npir.constant}}
    %r = xnn.convolution_2d %ix, %if {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @bias_not_constant(%x: tensor<?x2xf32>, %b: tensor<2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %ib: tensor<2xf32> = %b) -> tensor<?x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2xf32>
    // expected-error @below {{expected the bias to be an npir.constant}}
    %r = xnn.fully_connected %ix, %f, %ib : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @conv_kind(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2x!qa> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected all of f32 or all quantized}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2x!qa>
    xnn.yield %r : tensor<?x4x4x2x!qa>
  }
  return %0 : tensor<?x4x4x2x!qa>
}

// -----

func.func @conv_groups(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected a filter that fits 2 groups of 'tensor<?x4x4x2xf32>', got 'tensor<2x3x3x2xf32>'}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 2 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_group_count(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected a filter that fits 0 groups}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 0 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_strides(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected strides of 1 to 65536, got 0}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 0, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_dilations(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected 2 values of dilations, got 1}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_padding(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected padding below the window's extent 3, got 1 and 3}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 3, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_window(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected a window that fits the padded input, got an extent of 5 over 4 elements}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, dilations = array<i64: 2, 2>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_window_elements(%x: tensor<?x40000x40000x1xf32>) -> tensor<?x40000x40000x1xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x40000x40000x1xf32> = %x) -> tensor<?x40000x40000x1xf32> {
    %f = npir.constant dense<1.0> : tensor<1x3x3x1xf32>
    // expected-error @below {{expected at most 268435456 window elements over all windows}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x40000x40000x1xf32>, tensor<1x3x3x1xf32>) -> tensor<?x40000x40000x1xf32>
    xnn.yield %r : tensor<?x40000x40000x1xf32>
  }
  return %0 : tensor<?x40000x40000x1xf32>
}

// -----

func.func @conv_shape(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected a result of type 'tensor<?x4x2x2xf32>', got 'tensor<?x4x4x2xf32>'}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 0, 1, 0>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_bounds(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected output_min <= output_max, got 1.000000e+00 and 0.000000e+00}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64, output_min = 1.0 : f32, output_max = 0.0 : f32}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

!qw = !quant.uniform<i8:f32, 1.000000e+00>
func.func @quantized_filter_of_float(%x: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x4xf32> {
    %f = npir.constant dense<1> : tensor<4x2xi8> as tensor<4x2x!qw>
    // expected-error @below {{expected a filter of f32 for an input of f32}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2xf32>, tensor<4x2x!qw>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

!qw = !quant.uniform<i8:f32, 1.000000e+00:3>
func.func @conv_stored_filter_is_symmetric(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1> : tensor<2x3x3x2xi8> as tensor<2x3x3x2x!qw>
    // expected-error @below {{expected filter zero point 0, got 3}}
    %r = xnn.convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2x!qw>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @conv_bias_type(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    %b = npir.constant dense<1.0> : tensor<3xf32>
    // expected-error @below {{expected a bias of type 'tensor<2xf32>', got 'tensor<3xf32>'}}
    %r = xnn.convolution_2d %ix, %f, %b {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>, tensor<3xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @depthwise_filter(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3x3x2xf32>
    // expected-error @below {{expected a filter that fits depth multiplier 1 over 'tensor<?x4x4x2xf32>', got 'tensor<2x3x3x2xf32>'}}
    %r = xnn.depthwise_convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, depth_multiplier = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @depthwise_multiplier(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<1x3x3x2xf32>
    // expected-error @below {{expected a filter that fits depth multiplier 2 over}}
    %r = xnn.depthwise_convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, depth_multiplier = 2 : i64}
        : (tensor<?x4x4x2xf32>, tensor<1x3x3x2xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @depthwise_shape(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    %f = npir.constant dense<1.0> : tensor<1x3x3x4xf32>
    // expected-error @below {{expected a result of type 'tensor<?x4x4x4xf32>', got 'tensor<?x4x4x2xf32>'}}
    %r = xnn.depthwise_convolution_2d %ix, %f {padding = array<i64: 1, 1, 1, 1>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, depth_multiplier = 2 : i64}
        : (tensor<?x4x4x2xf32>, tensor<1x3x3x4xf32>) -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @fc_filter_rank(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2x1xf32>
    // expected-error @below {{expected a filter of rank 2 and static shape, got 'tensor<2x2x1xf32>'}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2xf32>, tensor<2x2x1xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @fc_channels(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x3xf32>
    // expected-error @below {{expected an input of shape [..., 3], got 'tensor<?x2xf32>'}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2xf32>, tensor<2x3xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @fc_shape(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    %f = npir.constant dense<1.0> : tensor<3x2xf32>
    // expected-error @below {{expected a result of type 'tensor<?x3xf32>', got 'tensor<?x2xf32>'}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2xf32>, tensor<3x2xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @fc_bounds(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2xf32>
    // expected-error @below {{expected output_min <= output_max, got}}
    %r = xnn.fully_connected %ix, %f {output_min = 0x7FC00000 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @filter_float_for_integers(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1.0> : tensor<2x2xf32>
    // expected-error @below {{expected a quantized filter for a quantized input, got 'tensor<2x2xf32>'}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2xf32>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<u8:f32, 1.000000e+00>
func.func @filter_unsigned(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    // expected-error @below {{expected a filter of signed 8-bit integers, got '!quant.uniform<u8:f32, 1.000000e+00>'}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2x!qw>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<i4:f32, 1.000000e+00>
func.func @filter_four_bits(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    // expected-error @below {{expected a filter of signed 8-bit integers, got '!quant.uniform<i4:f32, 1.000000e+00>'}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2x!qw>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<i8:f32:1, {1.000000e+00, 1.000000e+00}>
func.func @filter_axis(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    // expected-error @below {{expected the filter's scales along axis 0, got 1}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2x!qw>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<i8:f32, 1.000000e+00:3>
func.func @filter_zero_point(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    // expected-error @below {{expected filter zero point 0, got 3}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2x!qw>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<i8:f32:0, {1.000000e+00, 2.560000e+02}>
func.func @filter_multiplier_large(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    // expected-error @below {{expected input scale * filter scale / result scale in [2^-32, 2^8), got 2.560000e+02 for channel 1}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2x!qw>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<i8:f32, 1.1641532182693481E-10>
func.func @filter_multiplier_small(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    // expected-error @below {{expected input scale * filter scale / result scale in [2^-32, 2^8), got 1.164153e-10 for channel 0}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2x!qw>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qb = !quant.uniform<i32:f32, 1.000000e+00>
!qw = !quant.uniform<i8:f32, 1.000000e+00>
func.func @bias_scale(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    %b = npir.constant dense<1> : tensor<2xi32> as tensor<2x!qb>
    // expected-error @below {{expected a bias of type 'tensor<2x!quant.uniform<i32:f32, 6.250000e-02>>', got 'tensor<2x!quant.uniform<i32:f32, 1.000000e+00>>'}}
    %r = xnn.fully_connected %ix, %f, %b : (tensor<?x2x!qa>, tensor<2x2x!qw>, tensor<2x!qb>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qw = !quant.uniform<i8:f32, 1.000000e+00>
func.func @bias_float(%x: tensor<?x2x!qa>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qa> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    %b = npir.constant dense<1.0> : tensor<2xf32>
    // expected-error @below {{expected a bias of type 'tensor<2x!quant.uniform<i32:f32, 6.250000e-02>>', got 'tensor<2xf32>'}}
    %r = xnn.fully_connected %ix, %f, %b : (tensor<?x2x!qa>, tensor<2x2x!qw>, tensor<2xf32>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qn = !quant.uniform<i8<-127:127>:f32, 6.250000e-02>
!qw = !quant.uniform<i8:f32, 1.000000e+00>
func.func @fc_storage(%x: tensor<?x2x!qa>) -> tensor<?x2x!qn> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2x!qn> {
    %f = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x!qw>
    // expected-error @below {{expected the result in its storage range [-127, 127], but XNNPACK computes values in [-128, 127]}}
    %r = xnn.fully_connected %ix, %f : (tensor<?x2x!qa>, tensor<2x2x!qw>) -> tensor<?x2x!qn>
    xnn.yield %r : tensor<?x2x!qn>
  }
  return %0 : tensor<?x2x!qn>
}
