// RUN: split-file %s %t
// RUN: not npir-opt %t/net.mlir --npir-insert-observers="config=%t/bits.yaml" 2>&1 | FileCheck %s --check-prefix=BITS
// RUN: not npir-opt %t/net.mlir --npir-insert-observers="config=%t/scheme.yaml" 2>&1 | FileCheck %s --check-prefix=SCHEME
// RUN: not npir-opt %t/net.mlir --npir-insert-observers="config=%t/affine.yaml" 2>&1 | FileCheck %s --check-prefix=AFFINE
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=%t/groups.yaml" 2>&1 | FileCheck %s --check-prefix=GROUPS
// RUN: not npir-opt %t/net.mlir --npir-insert-observers="config=%t/groups.yaml strict" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not npir-opt %t/float.mlir --npir-quantize-pipeline="config=%t/groups.yaml strict" 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: npir-opt %t/wide.mlir --npir-fold-qdq 2>&1 | FileCheck %s --check-prefix=WIDE
// RUN: not npir-opt %t/wide.mlir --npir-fold-qdq=strict 2>&1 | FileCheck %s --check-prefix=WIDESTRICT
// RUN: not npir-opt %t/infinite.mlir --npir-attach-calibration 2>&1 | FileCheck %s --check-prefix=INFINITE

// BITS: error: layer 'x': tensor 'x:0': expected 'bits: 8' for activations that are quantized at run time ({{.*}}bits.yaml:2:1 (default)), got 4 ({{.*}}bits.yaml:2:1 (default))
// SCHEME: error: layer 'x': tensor 'x:0': expected 'scheme: affine' for activations that are quantized at run time ({{.*}}scheme.yaml:2:1 (default)), got symmetric ({{.*}}scheme.yaml:4:5 (rule))
// AFFINE: error: layer 'w': tensor 'w:0': expected 'scheme: symmetric' for weights in groups ({{.*}}affine.yaml:2:1 (default)), got affine
// GROUPS: warning: layer 'w': expected weights of linear layers with a multiple of 64 input channels for 'granularity: per_group', got 'w:0' of 'tensor<2x96xf32>'; they get a scale for each output channel
// GROUPS: id = "w:0"{{.*}}spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>
// GROUPS: npir.linear {{.*}} {npir.scheme_note = "its weight is per_channel, since groups of 64 do not divide 96 input channels"}
// STRICT: error: layer 'w': expected weights of linear layers with a multiple of 64 input channels for 'granularity: per_group', got 'w:0' of 'tensor<2x96xf32>'; set 'granularity: per_channel' for them, or leave out strict
// Groups of 8 bits: XNNPACK has none. The layer computes in float with rounded rows, and its weights stay integers.
// WIDE: warning: layer 'fc': 'npir.linear' with an input that is quantized at run time stays in float on target 'xnnpack': expected weights of up to 4 bits in groups of a multiple of 32, got -127 to 127 in groups of 32
// WIDE: npir.dynamic_quantize
// WIDE: npir.dequantize_groups
// WIDE: npir.linear {{.*}}its weights are stored as integers
// WIDESTRICT: error: expected a function that target 'xnnpack' computes as configured, got 1 problem
// INFINITE: error: layer 'w': expected a constant of finite values, got 1 that are not; repair the model, or leave the layer in float

//--- bits.yaml
version: 1
default: {activation: {dynamic: true, bits: 4}}
//--- scheme.yaml
version: 1
default: {activation: {dynamic: true}}
rules:
  - match: {op: input}
    activation: {scheme: symmetric}
//--- affine.yaml
version: 1
default: {weight: {granularity: per_group, scheme: affine}}
//--- groups.yaml
version: 1
default: {weight: {granularity: per_group, group_size: 64}}
//--- net.mlir
func.func @main(%x: tensor<?x96xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<0.5> : tensor<2x96xf32> loc("w")
  %0 = npir.linear %x, %w : (tensor<?x96xf32>, tensor<2x96xf32>) -> tensor<?x2xf32> loc("fc")
  return %0 : tensor<?x2xf32>
}
//--- float.mlir
func.func @main(%x: tensor<?x96xf32> loc("x")) -> tensor<?x2xf32> {
  %w = npir.constant dense<0.5> : tensor<2x96xf32> loc("w")
  %0 = npir.linear %x, %w : (tensor<?x96xf32>, tensor<2x96xf32>) -> tensor<?x2xf32> loc("fc")
  return %0 : tensor<?x2xf32>
}
//--- wide.mlir
!q = !quant.uniform<i8<-127:127>:f32, 1.0>
func.func @main(%x: tensor<?x64xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %w = npir.constant dense<100> : tensor<2x64xi8> as tensor<2x64x!q> loc("w")
  %s = npir.constant dense<0.5> : tensor<2x2xf32> loc("w.scales")
  %0 = npir.dynamic_quantize %x : tensor<?x64xf32> loc("x.quantize")
  %1 = npir.dequantize_groups %w, %s : tensor<2x64x!q>, tensor<2x2xf32> -> tensor<2x64xf32> loc("w.dequantize")
  %2 = npir.linear %0, %1 : (tensor<?x64xf32>, tensor<2x64xf32>) -> tensor<?x2xf32> loc("fc")
  return %2 : tensor<?x2xf32>
}
//--- infinite.mlir
module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {
func.func @main(%x: tensor<?x32xf32> loc("x")) -> tensor<?x1xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_row #npir.minmax>} : tensor<?x32xf32>
  %w = npir.constant dense<[[0x7F800000, 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 1.]]> : tensor<1x32xf32> loc("w")
  %1 = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i4 symmetric narrow per_group<1, 32> #npir.minmax>} : tensor<1x32xf32>
  %2 = npir.linear %0, %1 : (tensor<?x32xf32>, tensor<1x32xf32>) -> tensor<?x1xf32> loc("fc")
  %3 = npir.observe %2 {id = "fc:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x1xf32>
  return %3 : tensor<?x1xf32>
}
}
