// RUN: npir-opt %s --split-input-file --verify-diagnostics

func.func @block_arguments(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{expected block arguments of the operands' types}}
  %0 = "xnn.subgraph"(%x) ({
  ^bb0(%a: tensor<?x3xf32>):
    %c = npir.constant dense<1.0> : tensor<2xf32>
    xnn.yield %a : tensor<?x3xf32>
  }) : (tensor<?x2xf32>) -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @foreign_op(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected only xnn ops and constants in an xnn.subgraph}}
    %1 = npir.relu %a : tensor<?x2xf32> -> tensor<?x2xf32>
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @nested(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected no xnn.subgraph in another}}
    %1 = xnn.subgraph(%b: tensor<?x2xf32> = %a) -> tensor<?x2xf32> {
      %2 = xnn.copy %b : tensor<?x2xf32> -> tensor<?x2xf32>
      xnn.yield %2 : tensor<?x2xf32>
    }
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @no_op() {
  // expected-error @below {{expected at least one xnn op}}
  xnn.subgraph() -> () {
    xnn.yield
  }
  return
}

// -----

func.func @no_yield(%x: tensor<?x2xf32>) {
  // expected-error @below {{expected an xnn.yield at the end}}
  xnn.subgraph(%a: tensor<?x2xf32> = %x) -> () {
    %1 = xnn.copy %a : tensor<?x2xf32> -> tensor<?x2xf32>
  }
  return
}

// -----

func.func @yield_types(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{expected xnn.yield of the results' types}}
  %0 = xnn.subgraph(%a: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    %1 = xnn.copy %a : tensor<?x2xf32> -> tensor<?x2xf32>
    xnn.yield
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @yield_argument(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{expected xnn.yield only of results of xnn ops}}
  %0 = xnn.subgraph(%a: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    %1 = xnn.copy %a : tensor<?x2xf32> -> tensor<?x2xf32>
    xnn.yield %a : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

func.func @yield_twice(%x: tensor<?x2xf32>) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
  // expected-error @below {{expected every value at most once in xnn.yield}}
  %0:2 = xnn.subgraph(%a: tensor<?x2xf32> = %x) -> (tensor<?x2xf32>, tensor<?x2xf32>) {
    %1 = xnn.copy %a : tensor<?x2xf32> -> tensor<?x2xf32>
    xnn.yield %1, %1 : tensor<?x2xf32>, tensor<?x2xf32>
  }
  return %0#0, %0#1 : tensor<?x2xf32>, tensor<?x2xf32>
}

// -----

func.func @outside(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @below {{expects parent op 'xnn.subgraph'}}
  %0 = xnn.copy %x : tensor<?x2xf32> -> tensor<?x2xf32>
  return %0 : tensor<?x2xf32>
}

// -----

func.func @unknown_operator(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x2xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected one of [clamp, convert, abs, negate, square, elu, exp, gelu, hardswish, log, sigmoid, square_root, rsqrt, tanh, floor, ceiling]}}
    %1 = xnn.unary sine %a : tensor<?x2xf32> -> tensor<?x2xf32>
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}
