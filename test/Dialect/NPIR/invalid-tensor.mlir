// RUN: npir-opt --split-input-file --verify-diagnostics %s

// Slices.

func.func @slice_rank(%x: tensor<?x4xf32>) {
  // expected-error @below {{expected 2 offsets and sizes, got 1 and 2}}
  // expected-error @below {{'npir.slice' op failed to infer returned types}}
  npir.slice %x {offsets = array<i64: 0>, sizes = array<i64: -1, 2>} : tensor<?x4xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @slice_dynamic(%x: tensor<?x4xf32>) {
  // expected-error @below {{expected all of the dynamic dimension, offset 0 and size -1, got 0 and 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.slice %x {offsets = array<i64: 0, 0>, sizes = array<i64: 2, 2>} : tensor<?x4xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @slice_outside(%x: tensor<?x4xf32>) {
  // expected-error @below {{expected elements within dimension 1 of size 4, got offset 3 and size 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.slice %x {offsets = array<i64: 0, 3>, sizes = array<i64: -1, 2>} : tensor<?x4xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @slice_negative(%x: tensor<?x4xf32>) {
  // expected-error @below {{expected elements within dimension 1 of size 4, got offset -1 and size 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.slice %x {offsets = array<i64: 0, -1>, sizes = array<i64: -1, 2>} : tensor<?x4xf32> -> tensor<?x2xf32>
  return
}

// -----

func.func @slice_empty(%x: tensor<?x4xf32>) {
  // expected-error @below {{expected elements within dimension 1 of size 4, got offset 4 and size -1}}
  // expected-error @below {{failed to infer returned types}}
  npir.slice %x {offsets = array<i64: 0, 4>, sizes = array<i64: -1, -1>} : tensor<?x4xf32> -> tensor<?x1xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
!r = !quant.uniform<i8:f32, 2.500000e-01>
func.func @slice_types(%x: tensor<?x2x!q>) {
  // expected-error @below {{expected equal element types, got}}
  npir.slice %x {offsets = array<i64: 0, 0>, sizes = array<i64: -1, 1>} : tensor<?x2x!q> -> tensor<?x1x!r>
  return
}

// -----

// Concatenations.

func.func @concat_nothing() {
  // expected-error @below {{expected at least one operand}}
  // expected-error @below {{'npir.concat' op failed to infer returned types}}
  "npir.concat"() {axis = 1 : i64} : () -> tensor<?x2xf32>
  return
}

// -----

func.func @concat_axis(%x: tensor<?x4xf32>) {
  // expected-error @below {{expected an axis of static size below the rank 2, got 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.concat %x, %x {axis = 2 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x8xf32>
  return
}

// -----

func.func @concat_batch(%x: tensor<?x4xf32>) {
  // expected-error @below {{expected an axis of static size below the rank 2, got 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.concat %x, %x {axis = 0 : i64} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
  return
}

// -----

func.func @concat_shapes(%x: tensor<?x4x2xf32>, %y: tensor<?x4x3xf32>) {
  // expected-error @below {{expected shapes that differ along axis 1 only, got 'tensor<?x4x2xf32>' and 'tensor<?x4x3xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.concat %x, %y {axis = 1 : i64} : (tensor<?x4x2xf32>, tensor<?x4x3xf32>) -> tensor<?x8x2xf32>
  return
}

// -----

func.func @concat_ranks(%x: tensor<4x2xf32>, %y: tensor<4xf32>) {
  // expected-error @below {{expected shapes that differ along axis 1 only, got 'tensor<4x2xf32>' and 'tensor<4xf32>'}}
  // expected-error @below {{failed to infer returned types}}
  npir.concat %x, %y {axis = 1 : i64} : (tensor<4x2xf32>, tensor<4xf32>) -> tensor<4x3xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
!r = !quant.uniform<i8:f32, 2.500000e-01>
func.func @concat_types(%x: tensor<?x2x!q>, %y: tensor<?x2x!r>) {
  // expected-error @below {{expected equal element types, got}}
  npir.concat %x, %y {axis = 1 : i64} : (tensor<?x2x!q>, tensor<?x2x!r>) -> tensor<?x4x!q>
  return
}

// -----

// Broadcasts.

func.func @broadcast_sizes(%x: tensor<2x3xf32>) {
  // expected-error @below {{expected an operand that broadcasts to 'tensor<4x3xf32>', got 'tensor<2x3xf32>'}}
  npir.broadcast %x : (tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @broadcast_rank(%x: tensor<1x1x3xf32>) {
  // expected-error @below {{expected an operand that broadcasts to 'tensor<1x3xf32>', got 'tensor<1x1x3xf32>'}}
  npir.broadcast %x : (tensor<1x1x3xf32>) -> tensor<1x3xf32>
  return
}

// -----

func.func @broadcast_inner_dynamic(%x: tensor<1x3xf32>) {
  // expected-error @below {{expected only the first dimension dynamic, got 'tensor<2x?x3xf32>'}}
  npir.broadcast %x : (tensor<1x3xf32>) -> tensor<2x?x3xf32>
  return
}

// -----

func.func @broadcast_without_batch(%x: tensor<1x3xf32>) {
  // expected-error @below {{expected batch_like for a dynamic result, and for no other, got 'tensor<?x3xf32>'}}
  npir.broadcast %x : (tensor<1x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @broadcast_static_batch(%x: tensor<1x3xf32>, %y: tensor<?x3xf32>) {
  // expected-error @below {{expected batch_like for a dynamic result, and for no other, got 'tensor<2x3xf32>'}}
  npir.broadcast %x like %y : (tensor<1x3xf32>, tensor<?x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @broadcast_like_static(%x: tensor<1x3xf32>, %y: tensor<2x3xf32>) {
  // expected-error @below {{expected batch_like with a dynamic first dimension, got 'tensor<2x3xf32>'}}
  npir.broadcast %x like %y : (tensor<1x3xf32>, tensor<2x3xf32>) -> tensor<?x3xf32>
  return
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
!r = !quant.uniform<i8:f32, 2.500000e-01>
func.func @broadcast_types(%x: tensor<1x2x!q>, %y: tensor<?xf32>) {
  // expected-error @below {{expected equal element types, got}}
  npir.broadcast %x like %y : (tensor<1x2x!q>, tensor<?xf32>) -> tensor<?x2x!r>
  return
}
