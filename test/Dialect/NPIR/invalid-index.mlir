// RUN: npir-opt --split-input-file --verify-diagnostics %s

// Indices, truth values, and what they select.

func.func @gather_axis(%x: tensor<4x8xf32>, %i: tensor<?xi64>) {
  // expected-error @below {{expected an axis of static size below the rank 2, got 2}}
  // expected-error @below {{failed to infer returned types}}
  npir.gather %x, %i {axis = 2 : i64} : (tensor<4x8xf32>, tensor<?xi64>) -> tensor<4x?xf32>
  return
}

// -----

func.func @gather_dynamic(%x: tensor<4x8xf32>, %i: tensor<?xi64>) {
  // expected-error @below {{expected only the first dimension of the result dynamic}}
  // expected-error @below {{failed to infer returned types}}
  npir.gather %x, %i {axis = 1 : i64} : (tensor<4x8xf32>, tensor<?xi64>) -> tensor<4x?xf32>
  return
}

// -----

func.func @gather_empty(%x: tensor<0x8xf32>, %i: tensor<?xi64>) {
  // expected-error @below {{expected elements along axis 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.gather %x, %i {axis = 0 : i64} : (tensor<0x8xf32>, tensor<?xi64>) -> tensor<?x8xf32>
  return
}

// -----

func.func @gather_element(%x: tensor<4x8xi32>, %i: tensor<?xi64>) {
  // expected-error @below {{expected equal element types, got 'i32' and 'f32'}}
  npir.gather %x, %i {axis = 0 : i64} : (tensor<4x8xi32>, tensor<?xi64>) -> tensor<?x8xf32>
  return
}

// -----

func.func @where_shapes(%c: tensor<?x3xi1>, %x: tensor<?x2xf32>) {
  // expected-error @below {{expected shapes that broadcast}}
  // expected-error @below {{failed to infer returned types}}
  npir.where %c, %x, %x : (tensor<?x3xi1>, tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x3xf32>
  return
}

// -----

func.func @where_types(%c: tensor<?x2xi1>, %x: tensor<?x2xi32>, %y: tensor<?x2xi64>) {
  // expected-error @below {{expected equal element types}}
  npir.where %c, %x, %y : (tensor<?x2xi1>, tensor<?x2xi32>, tensor<?x2xi64>) -> tensor<?x2xi32>
  return
}

// -----

func.func @compare_types(%x: tensor<?x2xi32>, %y: tensor<?x2xi64>) {
  // expected-error @below {{expected operands of one element type}}
  npir.compare eq %x, %y : (tensor<?x2xi32>, tensor<?x2xi64>) -> tensor<?x2xi1>
  return
}

// -----

func.func @compare_kind(%x: tensor<?x2xi32>) {
  // expected-error @below {{unknown relation 'less'}}
  npir.compare less %x, %x : (tensor<?x2xi32>, tensor<?x2xi32>) -> tensor<?x2xi1>
  return
}

// -----

func.func @logical_kind(%x: tensor<?x2xi1>) {
  // expected-error @below {{unknown logical function 'nand'}}
  npir.logical nand %x, %x : (tensor<?x2xi1>, tensor<?x2xi1>) -> tensor<?x2xi1>
  return
}

// -----

func.func @argmax_axis(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected an axis of static size below the rank 2, got 0}}
  // expected-error @below {{failed to infer returned types}}
  npir.argmax %x {axis = 0 : i64} : tensor<?x2xf32> -> tensor<2xi64>
  return
}

// -----

func.func @argmax_empty(%x: tensor<?x0xf32>) {
  // expected-error @below {{expected elements along axis 1}}
  // expected-error @below {{failed to infer returned types}}
  npir.argmax %x {axis = 1 : i64} : tensor<?x0xf32> -> tensor<?xi64>
  return
}

// -----

func.func @cast_shape(%x: tensor<?x2xf32>) {
  // expected-error @below {{requires the same shape for all operands and results}}
  npir.cast %x : tensor<?x2xf32> -> tensor<?x3xi64>
  return
}

// -----

func.func @concat_types(%x: tensor<?x2xi32>, %y: tensor<?x2xi64>) {
  // expected-error @below {{expected equal element types}}
  npir.concat %x, %y {axis = 1 : i64} : (tensor<?x2xi32>, tensor<?x2xi64>) -> tensor<?x4xi32>
  return
}
