// RUN: npir-opt %s --npir-verify-contract --split-input-file --verify-diagnostics --allow-unregistered-dialect

// expected-error @below {{expected a function on npir ops, got none}}
module {}

// -----

// float: f32 only.
!q = !quant.uniform<i8:f32, 0.5>
module {
  // expected-error @unknown {{contract of station 'float' broken by argument 'y': expected elements of f32, i1, i32 or i64, got tensor<?x2x!quant.uniform<i8:f32, 5.000000e-01>>; established by an importer}}
  func.func @float(%x: tensor<?x2xf32>, %y: tensor<?x2x!q> loc("y")) -> tensor<?x2xf32> {
    // expected-error @unknown {{contract of station 'float' broken by layer 'q': expected a float network, got npir.quantize; established by an importer}}
    %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!q> loc("q")
    // expected-error @unknown {{layer 'd': expected a float network, got npir.dequantize; established by an importer}}
    %1 = npir.dequantize %0 : tensor<?x2x!q> -> tensor<?x2xf32> loc("d")
    // expected-error @unknown {{layer 'c': expected results of f32, i1, i32 or i64, got tensor<2x!quant.uniform<i8:f32, 5.000000e-01>>; established by an importer}}
    %2 = npir.constant dense<[1, 2]> : tensor<2xi8> as tensor<2x!q> loc("c")
    // expected-error @unknown {{layer 'x': expected no observed tensor, got npir.observe of 'x:0'; established by an importer}}
    %3 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("x")
    return %3 : tensor<?x2xf32>
  }
}

// -----

