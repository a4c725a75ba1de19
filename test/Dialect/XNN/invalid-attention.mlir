// RUN: npir-opt %s --split-input-file --verify-diagnostics

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @matrix_kind(%x: tensor<?x2x!qa>, %y: tensor<2x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x, %iy: tensor<2x2xf32> = %y) -> tensor<?x2xf32> {
    // expected-error @below {{operand #0 must be}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x2x!qa>, tensor<2x2xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @matrix_result_kind(%x: tensor<?x2xf32>, %y: tensor<2x2xf32>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<2x2xf32> = %y) -> tensor<?x2x!qa> {
    // expected-error @below {{expected a result of f32, got 'tensor<?x2x!quant.uniform<i8:f32, 6.250000e-02:-128>>'}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

func.func @matrix_rank(%x: tensor<?x2xf32>, %y: tensor<2xf32>) -> tensor<?xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<2xf32> = %y) -> tensor<?xf32> {
    // expected-error @below {{expected operands of rank 2 or more, got 'tensor<?x2xf32>' and 'tensor<2xf32>'}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?xf32>
    xnn.yield %r : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// -----

func.func @matrix_many_dimensions(%x: tensor<?x1x1x1x1x2x2xf32>, %y: tensor<2x2xf32>) -> tensor<?x1x1x1x1x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x1x1x1x1x2x2xf32> = %x, %iy: tensor<2x2xf32> = %y) -> tensor<?x1x1x1x1x2x2xf32> {
    // expected-error @below {{expected tensors of rank 6 or less}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x1x1x1x1x2x2xf32>, tensor<2x2xf32>) -> tensor<?x1x1x1x1x2x2xf32>
    xnn.yield %r : tensor<?x1x1x1x1x2x2xf32>
  }
  return %0 : tensor<?x1x1x1x1x2x2xf32>
}

// -----

func.func @matrix_inner(%x: tensor<?x2x3xf32>, %y: tensor<?x2x3xf32>) -> tensor<?x2x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x3xf32> = %x, %iy: tensor<?x2x3xf32> = %y) -> tensor<?x2x3xf32> {
    // expected-error @below {{expected matrices of static sizes that fit, got 'tensor<?x2x3xf32>' and 'tensor<?x2x3xf32>'}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x2x3xf32>, tensor<?x2x3xf32>) -> tensor<?x2x3xf32>
    xnn.yield %r : tensor<?x2x3xf32>
  }
  return %0 : tensor<?x2x3xf32>
}

// -----

func.func @matrix_inner_transposed(%x: tensor<?x2x3xf32>, %y: tensor<?x3x2xf32>) -> tensor<?x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x3xf32> = %x, %iy: tensor<?x3x2xf32> = %y) -> tensor<?x2x2xf32> {
    // expected-error @below {{expected matrices of static sizes that fit}}
    %r = xnn.batch_matrix_multiply %ix, %iy {transpose_b} : (tensor<?x2x3xf32>, tensor<?x3x2xf32>) -> tensor<?x2x2xf32>
    xnn.yield %r : tensor<?x2x2xf32>
  }
  return %0 : tensor<?x2x2xf32>
}

// -----

func.func @matrix_dynamic_columns(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<?x2xf32> = %y) -> tensor<?x2xf32> {
    // expected-error @below {{expected matrices of static sizes that fit}}
    %r = xnn.batch_matrix_multiply %ix, %iy {transpose_b} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @matrix_leading(%x: tensor<?x2x2x2xf32>, %y: tensor<?x3x2x2xf32>) -> tensor<?x3x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x2x2xf32> = %x, %iy: tensor<?x3x2x2xf32> = %y) -> tensor<?x3x2x2xf32> {
    // expected-error @below {{expected leading dimensions that broadcast, got 'tensor<?x2x2x2xf32>' and 'tensor<?x3x2x2xf32>'}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x2x2x2xf32>, tensor<?x3x2x2xf32>) -> tensor<?x3x2x2xf32>
    xnn.yield %r : tensor<?x3x2x2xf32>
  }
  return %0 : tensor<?x3x2x2xf32>
}

// -----

func.func @matrix_batch(%x: tensor<?x2x2xf32>, %y: tensor<4x2x2xf32>) -> tensor<?x2x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x2xf32> = %x, %iy: tensor<4x2x2xf32> = %y) -> tensor<?x2x2xf32> {
    // expected-error @below {{expected leading dimensions that broadcast}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x2x2xf32>, tensor<4x2x2xf32>) -> tensor<?x2x2xf32>
    xnn.yield %r : tensor<?x2x2xf32>
  }
  return %0 : tensor<?x2x2xf32>
}

// -----

func.func @matrix_shape(%x: tensor<?x2x3xf32>, %y: tensor<3x5xf32>) -> tensor<?x2x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x3xf32> = %x, %iy: tensor<3x5xf32> = %y) -> tensor<?x2x3xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x2x5xf32>', got 'tensor<?x2x3xf32>'}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x2x3xf32>, tensor<3x5xf32>) -> tensor<?x2x3xf32>
    xnn.yield %r : tensor<?x2x3xf32>
  }
  return %0 : tensor<?x2x3xf32>
}

