// This file defines the pass that takes networks in TOSA in.
#ifndef NPIR_CONVERSION_TOSATONPIR_PASSES_TD
#define NPIR_CONVERSION_TOSATONPIR_PASSES_TD

include "mlir/Pass/PassBase.td"

def ConvertTosaToNPIRPass : Pass<"convert-tosa-to-npir", "::mlir::ModuleOp"> {
  let summary = "Turn float networks in MLIR's TOSA dialect into npir functions";
  let description = [{
    Functions with TOSA ops get to station `float`, as importers leave them; functions without stay as they are.

    - Layouts are the same in both, so weights keep their bytes: constants of more than 1 KiB become resources over the memory where
      they are. Operands that say shapes, zero points and shifts become attributes, or nothing. Ops on constants alone are
      computed now: their numbers, shapes and orders.
    - Layers are called as their locations (`loc("conv1")`), those without a name `<op>_<n>`; a constant without one by the layer that
      takes it, `conv2d_0.weight`.
    - Only the leading dimension, the batch, may be dynamic. Ones in front of a dynamic dimension, as in `1x?x64`, are left out.
    - Elements of f16, bf16 and f64 become f32, with one remark.
    - A product with a constant matrix, and a 1x1 convolution of one pixel, become `npir.linear`; a pool over the whole image a mean; a
      sum of all over their number a mean; and the parts that softmax, hard sigmoid, leaky ReLU, ReLU, clamp and square root are
      written in, those. `--npir-prepare` finds GELU, SiLU, hard swish and layer normalization.

    Each op is computed as TOSA defines it, or refused. Ops that npir has no form for are one error that lists all of them with their
    locations and reasons, and the function stays as it was. A network that computes in integers is refused: NPIR quantizes float networks.

    ```mlir
    func.func @main(%x: tensor<?x8x8x1xf32> loc("image")) -> tensor<?x8x8x16xf32> {
      %w = "tosa.const"() {values = dense_resource<w> : tensor<16x3x3x1xf32>} : () -> tensor<16x3x3x1xf32>
      %b = "tosa.const"() {values = dense<0.5> : tensor<1xf32>} : () -> tensor<1xf32>
      %zp = "tosa.const"() {values = dense<0.0> : tensor<1xf32>} : () -> tensor<1xf32>
      %0 = tosa.conv2d %x, %w, %b, %zp, %zp {acc_type = f32, dilation = array<i64: 1, 1>, pad = array<i64: 1, 1, 1, 1>, stride = array<i64: 1, 1>}
          : (tensor<?x8x8x1xf32>, tensor<16x3x3x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x8x8x16xf32> loc("conv1")
      return %0 : tensor<?x8x8x16xf32>
    }
    // ==>
    func.func @main(%x: tensor<?x8x8x1xf32> loc("image")) -> tensor<?x8x8x16xf32> attributes {npir.station = #npir.station<float>} {
      %w = npir.constant dense_resource<w> : tensor<16x3x3x1xf32> loc("conv1.weight")
      %b = npir.constant dense<5.0e-01> : tensor<16xf32> loc("conv1.bias")
      %0 = npir.conv2d %x, %w, %b {pads = array<i64: 1, 1, 1, 1>}
          : (tensor<?x8x8x1xf32>, tensor<16x3x3x1xf32>, tensor<16xf32>) -> tensor<?x8x8x16xf32> loc("conv1")
      return %0 : tensor<?x8x8x16xf32>
    }
    ```
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
}

#endif // NPIR_CONVERSION_TOSATONPIR_PASSES_TD
