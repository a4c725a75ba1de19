// RUN: npir-opt %s --npir-prepare --npir-insert-observers --split-input-file | FileCheck %s
// RUN: npir-opt %s --npir-prepare --npir-insert-observers=config=%S/Inputs/masks.yaml --split-input-file 2>&1 | FileCheck %s --check-prefix=ASKED

// What masks out scores of attention has no scale that fits numbers, too: it stays in float, and so does the sum.

// CHECK-LABEL: @added
// CHECK-DAG: id = "scores:0", {{.*}}spec = #npir.spec<i8
// CHECK-DAG: id = "kept:0", {{.*}}spec = #npir.spec<i8
// CHECK-DAG: id = "mask:0", {{.*}}spec = #npir.spec<none>
// CHECK-DAG: id = "masked:0", {{.*}}spec = #npir.spec<none>
// CHECK-DAG: id = "probabilities:0", {{.*}}spec = #npir.spec<i8
// CHECK-DAG: id = "hidden:0", {{.*}}spec = #npir.spec<i8
// ASKED: warning: {{.*}}activations 'masked:0' stay in float, whatever the configuration asks for: they hold what masks out scores of attention, 1e4 and more in size, and no scale fits both that and numbers
// ASKED-DAG: id = "masked:0", {{.*}}spec = #npir.spec<none>
// ASKED-DAG: id = "probabilities:0", {{.*}}spec = #npir.spec<i8
func.func @added(%q: tensor<?x4x8xf32> loc("q"), %k: tensor<?x4x8xf32> loc("k"), %m: tensor<?x1x4xf32> loc("m")) -> tensor<?x4x8xf32> {
  %one = npir.constant dense<1.0> : tensor<1xf32> loc("one")
  %low = npir.constant dense<-10000.0> : tensor<1xf32> loc("low")
  %0 = npir.sub %one, %m : (tensor<1xf32>, tensor<?x1x4xf32>) -> tensor<?x1x4xf32> loc("kept")
  %1 = npir.mul %0, %low : (tensor<?x1x4xf32>, tensor<1xf32>) -> tensor<?x1x4xf32> loc("mask")
  %2 = npir.matmul %q, %k {transpose_rhs} : (tensor<?x4x8xf32>, tensor<?x4x8xf32>) -> tensor<?x4x4xf32> loc("scores")
  %3 = npir.add %2, %1 : (tensor<?x4x4xf32>, tensor<?x1x4xf32>) -> tensor<?x4x4xf32> loc("masked")
  %4 = npir.softmax %3 : tensor<?x4x4xf32> -> tensor<?x4x4xf32> loc("probabilities")
  %5 = npir.matmul %4, %k : (tensor<?x4x4xf32>, tensor<?x4x8xf32>) -> tensor<?x4x8xf32> loc("hidden")
  return %5 : tensor<?x4x8xf32>
}

// -----

// A causal mask is a constant; one of infinities, moved, selected.

// CHECK-LABEL: @constants
// CHECK-DAG: id = "causal:0", {{.*}}spec = #npir.spec<none>
// CHECK-DAG: id = "masked:0", {{.*}}spec = #npir.spec<none>
// CHECK-DAG: id = "selected:0", {{.*}}spec = #npir.spec<none>
// CHECK-DAG: id = "moved:0", {{.*}}spec = #npir.spec<none>
// CHECK-DAG: id = "x:0", {{.*}}spec = #npir.spec<i8
func.func @constants(%x: tensor<?x2x2xf32> loc("x"), %c: tensor<?x1x2xi1> loc("c")) -> (tensor<?x2x2xf32>, tensor<?x2x2xf32>) {
  %causal = npir.constant dense<[[0.0, 0xFF800000], [0.0, 0.0]]> : tensor<2x2xf32> loc("causal")
  %low = npir.constant dense<-3.0e38> : tensor<1xf32> loc("low")
  %0 = npir.add %x, %causal : (tensor<?x2x2xf32>, tensor<2x2xf32>) -> tensor<?x2x2xf32> loc("masked")
  %1 = npir.softmax %0 : tensor<?x2x2xf32> -> tensor<?x2x2xf32> loc("first")
  %2 = npir.where %c, %x, %low : (tensor<?x1x2xi1>, tensor<?x2x2xf32>, tensor<1xf32>) -> tensor<?x2x2xf32> loc("selected")
  %3 = npir.reshape %2 : tensor<?x2x2xf32> -> tensor<?x4xf32> loc("moved")
  %4 = npir.softmax %3 : tensor<?x4xf32> -> tensor<?x4xf32> loc("second")
  %5 = npir.reshape %4 : tensor<?x4xf32> -> tensor<?x2x2xf32> loc("back")
  return %1, %5 : tensor<?x2x2xf32>, tensor<?x2x2xf32>
}

// -----

// Large numbers that no softmax reads are numbers; so is what a layer or a function of one value makes of any.

// CHECK-LABEL: @numbers
// CHECK-NOT: none
func.func @numbers(%x: tensor<?x4xf32> loc("x")) -> (tensor<?x4xf32>, tensor<?x4xf32>) {
  %large = npir.constant dense<20000.0> : tensor<4xf32> loc("large")
  %0 = npir.mul %x, %large : (tensor<?x4xf32>, tensor<4xf32>) -> tensor<?x4xf32> loc("scaled")
  %1 = npir.tanh %0 : tensor<?x4xf32> -> tensor<?x4xf32> loc("bounded")
  %2 = npir.softmax %1 : tensor<?x4xf32> -> tensor<?x4xf32> loc("probabilities")
  return %0, %2 : tensor<?x4xf32>, tensor<?x4xf32>
}
