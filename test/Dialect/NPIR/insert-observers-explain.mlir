// RUN: split-file %s %t
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=%t/config.yaml explain=-" -o %t/observed.mlir | FileCheck %s
// RUN: FileCheck %s --check-prefix=OBSERVED < %t/observed.mlir
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=%t/config.yaml explain=%t/out.json" -o /dev/null
// RUN: FileCheck %s --check-prefix=JSON < %t/out.json
// RUN: not npir-opt %t/net.mlir --npir-insert-observers="config=%t/config.yaml explain=%t/none/out.json" -o /dev/null 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNWRITABLE
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=preset:w4a8" | FileCheck %s --check-prefix=PRESET
// RUN: not npir-opt %t/net.mlir --npir-insert-observers="config=preset:w4a9" 2>&1 | FileCheck %s --check-prefix=UNKNOWN
// RUN: not npir-opt %t/net.mlir --npir-insert-observers="config=%t/kl.yaml" 2>&1 | FileCheck %s --check-prefix=KL
// RUN: npir-opt %t/net.mlir --npir-insert-observers="config=%t/group.yaml explain=-" -o /dev/null | FileCheck %s --check-prefix=GROUP

// UNWRITABLE: error: {{.*}}none/out.json: cannot write: no such file or directory
// PRESET: {id = "w:0", requested, role = #npir.role<weight>, spec = #npir.spec<i4 symmetric narrow per_channel<0> #npir.omse
// UNKNOWN: error: unknown preset 'w4a9', did you mean 'w4a8'?

//--- net.mlir
func.func @net(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32> loc("w")
  %c = npir.constant dense<[1.0, 2.0]> : tensor<2xf32> loc("c")
  %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
  %1 = npir.add %0, %c : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("add")
  return %1 : tensor<?x2xf32>
}

//--- config.yaml
version: 1
base: preset:omse
default:
  activation: {granularity: per_channel}
roles: {shift: {op: add}}
rules:
  - match: {layer: fc}
    weight: {bits: 4, profile: false}
  - match: {role: shift}
    activation: {observer: {type: percentile, alpha: 0.999}, profile: false}
skip: [x]

# CHECK:      x:0: activation of input{{$}}
# CHECK-NEXT:   float (by default)
# CHECK-NEXT:     quantize    false       {{.*}}config.yaml:11:8 (skip pattern 'x')
# CHECK-NEXT:     profile     true        built-in default
# CHECK-NEXT: w:0: weight of linear{{$}}
# CHECK-NEXT:   int4 symmetric narrow per_channel, omse (requested)
# CHECK-NEXT:     quantize    true        {{.*}}config.yaml:7:5 (rule)
# CHECK-NEXT:     bits        4           {{.*}}config.yaml:7:5 (rule)
# CHECK:          observer    omse        preset:omse:3:1 (default)
# CHECK-NEXT:     two_sided   true        preset:omse:3:1 (default)
# CHECK-NEXT:     profile     false       {{.*}}config.yaml:7:5 (rule)
# CHECK-NEXT: fc:0: activation of linear{{$}}
# CHECK-NEXT:   int8 affine per_channel, omse (by default)
# CHECK:          granularity per_channel {{.*}}config.yaml:3:1 (default)
# CHECK:      c:0: activation of constant{{$}}
# CHECK:          per_tensor, since it has no channels
# CHECK:      add:0: activation of add, shift{{$}}
# CHECK-NEXT:   int8 affine per_channel, percentile 0.999 (requested)

# OBSERVED: {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<none>}
# OBSERVED: {id = "w:0", requested, role = #npir.role<weight>, spec = {{.*}}, unprofiled}
# OBSERVED: {id = "fc:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.omse{{[^}]*}}}
# OBSERVED: {id = "add:0", requested, role = #npir.role<activation>, spec = {{.*}}, unprofiled}

# JSON: "tensors": [
# JSON: "id": "w:0",
# JSON: "op": "linear",
# JSON: "requested": true,
# JSON: "roles": [],
# JSON: "spec": "int4 symmetric narrow per_channel, omse",
# JSON: "tensor": "weight"
# JSON: "roles": [{{$}}
# JSON-NEXT: "shift"
# JSON: "version": 1

# Next: only together do the rules ask for what cannot be.
//--- kl.yaml
version: 1
rules:
  - match: {layer: [fc, add]}
    activation: {observer: kl}
  - match: {layer: fc}
    activation: {scheme: symmetric}

# KL: error: {{.*}}tensor 'add:0': observer 'kl' ({{.*}}kl.yaml:3:5 (rule)) needs a symmetric scheme, got affine (built-in default); set 'scheme: symmetric'

//--- group.yaml
version: 1
rules:
  - match: {role: weight}
    weight: {bits: 4, granularity: per_group, group_size: 64}

# GROUP: w:0: weight of linear
# GROUP-NEXT: int4 symmetric narrow per_group 64
# GROUP: per_channel, since groups of 64 do not divide 2 input channels
