// RUN: split-file %s %t
// RUN: npir-opt %t/net.mlir --npir-insert-observers=config=%t/between.yaml --mlir-print-debuginfo=false | FileCheck %s
// RUN: npir-opt %t/net.mlir --npir-insert-observers=config=%t/skip.yaml --mlir-print-debuginfo=false | FileCheck %s --check-prefix=SKIP
// RUN: not npir-opt %t/net.mlir --npir-insert-observers=config=%t/backwards.yaml 2>&1 | FileCheck %s --check-prefix=BACKWARDS
// RUN: not npir-opt %t/net.mlir --npir-insert-observers=config=%t/unknown.yaml 2>&1 | FileCheck %s --check-prefix=UNKNOWN

// From `a` two ways lead to `sum`; `side` leads elsewhere, `b` comes from elsewhere.
//--- net.mlir
func.func @net(%x: tensor<?x2xf32> loc("x"), %y: tensor<?x2xf32> loc("y")) -> (tensor<?x2xf32>, tensor<?x2xf32>)
    attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("w")
  %v = npir.constant dense<[[1.0, 2.0], [3.0, 5.0]]> : tensor<2x2xf32> loc("v")
  %c = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("c")
  %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("a")
  %1 = npir.linear %y, %v : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("b")
  %2 = npir.tanh %0 : tensor<?x2xf32> -> tensor<?x2xf32> loc("left")
  %3 = npir.add %0, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("right")
  %4 = npir.add %2, %3 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("both")
  %5 = npir.add %4, %1 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sum")
  %6 = npir.tanh %5 : tensor<?x2xf32> -> tensor<?x2xf32> loc("last")
  %7 = npir.tanh %2 : tensor<?x2xf32> -> tensor<?x2xf32> loc("side")
  return %6, %7 : tensor<?x2xf32>, tensor<?x2xf32>
}

//--- between.yaml
version: 1
rules:
  - match: {between: {from: a, to: sum}}
    activation: {bits: 16}
    weight: {bits: 4}
  - match: {between: {from: left, to: both}}
    activation: {bits: 6}

# CHECK-DAG: {id = "x:0", role = {{.*}}<i8
# CHECK-DAG: {id = "y:0", role = {{.*}}<i8
# CHECK-DAG: {id = "w:0", requested, role = {{.*}}<i4
# CHECK-DAG: {id = "v:0", role = {{.*}}<i8
# CHECK-DAG: {id = "c:0", role = {{.*}}<i8
# CHECK-DAG: {id = "a:0", requested, role = {{.*}}<i16
# CHECK-DAG: {id = "b:0", role = {{.*}}<i8
# CHECK-DAG: {id = "left:0", requested, role = {{.*}}<i6
# CHECK-DAG: {id = "right:0", requested, role = {{.*}}<i16
# CHECK-DAG: {id = "both:0", requested, role = {{.*}}<i6
# CHECK-DAG: {id = "sum:0", requested, role = {{.*}}<i16
# CHECK-DAG: {id = "last:0", role = {{.*}}<i8
# CHECK-DAG: {id = "side:0", role = {{.*}}<i8

# Next: from an input; a layer may be both ends.
//--- skip.yaml
version: 1
skip:
  - between: {from: y, to: sum}
  - between: {from: side, to: side}

# SKIP-DAG: {id = "x:0", role = {{.*}}<i8
# SKIP-DAG: {id = "y:0", role = {{.*}}spec<none>
# SKIP-DAG: {id = "v:0", role = {{.*}}spec<none>
# SKIP-DAG: {id = "w:0", role = {{.*}}<i8
# SKIP-DAG: {id = "b:0", role = {{.*}}spec<none>
# SKIP-DAG: {id = "both:0", role = {{.*}}<i8
# SKIP-DAG: {id = "sum:0", role = {{.*}}spec<none>
# SKIP-DAG: {id = "side:0", role = {{.*}}spec<none>

//--- backwards.yaml
version: 1
rules:
  - match: {between: {from: sum, to: [left, right]}}
    activation: none

# BACKWARDS: backwards.yaml:3:5: error: rule matched nothing: no path leads from 'sum' to 'left' or 'right'

//--- unknown.yaml
version: 1
skip:
  - between: {from: a, to: summ}

# UNKNOWN: unknown.yaml:3:5: error: skip entry matched nothing: no layer matches 'summ', did you mean 'sum'?
