// What a reshape makes is recorded with its channels where the configuration needs it and not what it moves. To resume under one that needs
// neither would lose them, and is refused.

// RUN: rm -rf %t && mkdir -p %t/data
// RUN: %python -c "import numpy as np; np.save('%t/data/x.npy', np.random.RandomState(0).randn(6, 4, 3).astype(np.float32))"
// RUN: printf 'version: 1\nskip: [square, view]\n' > %t/neither.yaml
// RUN: printf 'version: 1\ndefault: {activation: {granularity: per_channel}}\nskip: [square]\n' > %t/view.yaml
// RUN: npir-opt %s --npir-prepare --npir-insert-observers=config=%t/neither.yaml -o %t/neither.mlirbc
// RUN: npir-opt %s --npir-prepare --npir-insert-observers=config=%t/view.yaml -o %t/view.mlirbc
// RUN: npir-opt %t/view.mlirbc --npir-calibrate="data=%t/data stats=%t/s.npirstats batch=1 samples=0:3 quiet" -o /dev/null
// RUN: cp %t/s.npirstats %t/before.npirstats
// RUN: not npir-opt %t/neither.mlirbc --npir-calibrate="data=%t/data stats=%t/s.npirstats batch=1 resume quiet" -o /dev/null 2>&1 | FileCheck %s
// RUN: cmp %t/s.npirstats %t/before.npirstats
// RUN: npir-opt %t/view.mlirbc --npir-calibrate="data=%t/data stats=%t/s.npirstats batch=1 resume quiet" -o /dev/null
// RUN: npir-opt %t/view.mlirbc --npir-attach-calibration=stats=%t/s.npirstats -o /dev/null

// CHECK: error: cannot resume from {{.*}}: tensor 'view:0' has 6 channels, expected 0; calibrate as then, or without resume
func.func @main(%x: tensor<?x4x3xf32> {npir.name = "x"} loc("x")) -> (tensor<?x2x6xf32> {npir.name = "y"})
    attributes {npir.station = #npir.station<float>} {
  %0 = npir.mul %x, %x : (tensor<?x4x3xf32>, tensor<?x4x3xf32>) -> tensor<?x4x3xf32> loc("square")
  %1 = npir.reshape %0 : tensor<?x4x3xf32> -> tensor<?x2x6xf32> loc("view")
  %2 = npir.gelu %1 : tensor<?x2x6xf32> -> tensor<?x2x6xf32> loc("gelu")
  return %2 : tensor<?x2x6xf32>
}
