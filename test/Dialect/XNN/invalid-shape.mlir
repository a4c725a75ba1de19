// RUN: npir-opt %s --split-input-file --verify-diagnostics

!qu = !quant.uniform<u8:f32, 5.000000e-01:128>
func.func @unsigned(%x: tensor<?x4x!qu>) -> tensor<?x4x!qu> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qu> = %x) -> tensor<?x4x!qu> {
    // expected-error @below {{expected f32 or signed 8-bit integers with one scale, got '!quant.uniform<u8:f32}}
    %r = xnn.copy %ix : tensor<?x4x!qu> -> tensor<?x4x!qu>
    xnn.yield %r : tensor<?x4x!qu>
  }
  return %0 : tensor<?x4x!qu>
}

// -----

!q16 = !quant.uniform<i16:f32, 5.000000e-01>
func.func @sixteen_bits(%x: tensor<?x4x!q16>) -> tensor<?x4x!q16> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!q16> = %x) -> tensor<?x4x!q16> {
    // expected-error @below {{expected f32 or signed 8-bit integers with one scale, got '!quant.uniform<i16:f32}}
    %r = xnn.copy %ix : tensor<?x4x!q16> -> tensor<?x4x!q16>
    xnn.yield %r : tensor<?x4x!q16>
  }
  return %0 : tensor<?x4x!q16>
}

// -----

!qc = !quant.uniform<i8:f32:1, {5.000000e-01, 2.500000e-01}>
func.func @scale_per_channel(%x: tensor<?x2x!qc>) -> tensor<?x2x!qc> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qc> = %x) -> tensor<?x2x!qc> {
    // expected-error @below {{expected f32 or signed 8-bit integers with one scale, got '!quant.uniform<i8:f32:1}}
    %r = xnn.copy %ix : tensor<?x2x!qc> -> tensor<?x2x!qc>
    xnn.yield %r : tensor<?x2x!qc>
  }
  return %0 : tensor<?x2x!qc>
}

// -----

!qs = !quant.uniform<i8:f32, 1.1754943508222875E-38>
func.func @scale_out_of_range(%x: tensor<?x4x!qs>) -> tensor<?x4x!qs> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qs> = %x) -> tensor<?x4x!qs> {
    // expected-error @below {{expected a scale in [2^-120, 2^120], got}}
    %r = xnn.copy %ix : tensor<?x4x!qs> -> tensor<?x4x!qs>
    xnn.yield %r : tensor<?x4x!qs>
  }
  return %0 : tensor<?x4x!qs>
}

// -----

!qz = !quant.uniform<i8:f32, 5.000000e-01:200>
func.func @zero_point_out_of_range(%x: tensor<?x4x!qz>) -> tensor<?x4x!qz> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qz> = %x) -> tensor<?x4x!qz> {
    // expected-error @below {{expected a zero point in [-128, 127], got 200}}
    %r = xnn.copy %ix : tensor<?x4x!qz> -> tensor<?x4x!qz>
    xnn.yield %r : tensor<?x4x!qz>
  }
  return %0 : tensor<?x4x!qz>
}

// -----

func.func @rank(%x: tensor<?x1x1x1x1x1x2xf32>) -> tensor<?x1x1x1x1x1x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x1x1x1x1x1x2xf32> = %x) -> tensor<?x1x1x1x1x1x2xf32> {
    // expected-error @below {{expected tensors of rank 6 or less, got 'tensor<?x1x1x1x1x1x2xf32>'}}
    %r = xnn.copy %ix : tensor<?x1x1x1x1x1x2xf32> -> tensor<?x1x1x1x1x1x2xf32>
    xnn.yield %r : tensor<?x1x1x1x1x1x2xf32>
  }
  return %0 : tensor<?x1x1x1x1x1x2xf32>
}

// -----

func.func @inner_dynamic(%x: tensor<2x?xf32>) -> tensor<2x?xf32> {
  %0 = xnn.subgraph(%ix: tensor<2x?xf32> = %x) -> tensor<2x?xf32> {
    // expected-error @below {{expected only the first dimension dynamic, got 'tensor<2x?xf32>'}}
    %r = xnn.copy %ix : tensor<2x?xf32> -> tensor<2x?xf32>
    xnn.yield %r : tensor<2x?xf32>
  }
  return %0 : tensor<2x?xf32>
}