// -----

func.func @matrix_empty(%x: tensor<?x0xf32>, %y: tensor<0x5xf32>) -> tensor<?x5xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x0xf32> = %x, %iy: tensor<0x5xf32> = %y) -> tensor<?x5xf32> {
    // expected-error @below {{expected tensors that are not empty}}
    %r = xnn.batch_matrix_multiply %ix, %iy : (tensor<?x0xf32>, tensor<0x5xf32>) -> tensor<?x5xf32>
    xnn.yield %r : tensor<?x5xf32>
  }
  return %0 : tensor<?x5xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @softmax_kind(%x: tensor<?x2x!qa>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{operand #0 must be}}
    %r = xnn.softmax %ix : tensor<?x2x!qa> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @softmax_result_kind(%x: tensor<?x2xf32>) -> tensor<?x2x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x2x!qa> {
    // expected-error @below {{expected a result of f32}}
    %r = xnn.softmax %ix : tensor<?x2xf32> -> tensor<?x2x!qa>
    xnn.yield %r : tensor<?x2x!qa>
  }
  return %0 : tensor<?x2x!qa>
}

// -----

func.func @softmax_scalar(%x: tensor<f32>) -> tensor<f32> {
  %0 = xnn.subgraph(%ix: tensor<f32> = %x) -> tensor<f32> {
    // expected-error @below {{expected a static last dimension, got 'tensor<f32>'}}
    %r = xnn.softmax %ix : tensor<f32> -> tensor<f32>
    xnn.yield %r : tensor<f32>
  }
  return %0 : tensor<f32>
}

// -----

func.func @softmax_batch(%x: tensor<?xf32>) -> tensor<?xf32> {
  %0 = xnn.subgraph(%ix: tensor<?xf32> = %x) -> tensor<?xf32> {
    // expected-error @below {{expected a static last dimension, got 'tensor<?xf32>'}}
    %r = xnn.softmax %ix : tensor<?xf32> -> tensor<?xf32>
    xnn.yield %r : tensor<?xf32>
  }
  return %0 : tensor<?xf32>
}

// -----

func.func @softmax_shape(%x: tensor<?x2xf32>) -> tensor<?x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x3xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x2xf32>', got 'tensor<?x3xf32>'}}
    %r = xnn.softmax %ix : tensor<?x2xf32> -> tensor<?x3xf32>
    xnn.yield %r : tensor<?x3xf32>
  }
  return %0 : tensor<?x3xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qb = !quant.uniform<i8:f32, 6.250000e-02:-127>
func.func @slice_types(%x: tensor<?x2x!qa>) -> tensor<?x1x!qb> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x) -> tensor<?x1x!qb> {
    // expected-error @below {{expected equal element types, got}}
    %r = xnn.static_slice %ix {offsets = array<i64: 0, 0>, sizes = array<i64: 0, 1>} : tensor<?x2x!qa> -> tensor<?x1x!qb>
    xnn.yield %r : tensor<?x1x!qb>
  }
  return %0 : tensor<?x1x!qb>
}

// -----

func.func @slice_scalar(%x: tensor<f32>) -> tensor<f32> {
  %0 = xnn.subgraph(%ix: tensor<f32> = %x) -> tensor<f32> {
    // expected-error @below {{expected at least one dimension, got 'tensor<f32>'}}
    %r = xnn.static_slice %ix {offsets = array<i64>, sizes = array<i64>} : tensor<f32> -> tensor<f32>
    xnn.yield %r : tensor<f32>
  }
  return %0 : tensor<f32>
}

// -----

func.func @slice_counts(%x: tensor<?x2xf32>) -> tensor<?x1xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x1xf32> {
    // expected-error @below {{expected 2 offsets and sizes, got 1 and 2}}
    %r = xnn.static_slice %ix {offsets = array<i64: 0>, sizes = array<i64: 0, 1>} : tensor<?x2xf32> -> tensor<?x1xf32>
    xnn.yield %r : tensor<?x1xf32>
  }
  return %0 : tensor<?x1xf32>
}

// -----

func.func @slice_batch(%x: tensor<?x2xf32>) -> tensor<1x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<1x2xf32> {
    // expected-error @below {{expected all of the dynamic dimension, offset 0 and size 0, got 0 and 1}}
    %r = xnn.static_slice %ix {offsets = array<i64: 0, 0>, sizes = array<i64: 1, 0>} : tensor<?x2xf32> -> tensor<1x2xf32>
    xnn.yield %r : tensor<1x2xf32>
  }
  return %0 : tensor<1x2xf32>
}

// -----

func.func @slice_offset(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected elements within dimension 1 of size 4, got offset 3 and size 2}}
    %r = xnn.static_slice %ix {offsets = array<i64: 0, 3>, sizes = array<i64: 0, 2>} : tensor<?x4xf32> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @slice_negative(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected elements within dimension 1 of size 4, got offset -1 and size 2}}
    %r = xnn.static_slice %ix {offsets = array<i64: 0, -1>, sizes = array<i64: 0, 2>} : tensor<?x4xf32> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

