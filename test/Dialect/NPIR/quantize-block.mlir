// A residual block and a classifier over the whole road from observers to integers, with the contract of each station. What
// the numbers compute is tested in unittests/Dialect/NPIR/Transforms.
// RUN: npir-opt %S/Inputs/block.mlir --npir-insert-observers --npir-verify-contract \
// RUN:   --npir-attach-calibration=stats=%S/Inputs/block.npirstats --npir-verify-contract \
// RUN:   --npir-insert-qdq --npir-canonicalize-qdq --npir-verify-contract --npir-partition=targets=xnnpack \
// RUN:   --npir-fold-qdq=strict --npir-verify-contract | FileCheck %s

// CHECK: func.func @main(%[[X:.*]]: tensor<?x4x4x2xf32>
// CHECK-NEXT: npir.quantize %[[X]]
// CHECK: npir.conv2d {{.*}} {clamp_min = 0.000000e+00 : f32, requant = #npir.requant_f32<multipliers = [0.0104986876, 0.00262467191, 0.00787401571], min = -128, max = 127>}
// CHECK: npir.depthwise_conv2d {{.*}}requant = #npir.requant_f32
// CHECK-NEXT: npir.add {{.*}}requant = #npir.requant_shift_add<lhs = 393216, rhs = 1310720, shift = 20, min = -128, max = 127>
// CHECK-NEXT: npir.max_pool2d {{.*}}requant = #npir.requant_copy<min = -128, max = 127>
// CHECK-NEXT: npir.hardsigmoid {{.*}}requant = #npir.requant_table
// CHECK-NEXT: npir.reduce mean {{.*}}requant = #npir.requant_mean<multiplier = 0.266666681 : f32, min = -128, max = 127>
// CHECK: npir.linear {{.*}}requant = #npir.requant_f32
// CHECK-NEXT: npir.dequantize
// CHECK-NEXT: return