// -----

func.func @empty(%x: tensor<2x0xf32>) -> tensor<2x0xf32> {
  %0 = xnn.subgraph(%ix: tensor<2x0xf32> = %x) -> tensor<2x0xf32> {
    // expected-error @below {{expected tensors that are not empty, got 'tensor<2x0xf32>'}}
    %r = xnn.copy %ix : tensor<2x0xf32> -> tensor<2x0xf32>
    xnn.yield %r : tensor<2x0xf32>
  }
  return %0 : tensor<2x0xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!q2 = !quant.uniform<i8:f32, 5.000000e-01:-128>
func.func @copy_types(%x: tensor<?x4x!qa>) -> tensor<?x4x!q2> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qa> = %x) -> tensor<?x4x!q2> {
    // expected-error @below {{expected equal element types, got '!quant.uniform<i8:f32, 6.250000e-02:-128>' and '!quant.uniform<i8:f32, 5.000000e-01:-128>'}}
    %r = xnn.copy %ix : tensor<?x4x!qa> -> tensor<?x4x!q2>
    xnn.yield %r : tensor<?x4x!q2>
  }
  return %0 : tensor<?x4x!q2>
}

// -----

func.func @copy_shape(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x4xf32>', got 'tensor<?x2xf32>'}}
    %r = xnn.copy %ix : tensor<?x4xf32> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @reshape_types(%x: tensor<?x4x!qa>) -> tensor<?x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qa> = %x) -> tensor<?x2x2xf32> {
    // expected-error @below {{expected equal element types}}
    %r = xnn.static_reshape %ix : tensor<?x4x!qa> -> tensor<?x2x2xf32>
    xnn.yield %r : tensor<?x2x2xf32>
  }
  return %0 : tensor<?x2x2xf32>
}

// -----

func.func @reshape_elements(%x: tensor<2x4xf32>) -> tensor<2x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<2x4xf32> = %x) -> tensor<2x3xf32> {
    // expected-error @below {{expected as many elements, got 'tensor<2x4xf32>' and 'tensor<2x3xf32>'}}
    %r = xnn.static_reshape %ix : tensor<2x4xf32> -> tensor<2x3xf32>
    xnn.yield %r : tensor<2x3xf32>
  }
  return %0 : tensor<2x3xf32>
}

// -----

func.func @reshape_batch(%x: tensor<?x4xf32>) -> tensor<2x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<2x4xf32> {
    // expected-error @below {{expected as many elements, got 'tensor<?x4xf32>' and 'tensor<2x4xf32>'}}
    %r = xnn.static_reshape %ix : tensor<?x4xf32> -> tensor<2x4xf32>
    xnn.yield %r : tensor<2x4xf32>
  }
  return %0 : tensor<2x4xf32>
}

// -----

func.func @reshape_splits_samples(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x3xf32> {
    // expected-error @below {{expected as many elements, got 'tensor<?x4xf32>' and 'tensor<?x3xf32>'}}
    %r = xnn.static_reshape %ix : tensor<?x4xf32> -> tensor<?x3xf32>
    xnn.yield %r : tensor<?x3xf32>
  }
  return %0 : tensor<?x3xf32>
}

// -----

func.func @transpose_perm(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4xf32> {
    // expected-error @below {{expected a permutation of 2 dimensions, got [0, 0]}}
    %r = xnn.static_transpose %ix {perm = array<i64: 0, 0>} : tensor<?x4xf32> -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @transpose_types(%x: tensor<?x4x!qa>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qa> = %x) -> tensor<?x4xf32> {
    // expected-error @below {{expected equal element types}}
    %r = xnn.static_transpose %ix {perm = array<i64: 0, 1>} : tensor<?x4x!qa> -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @transpose_shape(%x: tensor<?x2x3xf32>) -> tensor<?x2x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x3xf32> = %x) -> tensor<?x2x3xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x3x2xf32>', got 'tensor<?x2x3xf32>'}}
    %r = xnn.static_transpose %ix {perm = array<i64: 0, 2, 1>} : tensor<?x2x3xf32> -> tensor<?x2x3xf32>
    xnn.yield %r : tensor<?x2x3xf32>
  }
  return %0 : tensor<?x2x3xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @pool_types(%x: tensor<?x4x4x2x!qa>) -> tensor<?x2x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2x!qa> = %x) -> tensor<?x2x2x2xf32> {
    // expected-error @below {{expected equal element types}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>}
        : tensor<?x4x4x2x!qa> -> tensor<?x2x2x2xf32>
    xnn.yield %r : tensor<?x2x2x2xf32>
  }
  return %0 : tensor<?x2x2x2xf32>
}