// XNNPACK would read behind the end.
func.func @slice_rest(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected elements within dimension 1 of size 4, got offset 2 and size 0}}
    %r = xnn.static_slice %ix {offsets = array<i64: 0, 2>, sizes = array<i64: 0, 0>} : tensor<?x4xf32> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @slice_shape(%x: tensor<?x4xf32>) -> tensor<?x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x3xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x2xf32>', got 'tensor<?x3xf32>'}}
    %r = xnn.static_slice %ix {offsets = array<i64: 0, 2>, sizes = array<i64: 0, 2>} : tensor<?x4xf32> -> tensor<?x3xf32>
    xnn.yield %r : tensor<?x3xf32>
  }
  return %0 : tensor<?x3xf32>
}

// -----

func.func @concatenate_one(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected 2 to 5 operands, got 1}}
    %r = xnn.concatenate %ix {axis = 1 : i64} : (tensor<?x2xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @concatenate_six(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>, %z: tensor<?x2xf32>, %u: tensor<?x2xf32>, %v: tensor<?x2xf32>, %w: tensor<?x2xf32>) -> tensor<?x12xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<?x2xf32> = %y, %iz: tensor<?x2xf32> = %z, %iu: tensor<?x2xf32> = %u, %iv: tensor<?x2xf32> = %v, %iw: tensor<?x2xf32> = %w) -> tensor<?x12xf32> {
    // expected-error @below {{expected 2 to 5 operands, got 6}}
    %r = xnn.concatenate %ix, %iy, %iz, %iu, %iv, %iw {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x12xf32>
    xnn.yield %r : tensor<?x12xf32>
  }
  return %0 : tensor<?x12xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qb = !quant.uniform<i8:f32, 6.250000e-02:-127>
func.func @concatenate_types(%x: tensor<?x2x!qa>, %y: tensor<?x2x!qb>) -> tensor<?x4x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x2x!qa> = %x, %iy: tensor<?x2x!qb> = %y) -> tensor<?x4x!qa> {
    // expected-error @below {{expected equal element types, got}}
    %r = xnn.concatenate %ix, %iy {axis = 1 : i64} : (tensor<?x2x!qa>, tensor<?x2x!qb>) -> tensor<?x4x!qa>
    xnn.yield %r : tensor<?x4x!qa>
  }
  return %0 : tensor<?x4x!qa>
}

// -----

func.func @concatenate_axis(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<?x2xf32> = %y) -> tensor<?x4xf32> {
    // expected-error @below {{expected an axis of static size below the rank 2, got 2}}
    %r = xnn.concatenate %ix, %iy {axis = 2 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @concatenate_negative_axis(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<?x2xf32> = %y) -> tensor<?x4xf32> {
    // expected-error @below {{expected an axis of static size below the rank 2, got -1}}
    %r = xnn.concatenate %ix, %iy {axis = -1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @concatenate_batch(%x: tensor<?x2xf32>, %y: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<?x2xf32> = %y) -> tensor<?x2xf32> {
    // expected-error @below {{expected an axis of static size below the rank 2, got 0}}
    %r = xnn.concatenate %ix, %iy {axis = 0 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @concatenate_shapes(%x: tensor<?x2x3xf32>, %y: tensor<?x2x4xf32>) -> tensor<?x4x3xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2x3xf32> = %x, %iy: tensor<?x2x4xf32> = %y) -> tensor<?x4x3xf32> {
    // expected-error @below {{expected shapes that differ along axis 1 only, got 'tensor<?x2x3xf32>' and 'tensor<?x2x4xf32>'}}
    %r = xnn.concatenate %ix, %iy {axis = 1 : i64} : (tensor<?x2x3xf32>, tensor<?x2x4xf32>) -> tensor<?x4x3xf32>
    xnn.yield %r : tensor<?x4x3xf32>
  }
  return %0 : tensor<?x4x3xf32>
}

// -----

func.func @concatenate_ranks(%x: tensor<?x2xf32>, %y: tensor<?x2x1xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<?x2x1xf32> = %y) -> tensor<?x4xf32> {
    // expected-error @below {{expected shapes that differ along axis 1 only}}
    %r = xnn.concatenate %ix, %iy {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2x1xf32>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @concatenate_dynamic(%x: tensor<2x2xf32>, %y: tensor<?x2xf32>) -> tensor<4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<2x2xf32> = %x, %iy: tensor<?x2xf32> = %y) -> tensor<4x2xf32> {
    // expected-error @below {{expected shapes that differ along axis 0 only}}
    %r = xnn.concatenate %ix, %iy {axis = 0 : i64} : (tensor<2x2xf32>, tensor<?x2xf32>) -> tensor<4x2xf32>
    xnn.yield %r : tensor<4x2xf32>
  }
  return %0 : tensor<4x2xf32>
}

// -----

func.func @concatenate_shape(%x: tensor<?x2xf32>, %y: tensor<?x3xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x2xf32> = %x, %iy: tensor<?x3xf32> = %y) -> tensor<?x4xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x5xf32>', got 'tensor<?x4xf32>'}}
    %r = xnn.concatenate %ix, %iy {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x3xf32>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}
