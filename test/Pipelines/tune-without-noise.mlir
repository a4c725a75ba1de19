// An output that quantizing does not change, here zeros, or that is no number, here some logarithms of negative ones, tells nothing about ranges, and
// a remark says so.

// RUN: rm -rf %t && mkdir -p %t/data %t/mixed
// RUN: %python -c "import numpy as np; x = -1 - np.random.RandomState(0).rand(8, 4).astype(np.float32); np.save('%t/data/x.npy', x); x[:, 0] *= -1; np.save('%t/mixed/x.npy', x)"
// RUN: npir-opt %s --npir-prepare --npir-insert-observers=config=preset:auto --npir-calibrate="data=%t/data attach" -o /dev/null 2>&1 | FileCheck --check-prefix=ZERO %s
// RUN: sed 's/npir.relu/npir.log/' %s | npir-opt - --npir-prepare --npir-insert-observers=config=preset:auto --npir-calibrate="data=%t/mixed attach" -o /dev/null 2>&1 | FileCheck --check-prefix=NAN %s

// ZERO: remark: observer 'auto' counts what a range cuts off 4 times {{.*}}, as it does by default: quantizing changes no output of real numbers, so the output does not tell how good ranges are
// NAN: remark: observer 'auto' counts what a range cuts off 4 times {{.*}}, as it does by default: outputs are not finite, so the output does not tell how good ranges are
func.func @main(%x: tensor<?x4xf32> {npir.name = "x"} loc("x")) -> (tensor<?x4xf32> {npir.name = "y"})
    attributes {npir.station = #npir.station<float>} {
  %0 = npir.relu %x : tensor<?x4xf32> -> tensor<?x4xf32> loc("act")
  return %0 : tensor<?x4xf32>
}