// -----

func.func @pool_rank(%x: tensor<?x4x2xf32>) -> tensor<?x2x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2xf32> = %x) -> tensor<?x2x2x2xf32> {
    // expected-error @below {{expected an input of rank 4, got 'tensor<?x4x2xf32>'}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>}
        : tensor<?x4x2xf32> -> tensor<?x2x2x2xf32>
    xnn.yield %r : tensor<?x2x2x2xf32>
  }
  return %0 : tensor<?x2x2x2xf32>
}

// -----

func.func @pool_window_count(%x: tensor<?x4x4x2xf32>) -> tensor<?x2x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x2x2x2xf32> {
    // expected-error @below {{expected 2 values of window, got 1}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>}
        : tensor<?x4x4x2xf32> -> tensor<?x2x2x2xf32>
    xnn.yield %r : tensor<?x2x2x2xf32>
  }
  return %0 : tensor<?x2x2x2xf32>
}

// -----

func.func @pool_padding_count(%x: tensor<?x4x4x2xf32>) -> tensor<?x2x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x2x2x2xf32> {
    // expected-error @below {{expected 4 values of padding, got 2}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>}
        : tensor<?x4x4x2xf32> -> tensor<?x2x2x2xf32>
    xnn.yield %r : tensor<?x2x2x2xf32>
  }
  return %0 : tensor<?x2x2x2xf32>
}

// -----

func.func @pool_one_element(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    // expected-error @below {{XNNPACK takes no 1x1 pool}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 1, 1>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>}
        : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @pool_stride(%x: tensor<?x5x5x2xf32>) -> tensor<?x2x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x5x5x2xf32> = %x) -> tensor<?x2x2x2xf32> {
    // expected-error @below {{XNNPACK takes no pool with a stride beyond its kernel}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 3, 3>, dilations = array<i64: 1, 1>}
        : tensor<?x5x5x2xf32> -> tensor<?x2x2x2xf32>
    xnn.yield %r : tensor<?x2x2x2xf32>
  }
  return %0 : tensor<?x2x2x2xf32>
}

// -----

func.func @pool_padding(%x: tensor<?x4x4x2xf32>) -> tensor<?x3x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x3x2x2xf32> {
    // expected-error @below {{expected padding below the window's extent 2, got 2 and 0}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 2, 0, 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>}
        : tensor<?x4x4x2xf32> -> tensor<?x3x2x2xf32>
    xnn.yield %r : tensor<?x3x2x2xf32>
  }
  return %0 : tensor<?x3x2x2xf32>
}

// -----

func.func @pool_dilated_padding(%x: tensor<?x4x4x2xf32>) -> tensor<?x6x6x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x6x6x2xf32> {
    // expected-error @below {{XNNPACK computes a dilated pool with this padding wrongly}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 2, 2, 2, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 2, 2>}
        : tensor<?x4x4x2xf32> -> tensor<?x6x6x2xf32>
    xnn.yield %r : tensor<?x6x6x2xf32>
  }
  return %0 : tensor<?x6x6x2xf32>
}

// -----

func.func @pool_shape(%x: tensor<?x4x4x2xf32>) -> tensor<?x2x3x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x2x3x2xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x2x2x2xf32>', got 'tensor<?x2x3x2xf32>'}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>}
        : tensor<?x4x4x2xf32> -> tensor<?x2x3x2xf32>
    xnn.yield %r : tensor<?x2x3x2xf32>
  }
  return %0 : tensor<?x2x3x2xf32>
}

// -----