// prepared: names, no batch_norm, one transpose at a time, a hash.
module {
  // expected-error @below {{contract of station 'prepared' broken by function @prepared: expected the module's attribute 'npir.model_hash' of 32 hex digits, got none; established by --npir-prepare}}
  // expected-error @below {{broken by argument #0: expected a name, got none; established by --npir-prepare}}
  func.func @prepared(%x: tensor<?x1x2xf32>) -> tensor<?x1x2xf32> attributes {npir.station = #npir.station<prepared>} {
    // expected-error @below {{broken by an unnamed 'npir.constant': expected a name, got none; established by --npir-prepare}}
    %s = npir.constant dense<1.0> : tensor<2xf32>
    // expected-error @unknown {{broken by layer 'norm': expected batch normalization folded into weights, got npir.batch_norm; established by --npir-prepare}}
    %0 = npir.batch_norm %x, %s, %s, %s, %s {axis = 2 : i64, epsilon = 1.0 : f32}
        : (tensor<?x1x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x1x2xf32> loc("norm")
    %1 = npir.transpose %0 {perm = array<i64: 0, 2, 1>} : tensor<?x1x2xf32> -> tensor<?x2x1xf32> loc("t")
    // expected-error @unknown {{broken by layer 't': expected a name of its own, got one that another tensor has, too; established by --npir-prepare}}
    // expected-error @unknown {{broken by layer 't': expected one transpose for two in a row, got npir.transpose of the npir.transpose 't'; established by --npir-prepare}}
    %2 = npir.transpose %1 {perm = array<i64: 0, 2, 1>} : tensor<?x2x1xf32> -> tensor<?x1x2xf32> loc("t")
    return %2 : tensor<?x1x2xf32>
  }
}

// -----

module attributes {npir.model_hash = "0123456789abcdef0123456789abcdeg"} {
  // expected-error @below {{broken by function @bad_hash: expected the module's attribute 'npir.model_hash' of 32 hex digits, got '0123456789abcdef0123456789abcdeg'; established by --npir-prepare}}
  func.func @bad_hash(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
    return %x : tensor<?x2xf32>
  }
}

// -----

// observed: each tensor of a quantizable layer, once, unresolved.
module attributes {npir.model_hash = "0123456789abcdef0123456789abcdef"} {
  func.func @observed(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
    // expected-error @unknown {{contract of station 'observed' broken by layer 'a': expected operand #0 observed, got 'x:0' without npir.observe; established by --npir-insert-observers}}
    %0 = npir.tanh %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("a")
    // expected-error @unknown {{broken by layer 'a': expected no resolved type for 'a:0', got !quant.uniform<i8:f32, 5.000000e-01>; established by --npir-insert-observers}}
    %1 = npir.observe %0 {id = "a:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>,
                          resolved = !quant.uniform<i8:f32, 0.5>} : tensor<?x2xf32> loc("a")
    // expected-error @unknown {{broken by layer 'b': expected result #0 observed before it is used, got a use by func.return without npir.observe; established by --npir-insert-observers}}
    %2 = npir.tanh %1 : tensor<?x2xf32> -> tensor<?x2xf32> loc("b")
    // expected-error @unknown {{broken by layer 'b': expected an observer id of its own, got 'a:0' a second time; established by --npir-insert-observers}}
    %3 = npir.observe %2 {id = "a:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("b")
    return %2 : tensor<?x2xf32>
  }
  // What computes in float only is observed, too; a weight is no activation.
  func.func @keeps_it(%x: tensor<?x2xf32> loc("y")) -> tensor<?xf32> attributes {npir.station = #npir.station<observed>} {
    %w = npir.constant dense<1.0> : tensor<2x2xf32> loc("w")
    %0 = npir.observe %x {id = "y:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("y")
    %1 = npir.linear %0, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
    %2 = npir.observe %1 {id = "fc:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("fc")
    %3 = npir.reduce sum %2 {axes = array<i64: 1>} : tensor<?x2xf32> -> tensor<?xf32> loc("sum")
    %4 = npir.observe %3 {id = "sum:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?xf32> loc("sum")
    return %4 : tensor<?xf32>
  }
}

// -----

// calibrated: resolved, but for what stays in float.
module attributes {npir.model_hash = "0123456789abcdef0123456789abcdef"} {
  func.func @calibrated(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
    // expected-error @unknown {{contract of station 'calibrated' broken by layer 'x': expected a resolved type for 'x:0', got none; established by --npir-attach-calibration}}
    %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("x")
    %1 = npir.observe %0 {id = "z:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("x")
    return %1 : tensor<?x2xf32>
  }
}

// -----

// qdq: quantized tensors between quantize and dequantize only.
!q = !quant.uniform<i8:f32, 0.5>
module attributes {npir.model_hash = "0123456789abcdef0123456789abcdef"} {
  func.func @qdq(%x: tensor<?x2xf32>) -> tensor<?x2x!q> attributes {npir.station = #npir.station<qdq>} {
    // expected-error @unknown {{contract of station 'qdq' broken by layer 'o': expected no observed tensor, got npir.observe of 'x:0'; established by --npir-insert-qdq}}
    %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("o")
    %1 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!q> loc("q")
    // expected-error @unknown {{broken by layer 'r': expected operands in f32, through npir.dequantize, got a quantized operand; established by --npir-insert-qdq}}
    %2 = npir.reshape %1 : tensor<?x2x!q> -> tensor<?x2x1x!q> loc("r")
    // expected-error @unknown {{broken by layer 'p': expected a result in f32, quantized by npir.quantize, got a quantized result; established by --npir-insert-qdq}}
    %3 = "test.produce"() : () -> tensor<?x2x!q> loc("p")
    %4 = npir.constant dense<[1, 2]> : tensor<2xi8> as tensor<2x!q>
    %5 = npir.dequantize %4 : tensor<2x!q> -> tensor<2xf32>
    return %1 : tensor<?x2x!q>
  }
}

// -----

// Where one function has a target, all have that compute.
module attributes {npir.model_hash = "0123456789abcdef0123456789abcdef"} {
  func.func @main(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
    %0 = func.call @assigned(%x) : (tensor<?x2xf32>) -> tensor<?x2xf32>
    return %0 : tensor<?x2xf32>
  }
  func.func @assigned(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
    return %x : tensor<?x2xf32>
  }
  // expected-error @below {{contract of station 'qdq' broken by function @forgotten: expected the attribute 'npir.target', got none; established by --npir-partition}}
  func.func @forgotten(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
    return %x : tensor<?x2xf32>
  }
}

// -----

// integer: a target and numbers.
!q = !quant.uniform<i8:f32, 0.5>
module attributes {npir.model_hash = "0123456789abcdef0123456789abcdef"} {
  // expected-error @below {{contract of station 'integer' broken by function @integer: expected the attribute 'npir.target', got none; established by --npir-partition}}
  func.func @integer(%x: tensor<?x2xf32>) -> tensor<?x2x1xf32> attributes {npir.station = #npir.station<integer>} {
    // expected-error @unknown {{broken by layer 'o': expected no observed tensor, got npir.observe of 'x:0'; established by --npir-insert-qdq}}
    %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("o")
    %1 = npir.quantize %0 : tensor<?x2xf32> -> tensor<?x2x!q> loc("q")
    // expected-error @unknown {{broken by layer 'r': expected the numbers of its integer arithmetic in 'requant', got none; established by --npir-fold-qdq}}
    %2 = npir.reshape %1 : tensor<?x2x!q> -> tensor<?x2x1x!q> loc("r")
    %3 = npir.dequantize %2 : tensor<?x2x1x!q> -> tensor<?x2x1xf32> loc("d")
    return %3 : tensor<?x2x1xf32>
  }
}

// -----

// target: known dialects.
module attributes {npir.model_hash = "0123456789abcdef0123456789abcdef"} {
  func.func @target(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<target>, npir.target = "xnnpack"} {
    // expected-error @unknown {{contract of station 'target' broken by layer 't': expected an op of xnn, npir or func, got test.op; established by --convert-npir-to-xnn}}
    %0 = "test.op"(%x) : (tensor<?x2xf32>) -> tensor<?x2xf32> loc("t")
    return %0 : tensor<?x2xf32>
  }
}
