// This file defines the operations of schemes that quantize activations at run time, or weights alone.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRDYNAMICOPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRDYNAMICOPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_DynamicQuantizeOp : NPIR_Op<"dynamic_quantize", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "real values rounded to the 8-bit grid of their row, which is found at run time";
  let description = [{
    A row is what the last dimension holds. Its grid spans the row's least and greatest value, and zero
    (`npir_kernels::RowGrid`); the result are the real values that the rounded integers stand for.

    A quantize and a dequantize in one: there is no tensor of such integers. Their scales differ from row to row and from run to
    run, so no type could tell them, and XNNPACK passes them on only inside of one subgraph, where nobody can look at them.

    ```mlir
    %1 = npir.dynamic_quantize %0 : tensor<?x64xf32>
    ```
  }];
  let arguments = (ins NPIR_FloatTensor:$input);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def NPIR_DequantizeGroupsOp : NPIR_Op<"dequantize_groups", [Pure]> {
  let summary = "the real values of a weight whose channels have a scale for every group of elements";
  let description = [{
    `input` are the integers of `[OC, IC]` weights, in a type of scale 1 and zero point 0. `scales` is `[OC, G]`, where G divides
    IC: `x = float(q) * scales[oc, ic / (IC / G)]`. Scales stand in an operand and not in a type, since a large layer has
    hundreds of thousands of them.

    ```mlir
    %1 = npir.dequantize_groups %w, %s
        : tensor<16x64x!quant.uniform<i4<-7:7>:f32, 1.0>>, tensor<16x2xf32> -> tensor<16x64xf32>
    ```
  }];
  let arguments = (ins RankedTensorOf<[NPIR_QuantizedElement]>:$input, NPIR_FloatTensor:$scales);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input `,` $scales attr-dict `:` type($input) `,` type($scales) `->` type($result)";
  let hasVerifier = 1;
}

def NPIR_DynamicLinearOp : NPIR_NetworkOp<"dynamic_linear", ["getOperandRole", "getChannelAxis"], [NPIR_ClampedOp]> {
  let summary = "y = x W^T + b in integers, with x quantized row by row at run time";
  let description = [{
    What `npir.linear` of an `npir.dynamic_quantize` and a dequantized weight becomes on a target that computes it in integers.
    `input` is f32 `[..., IC]`; `weight` integers `[OC, IC]` of up to 8 bits in a type of scale 1 and zero point 0; `scales` f32
    `[OC, G]`: with G = 1 one for each output channel, else one for each group of IC / G elements; `bias` f32 `[OC]`.
    The sums are exact in int32, what follows are f32 operations in a fixed order (`reference::dynamicLinear`).

    ```mlir
    %1 = npir.dynamic_linear %0, %w, %s, %b : (tensor<?x64xf32>, tensor<16x64x!quant.uniform<i8<-127:127>:f32, 1.0>>,
        tensor<16x1xf32>, tensor<16xf32>) -> tensor<?x16xf32>
    ```
  }];
  let arguments = (ins
    NPIR_FloatTensor:$input, RankedTensorOf<[NPIR_QuantizedElement]>:$weight, NPIR_FloatTensor:$scales,
    Optional<NPIR_FloatTensor>:$bias, OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input `,` $weight `,` $scales (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRDYNAMICOPS_TD