func.func @pool_bounds(%x: tensor<?x4x4x2xf32>) -> tensor<?x2x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x2x2x2xf32> {
    // expected-error @below {{expected output_min <= output_max, got 1.000000e+00 and 0.000000e+00}}
    %r = xnn.max_pooling_2d %ix {pooling = array<i64: 2, 2>, padding = array<i64: 0, 0, 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, output_min = 1.0 : f32, output_max = 0.0 : f32}
        : tensor<?x4x4x2xf32> -> tensor<?x2x2x2xf32>
    xnn.yield %r : tensor<?x2x2x2xf32>
  }
  return %0 : tensor<?x2x2x2xf32>
}

// -----

func.func @reduce_no_axes(%x: tensor<?x4x2xf32>) -> tensor<?x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2xf32> = %x) -> tensor<?x4x2xf32> {
    // expected-error @below {{expected at least one axis}}
    %r = xnn.static_reduce mean %ix {axes = array<i64>} : tensor<?x4x2xf32> -> tensor<?x4x2xf32>
    xnn.yield %r : tensor<?x4x2xf32>
  }
  return %0 : tensor<?x4x2xf32>
}

// -----

func.func @reduce_order(%x: tensor<?x4x2xf32>) -> tensor<?xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2xf32> = %x) -> tensor<?xf32> {
    // expected-error @below {{expected ascending axes below the rank 3, got 2, 1}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 2, 1>} : tensor<?x4x2xf32> -> tensor<?xf32>
    xnn.yield %r : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// -----

func.func @reduce_rank(%x: tensor<?x4x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected ascending axes below the rank 3, got 3}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 3>} : tensor<?x4x2xf32> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @reduce_batch(%x: tensor<?x4x2xf32>) -> tensor<4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2xf32> = %x) -> tensor<4x2xf32> {
    // expected-error @below {{expected static sizes along the reduced axes, got 'tensor<?x4x2xf32>'}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 0>} : tensor<?x4x2xf32> -> tensor<4x2xf32>
    xnn.yield %r : tensor<4x2xf32>
  }
  return %0 : tensor<4x2xf32>
}

// -----

func.func @reduce_shape(%x: tensor<?x4x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x1x2xf32>', got 'tensor<?x2xf32>'}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 1>, keep_dims} : tensor<?x4x2xf32> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @reduce_kind(%x: tensor<?x4x2x!qa>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2x!qa> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected all of f32 or all quantized, got 'tensor<?x4x2x!quant.uniform<i8:f32, 6.250000e-02:-128>>' and 'tensor<?x2xf32>'}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 1>} : tensor<?x4x2x!qa> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @reduce_too_many(%x: tensor<?x9000000x!qa>) -> tensor<?x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x9000000x!qa> = %x) -> tensor<?x!qa> {
    // expected-error @below {{expected at most 8421504 elements in one sum of integers, got 9000000}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 1>} : tensor<?x9000000x!qa> -> tensor<?x!qa>
    xnn.yield %r : tensor<?x!qa>
  }
  return %0 : tensor<?x!qa>
}

// -----

!qs = !quant.uniform<i8:f32, 7.8886090522101181E-31>
!ql = !quant.uniform<i8:f32, 1.2676506002282294E+30>
func.func @reduce_multiplier(%x: tensor<?x4x!qs>) -> tensor<?x!ql> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qs> = %x) -> tensor<?x!ql> {
    // expected-error @below {{expected a multiplier that is a positive normal f32, got 0.000000e+00}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 1>} : tensor<?x4x!qs> -> tensor<?x!ql>
    xnn.yield %r : tensor<?x!ql>
  }
  return %0 : tensor<?x!ql>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qn = !quant.uniform<i8<-127:127>:f32, 6.250000e-02>
func.func @reduce_storage(%x: tensor<?x4x!qa>) -> tensor<?x!qn> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qa> = %x) -> tensor<?x!qn> {
    // expected-error @below {{expected the result in its storage range [-127, 127], but XNNPACK computes values in [-128, 127]}}
    %r = xnn.static_reduce mean %ix {axes = array<i64: 1>} : tensor<?x4x!qa> -> tensor<?x!qn>
    xnn.yield %r : tensor<?x!qn>
  }
  return %0 : tensor<?x!qn>
}
