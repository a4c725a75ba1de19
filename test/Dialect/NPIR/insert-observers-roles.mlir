// RUN: split-file %s %t
// RUN: npir-opt %S/Inputs/vit-block.mlir --npir-insert-observers=config=%t/block.yaml --npir-verify-contract \
// RUN:   --mlir-print-debuginfo=false 2>&1 | FileCheck %s --implicit-check-not=requested --implicit-check-not=warning
// RUN: npir-opt %S/Inputs/vit-block.mlir --npir-insert-observers=config=%t/native.yaml --mlir-print-debuginfo=false \
// RUN:   | FileCheck %s --check-prefix=NATIVE --implicit-check-not=requested
// RUN: npir-opt %S/Inputs/vit-block.mlir --npir-insert-observers="config=%t/native.yaml explain=-" -o /dev/null \
// RUN:   | FileCheck %s --check-prefix=NORM
// RUN: not npir-opt %S/Inputs/vit-block.mlir --npir-insert-observers=config=%t/unmatched.yaml 2>&1 \
// RUN:   | FileCheck %s --check-prefix=UNMATCHED

// Every role of a block's configuration finds its tensor, in the order of the program. Bits tell which entry it was; an entry
// without keys makes a tensor requested, too.
//--- block.yaml
default: {observer_type: MinmaxObserver, calibration_mode: layer_wise, bit_type: {bits: 8}}
layers:
  attn_qkv: {bit_type: {bits: 2}}
  attn_proj: {bit_type: {bits: 3}}
  mlp_fc1: {bit_type: {bits: 4}}
  mlp_fc2: {bit_type: {bits: 5}}
  norm1: {bit_type: {bits: 6}}
  norm2: {bit_type: {bits: 7}}
attn_layer:
  attn_qkv_output: {bit_type: {bits: 9}}
  kv_act: {}
  intSoft: {bit_type: {bits: 11}}
  sv_attn: {bit_type: {bits: 12}}
  mlp_act: {bit_type: {bits: 13}}
  mlp_act2: {bit_type: {bits: 14}}
residual_layer:
  residual1: {bit_type: {bits: 15}}
  residual2: {bit_type: {bits: 16}}

# CHECK-DAG: {id = "w1:0", requested, role = #npir.role<weight>, spec = #npir.spec<i2
# CHECK-DAG: {id = "w2:0", requested, role = #npir.role<weight>, spec = #npir.spec<i3
# CHECK-DAG: {id = "w3:0", requested, role = #npir.role<weight>, spec = #npir.spec<i4
# CHECK-DAG: {id = "w4:0", requested, role = #npir.role<weight>, spec = #npir.spec<i5
# CHECK: {id = "op0:0", requested, {{.*}}<i6
# CHECK: {id = "op1:0", requested, {{.*}}<i9
# CHECK: {id = "op2:0", role = {{.*}}<i8
# CHECK: {id = "op11:0", role = {{.*}}<i8
# CHECK: {id = "op12:0", requested, {{.*}}<i8
# CHECK: {id = "op13:0", requested, {{.*}}<i11
# CHECK: {id = "op14:0", requested, {{.*}}<i12
# CHECK: {id = "op17:0", role = {{.*}}<i8
# CHECK: {id = "op18:0", requested, {{.*}}<i15
# CHECK: {id = "op19:0", requested, {{.*}}<i7
# CHECK: {id = "op20:0", role = {{.*}}<i8
# CHECK: {id = "op21:0", requested, {{.*}}<i13
# CHECK: {id = "op22:0", requested, {{.*}}<i14
# CHECK: {id = "op23:0", requested, {{.*}}<i16

# NORM: op0:0: activation of layer_norm, norm1
# NORM: {{^    }}the normalization's output; gamma and beta stay float
# NORM: op19:0: activation of layer_norm, norm2
# NORM: {{^    }}the normalization's output; gamma and beta stay float

//--- native.yaml
version: 1
rules:
  - match: {role: attn_qkv_output}
    activation: {bits: 4}
  - match: {role: [residual1, residual2], layer: op23}
    activation: {bits: 5}

# NATIVE: {id = "op1:0", requested, {{.*}}<i4
# NATIVE: {id = "op18:0", role = {{.*}}<i8
# NATIVE: {id = "op23:0", requested, {{.*}}<i5

//--- unmatched.yaml
version: 1
rules:
  - match: {role: mlp_fc2, layer: op20}
    weight: {bits: 4}

# UNMATCHED: unmatched.yaml:3:5: error: rule matched nothing: no layer matches both its 'layer' and its 'role'
