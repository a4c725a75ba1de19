// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --verify-diagnostics --allow-unregistered-dialect

// One error lists everything; what follows from the first reason is left out.
// expected-error @below {{cannot convert @all to npir: 5 problems}}
func.func @all(%x: tensor<1x4x4xf32>, %i: tensor<4xi32>) -> (tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<4xi32>) {
  // expected-note @below {{'tosa.rfft2d' in layer 'rfft2d_0': npir has no Fourier transform}}
  %0, %1 = tosa.rfft2d %x : (tensor<1x4x4xf32>) -> (tensor<1x4x3xf32>, tensor<1x4x3xf32>)
  %2 = tosa.exp %0 : (tensor<1x4x3xf32>) -> tensor<1x4x3xf32>
  // expected-note @below {{'tosa.custom' in layer 'custom_0': what a custom op computes is not known; write it in other ops}}
  %3 = tosa.custom %x {domain_name = "d", implementation_attrs = "", operator_name = "mine"} : (tensor<1x4x4xf32>) -> tensor<1x4x4xf32>
  // The type of that is known, so its users are checked.
  %4 = tosa.exp %3 : (tensor<1x4x4xf32>) -> tensor<1x4x4xf32>
  // expected-note @below {{'tosa.add' in layer 'add_0': expected floats, got tensor<4xi32>: npir has no arithmetic on integers; cast to f32 before}}
  %5 = tosa.add %i, %i : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  // expected-note @below {{'tosa.bitwise_and' in layer 'bitwise_and_0': npir has no arithmetic on integers}}
  %6 = tosa.bitwise_and %5, %i : (tensor<4xi32>, tensor<4xi32>) -> tensor<4xi32>
  // expected-note @below {{'test.op' in layer 'op_0': it is no op of TOSA}}
  %7 = "test.op"(%4) : (tensor<1x4x4xf32>) -> tensor<1x4x4xf32>
  return %2, %7, %6 : tensor<1x4x3xf32>, tensor<1x4x4xf32>, tensor<4xi32>
}

// -----

// expected-error @below {{cannot convert @conv3d to npir: 1 problem}}
func.func @conv3d(%x: tensor<1x2x2x2x1xf32>, %w: tensor<1x1x1x1x1xf32>, %b: tensor<1xf32>) -> tensor<1x2x2x2x1xf32> {
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-note @below {{npir has convolutions over two dimensions only}}
  %0 = tosa.conv3d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1, 1>, pad = array<i64: 0, 0, 0, 0, 0, 0>, stride = array<i64: 1, 1, 1>} : (tensor<1x2x2x2x1xf32>, tensor<1x1x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<1x2x2x2x1xf32>
  return %0 : tensor<1x2x2x2x1xf32>
}

// -----

// expected-error @below {{cannot convert @scatter to npir: 1 problem}}
func.func @scatter(%x: tensor<1x4x2xf32>, %i: tensor<1x2xi32>, %y: tensor<1x2x2xf32>) -> tensor<1x4x2xf32> {
  // expected-note @below {{'tosa.scatter' in layer 'scatter_0': npir has no such op}}
  %0 = tosa.scatter %x, %i, %y : (tensor<1x4x2xf32>, tensor<1x2xi32>, tensor<1x2x2xf32>) -> tensor<1x4x2xf32>
  return %0 : tensor<1x4x2xf32>
}

// -----

// expected-error @below {{cannot convert @branch to npir: 1 problem}}
func.func @branch(%c: tensor<i1>, %x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-note @below {{npir has no control flow}}
  %0 = tosa.cond_if %c (%a = %x) : tensor<i1> (tensor<4xf32>) -> tensor<4xf32> {
  ^bb0(%a: tensor<4xf32>):
    tosa.yield %a : tensor<4xf32>
  } else {
  ^bb0(%a: tensor<4xf32>):
    tosa.yield %a : tensor<4xf32>
  }
  return %0 : tensor<4xf32>
}

// -----

