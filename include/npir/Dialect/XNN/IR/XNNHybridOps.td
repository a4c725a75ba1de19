// This file defines the operations of the xnn dialect on float activations and integer weights.
#ifndef NPIR_DIALECT_XNN_IR_XNNHYBRIDOPS_TD
#define NPIR_DIALECT_XNN_IR_XNNHYBRIDOPS_TD

include "npir/Dialect/XNN/IR/XNNOpBase.td"

def XNN_HybridFullyConnectedOp : XNN_Node<"hybrid_fully_connected"> {
  let summary = "xnn_define_fully_connected of an input of f32 and a filter of integers";
  let description = [{
    `filter` are the integers of `[OC, IC]` weights in a type of scale 1, of 8 bits or 4 (a program holds two of these in a byte); `scales` f32 `[OC, G]`, one for every IC / G
    elements; `bias` f32 `[OC]`. With `dynamic` the input is quantized row by row (`xnn_unary_convert` to qd8) and the sums are
    in integers; layers that read one tensor in one subgraph share its quantized form. Without, the sums are in f32. XNNPACK takes
    groups (G > 1) of 4 bits with `dynamic` only; others, without, become f32 weights when the program is loaded.
  }];
  let arguments = (ins NPIR_FloatTensor:$input, RankedTensorOf<[NPIR_QuantizedElement]>:$filter, NPIR_FloatTensor:$scales,
    Optional<NPIR_FloatTensor>:$bias, UnitAttr:$dynamic, OptionalAttr<F32Attr>:$output_min, OptionalAttr<F32Attr>:$output_max);
  let assemblyFormat = "$input `,` $filter `,` $scales (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

#endif // NPIR_DIALECT_XNN_IR_XNNHYBRIDOPS_TD