tosa.variable @state = dense<0.0> : tensor<4xf32>
// expected-error @below {{cannot convert @variables to npir: 2 problems}}
func.func @variables(%x: tensor<4xf32>) -> tensor<4xf32> {
  // expected-note @below {{'tosa.variable_write' in layer 'variable_write_0': npir's networks have no variables}}
  tosa.variable_write @state, %x : tensor<4xf32>
  // expected-note @below {{'tosa.variable_read' in layer 'variable_read_0': npir's networks have no variables}}
  %0 = tosa.variable_read @state : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// expected-error @below {{expected function @blocks without control flow, got 2 blocks}}
func.func @blocks(%x: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tosa.exp %x : (tensor<4xf32>) -> tensor<4xf32>
  "test.branch"()[^bb1] : () -> ()
^bb1:
  return %0 : tensor<4xf32>
}

// -----

// expected-error @below {{cannot convert @arguments to npir: 2 problems}}
// expected-note @below {{argument 0: expected a ranked tensor, got tensor<*xf32>; run --tosa-infer-shapes before}}
// expected-note @below {{argument 1: expected only the batch dynamic, the first dimension, got tensor<?x?xf32>; run --tosa-infer-shapes before}}
func.func @arguments(%x: tensor<*xf32>, %y: tensor<?x?xf32>) -> (tensor<*xf32>, tensor<?x?xf32>) {
  %0 = tosa.exp %x : (tensor<*xf32>) -> tensor<*xf32>
  %1 = tosa.exp %y : (tensor<?x?xf32>) -> tensor<?x?xf32>
  return %0, %1 : tensor<*xf32>, tensor<?x?xf32>
}

// -----

// expected-error @below {{cannot convert @empty to npir: 1 problem}}
// expected-note @below {{argument 0: expected sizes of at least 1 and below 2^31, got tensor<0xf32>}}
func.func @empty(%x: tensor<0xf32>, %y: tensor<4xf32>) -> tensor<4xf32> {
  %0 = tosa.exp %y : (tensor<4xf32>) -> tensor<4xf32>
  return %0 : tensor<4xf32>
}

// -----

// expected-error @below {{cannot convert @elements to npir: 1 problem}}
// expected-note @below {{argument 0: expected elements of f32, f16, bf16, f64, i1, i32 or i64, got tensor<4xf8E4M3FN>}}
func.func @elements(%x: tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN> {
  %0 = tosa.identity %x : (tensor<4xf8E4M3FN>) -> tensor<4xf8E4M3FN>
  return %0 : tensor<4xf8E4M3FN>
}

// -----

// expected-error @below {{cannot convert @results to npir: 1 problem}}
func.func @results(%x: tensor<?x4xf32>) -> tensor<?x?xf32> {
  // expected-note @below {{expected only the batch dynamic, the first dimension, got tensor<?x?xf32>; run --tosa-infer-shapes before}}
  %0 = tosa.exp %x : (tensor<?x4xf32>) -> tensor<?x?xf32>
  return %0 : tensor<?x?xf32>
}

// -----

// The batch is lost on the way.
// expected-error @below {{cannot convert @batch to npir: 1 problem}}
func.func @batch(%x: tensor<?x4xf32>) -> tensor<2x4xf32> {
  // expected-note @below {{expected a result of tensor<2x4xf32>, got tensor<?x4xf32>}}
  %0 = tosa.exp %x : (tensor<?x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// -----

// expected-error @below {{cannot convert @operands to npir: 4 problems}}
func.func @operands(%x: tensor<?x4x4x1xf32>, %w: tensor<2x1x1x1xf32>, %b: tensor<2xf32>, %zp: tensor<1xf32>) -> (tensor<?x4x4x2xf32>, tensor<?x4x4x2xf32>, tensor<?x4x4x2xf32>, tensor<?x4x4x1xf32>) {
  %weight = "tosa.const"() {values = dense<1.0> : tensor<2x1x1x1xf32>} : () -> tensor<2x1x1x1xf32>
  %zero = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-note @below {{'tosa.conv2d' in layer 'conv2d_0': expected an input zero point that is a constant 0}}
  %0 = tosa.conv2d %x, %weight, %zero, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<?x4x4x1xf32>, tensor<2x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x4x2xf32>
  // expected-note @below {{expected weights that are a constant}}
  %1 = tosa.conv2d %x, %w, %zero, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<?x4x4x1xf32>, tensor<2x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x4x2xf32>
  // expected-note @below {{expected a bias that is a constant}}
  %2 = tosa.conv2d %x, %weight, %b, %zero, %zero {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 0, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<?x4x4x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x4x4x2xf32>
  %padding = tosa.const_shape {values = dense<[0, 0, 0, 0, 0, 0, 0, 0]> : tensor<8xindex>} : () -> !tosa.shape<8>
  // expected-note @below {{expected a value of the padding that is a constant}}
  %3 = tosa.pad %x, %padding, %zp : (tensor<?x4x4x1xf32>, !tosa.shape<8>, tensor<1xf32>) -> tensor<?x4x4x1xf32>
  return %0, %1, %2, %3 : tensor<?x4x4x2xf32>, tensor<?x4x4x2xf32>, tensor<?x4x4x2xf32>, tensor<?x4x4x1xf32>
}

// -----

// expected-error @below {{cannot convert @transposed to npir: 1 problem}}
func.func @transposed(%x: tensor<?x4x4x1xf32>) -> tensor<?x7x6x2xf32> {
  %w = "tosa.const"() {values = dense<1.0> : tensor<2x3x3x1xf32>} : () -> tensor<2x3x3x1xf32>
  %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
  // expected-note @below {{expected nothing added at the top and the left, got out_pad 1 and 0}}
  %0 = tosa.transpose_conv2d %x, %w, %zp, %zp, %zp {acc_type = f32, out_pad = array<i64: 1, 0, 0, 0>, stride = array<i64: 1, 1>} : (tensor<?x4x4x1xf32>, tensor<2x3x3x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x7x6x2xf32>
  return %0 : tensor<?x7x6x2xf32>
}

// -----

// expected-error @below {{cannot convert @leading to npir: 2 problems}}
func.func @leading(%x: tensor<1x?x4xf32>, %y: tensor<?x4xf32>) -> (tensor<?x1x4xf32>, tensor<1x4xf32>) {
  // expected-note @below {{expected the dynamic dimension in front, got tensor<1x?x4xf32>}}
  %0 = tosa.transpose %x {perms = array<i32: 1, 0, 2>} : (tensor<1x?x4xf32>) -> tensor<?x1x4xf32>
  // expected-note @below {{expected an axis other than the batch, which is dynamic}}
  %1 = tosa.reduce_sum %y {axis = 0 : i32} : (tensor<?x4xf32>) -> tensor<1x4xf32>
  return %0, %1 : tensor<?x1x4xf32>, tensor<1x4xf32>
}

// -----

// expected-error @below {{cannot convert @dynamic to npir: 3 problems}}
func.func @dynamic(%x: tensor<?x4xf32>, %v: tensor<?x3x2xf32>, %i: tensor<?x4xi32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4x2xf32>) {
  // expected-note @below {{expected an axis other than the dynamic one}}
  %0 = tosa.reverse %x {axis = 0 : i32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  %twice = tosa.const_shape {values = dense<[2, 1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  // expected-note @below {{expected the batch taken once, got 2 times}}
  %1 = tosa.tile %x, %twice : (tensor<?x4xf32>, !tosa.shape<2>) -> tensor<?x4xf32>
  // expected-note @below {{expected values of a known number of batches}}
  %2 = tosa.gather %v, %i : (tensor<?x3x2xf32>, tensor<?x4xi32>) -> tensor<?x4x2xf32>
  return %0, %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4x2xf32>
}

// -----

// expected-error @below {{cannot convert @resize to npir: 1 problem}}
func.func @resize(%x: tensor<?x4x4x1xf32>) -> tensor<?x2x4x1xf32> {
  %scale = tosa.const_shape {values = dense<[4, 8, 1, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %offset = tosa.const_shape {values = dense<[1, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %border = tosa.const_shape {values = dense<[-3, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  // expected-note @below {{npir interpolates at half_pixel, asymmetric or align_corners coordinates, got scale [4, 8, 1, 1] and offset [1, 0]}}
  %0 = tosa.resize %x, %scale, %offset, %border {mode = BILINEAR} : (tensor<?x4x4x1xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x2x4x1xf32>
  return %0 : tensor<?x2x4x1xf32>
}

// -----

// What npir's own verifier says is a reason, too.
// expected-error @below {{cannot convert @verifier to npir: 1 problem}}
func.func @verifier(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  // expected-note @below {{'tosa.clamp' in layer 'clamp_0': 'npir.clamp' op expected min < max, got 1.000000e+00 and 1.000000e+00}}
  %0 = tosa.clamp %x {min_val = 1.0 : f32, max_val = 1.0 : f32} : (tensor<?x4xf32>) -> tensor<?x4xf32>
  return %0 : tensor<?x4xf32>
}

// -----

// expected-error @below {{cannot convert @constants to npir: 3 problems}}
func.func @constants(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>) {
  // expected-note @below {{'tosa.const' in layer 'add_0.constant': expected a dense or dense_resource value}}
  %c = "tosa.const"() {values = sparse<[[0, 0]], [1.0]> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  %0 = tosa.add %x, %c : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  %d = "tosa.const"() {values = dense_resource<missing> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  // expected-note @below {{'tosa.add' in layer 'add_1': expected 16 bytes in resource 'missing', got 0}}
  %1 = tosa.add %x, %d : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  %e = "tosa.const"() {values = dense_resource<short> : tensor<1x4xf32>} : () -> tensor<1x4xf32>
  // expected-note @below {{'tosa.add' in layer 'add_2': expected 16 bytes in resource 'short', got 4}}
  %2 = tosa.add %x, %e : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<?x4xf32>
  return %0, %1, %2 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x4xf32>
}

{-#
  dialect_resources: { builtin: { short: "0x100000000000803F" } }
#-}

// -----

// expected-error @below {{cannot convert @multiples to npir: 1 problem}}
func.func @multiples(%x: tensor<?x4xf32>) -> tensor<?x8xf32> {
  %any = tosa.const_shape {values = dense<[1, -1]> : tensor<2xindex>} : () -> !tosa.shape<2>
  // expected-note @below {{expected multiples of at least 1, got -1}}
  %0 = tosa.tile %x, %any : (tensor<?x4xf32>, !tosa.shape<2>) -> tensor<?x8xf32>
  return %0 : tensor<?x8xf32>
}

// -----

// expected-error @below {{cannot convert @shapes to npir: 3 problems}}
func.func @shapes(%x: tensor<?x4xf32>) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  // expected-note @below {{'tosa.dim' in layer 'dim_0': shapes have to be constants; fold the arithmetic on them before}}
  %d = tosa.dim %x {axis = 0 : i32} : (tensor<?x4xf32>) -> !tosa.shape<1>
  %c = tosa.const_shape {values = dense<4> : tensor<1xindex>} : () -> !tosa.shape<1>
  // expected-note @below {{'tosa.concat_shape' in layer 'concat_shape_0': shapes have to be constants}}
  %size = tosa.concat_shape %d, %c : (!tosa.shape<1>, !tosa.shape<1>) -> !tosa.shape<2>
  %start = tosa.const_shape {values = dense<0> : tensor<2xindex>} : () -> !tosa.shape<2>
  // expected-note @below {{'tosa.slice' in layer 'slice_0': expected a size that is a tosa.const_shape}}
  %0 = tosa.slice %x, %start, %size : (tensor<?x4xf32>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x4xf32>
  return %0, %0 : tensor<?x4xf32>, tensor<?x4xf32>
}
