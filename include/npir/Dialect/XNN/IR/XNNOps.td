// This file defines the operations of the xnn dialect.
#ifndef NPIR_DIALECT_XNN_IR_XNNOPS_TD
#define NPIR_DIALECT_XNN_IR_XNNOPS_TD

include "npir/Dialect/XNN/IR/XNNOpBase.td"

//===----------------------------------------------------------------------===//
// Segments
//===----------------------------------------------------------------------===//

def XNN_SubgraphOp : XNN_Op<"subgraph", [IsolatedFromAbove, SingleBlock, RecursiveMemoryEffects]> {
  let summary = "a part of the network that is one XNNPACK subgraph";
  let description = [{
    The operands are the external inputs, the results the external outputs. The region has one block with an argument per
    operand; it holds xnn ops and the constants that they use, and ends with `xnn.yield` of values made inside.

    The id of a result is the id of the yielded value, and the id of a block argument that of the operand:
    `xnn::getTensorId`.

    ```mlir
    %0 = xnn.subgraph(%a: tensor<?x4xf32> = %x) -> tensor<?x4xf32> {
      %1 = xnn.unary clamp %a {min = 0.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
      xnn.yield %1 : tensor<?x4xf32>
    }
    ```
  }];
  let arguments = (ins Variadic<NPIR_Tensor>:$inputs);
  let results = (outs Variadic<NPIR_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$body);
  let hasCustomAssemblyFormat = 1;
  let extraClassDeclaration = [{
    /// The operands of the yield: inside values by result number.
    ::mlir::OperandRange getYielded();
  }];
}

def XNN_YieldOp : Op<XNN_Dialect, "yield", [Pure, Terminator, HasParent<"SubgraphOp">]> {
  let summary = "the external outputs of a subgraph";
  let arguments = (ins Variadic<NPIR_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

//===----------------------------------------------------------------------===//
// Multiply-accumulate
//===----------------------------------------------------------------------===//

def XNN_Convolution2DOp : XNN_Node<"convolution_2d"> {
  let summary = "xnn_define_convolution_2d";
  let description = [{
    `input` is `[N, H, W, IC]`, `filter` `[OC, KH, KW, IC/groups]`, `bias` `[OC]`, the result `[N, OH, OW, OC]`. `padding` is
    `[top, right, bottom, left]`; padding elements are real zeros. Filter and bias are constants.
  }];
  let arguments = (ins NPIR_Tensor:$input, NPIR_Tensor:$filter, Optional<NPIR_Tensor>:$bias,
    DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, I64Attr:$groups,
    OptionalAttr<F32Attr>:$output_min, OptionalAttr<F32Attr>:$output_max);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def XNN_DepthwiseConvolution2DOp : XNN_Node<"depthwise_convolution_2d"> {
  let summary = "xnn_define_depthwise_convolution_2d";
  let description = [{
    `filter` is `[1, KH, KW, C*depth_multiplier]`; result channel `c*depth_multiplier + m` comes from input channel `c`. Else
    as `xnn.convolution_2d`.
  }];
  let arguments = (ins NPIR_Tensor:$input, NPIR_Tensor:$filter, Optional<NPIR_Tensor>:$bias,
    DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations, I64Attr:$depth_multiplier,
    OptionalAttr<F32Attr>:$output_min, OptionalAttr<F32Attr>:$output_max);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def XNN_Deconvolution2DOp : XNN_Node<"deconvolution_2d"> {
  let summary = "xnn_define_deconvolution_2d";
  let description = [{
    `input` is `[N, H, W, IC]`, `filter` `[OC, KH, KW, IC/groups]`, `bias` `[OC]`. `padding` `[top, right, bottom, left]` is cut off the
    result, `adjustment` `[height, width]` is added to it at the bottom and right. Filter and bias are constants.
  }];
  let arguments = (ins NPIR_Tensor:$input, NPIR_Tensor:$filter, Optional<NPIR_Tensor>:$bias,
    DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$adjustment, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    I64Attr:$groups, OptionalAttr<F32Attr>:$output_min, OptionalAttr<F32Attr>:$output_max);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def XNN_FullyConnectedOp : XNN_Node<"fully_connected"> {
  let summary = "xnn_define_fully_connected";
  let description = [{ `input` is `[..., IC]`, `filter` `[OC, IC]`, `bias` `[OC]`, the result `[..., OC]`. }];
  let arguments = (ins NPIR_Tensor:$input, NPIR_Tensor:$filter, Optional<NPIR_Tensor>:$bias,
    OptionalAttr<F32Attr>:$output_min, OptionalAttr<F32Attr>:$output_max);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Attention, in float
//===----------------------------------------------------------------------===//

def XNN_BatchMatrixMultiplyOp : XNN_Node<"batch_matrix_multiply"> {
  let summary = "xnn_define_batch_matrix_multiply";
  let description = [{
    `lhs` is `[..., M, K]`, `rhs` `[..., K, N]`, or with `transpose_b` `[..., N, K]`; the result is `[..., M, N]`. The leading
    dimensions broadcast as numpy's do. A constant `rhs` is packed once.
  }];
  let arguments = (ins NPIR_FloatTensor:$lhs, NPIR_FloatTensor:$rhs, UnitAttr:$transpose_b);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def XNN_SoftmaxOp : XNN_Node<"softmax"> {
  let summary = "xnn_define_softmax";
  let description = [{ Along the last dimension. }];
  let arguments = (ins NPIR_FloatTensor:$input);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Pools and reductions
//===----------------------------------------------------------------------===//

def XNN_MaxPooling2DOp : XNN_Node<"max_pooling_2d"> {
  let summary = "xnn_define_max_pooling_2d";
  let description = [{
    `padding` is `[top, right, bottom, left]`, and padding never wins. Input and result have one element type.
  }];
  let arguments = (ins NPIR_Tensor:$input,
    DenseI64ArrayAttr:$pooling, DenseI64ArrayAttr:$padding, DenseI64ArrayAttr:$strides, DenseI64ArrayAttr:$dilations,
    OptionalAttr<F32Attr>:$output_min, OptionalAttr<F32Attr>:$output_max);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def XNN_StaticResizeBilinear2DOp : XNN_Node<"static_resize_bilinear_2d"> {
  let summary = "xnn_define_static_resize_bilinear_2d";
  let description = [{
    `sizes` are the result's height and width. Points are those of half pixels; of corners with `align_corners`; with `legacy` the index times
    the ratio of the sizes.
  }];
  let arguments = (ins NPIR_Tensor:$input, DenseI64ArrayAttr:$sizes, UnitAttr:$align_corners, UnitAttr:$legacy);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def XNN_StaticReduceOp : XNN_Node<"static_reduce"> {
  let summary = "xnn_define_static_reduce";
  let description = [{ Reduces `axes` (ascending); `keep_dims` leaves them with size 1. }];
  let arguments = (ins XNN_ReduceOperatorAttr:$operator_, NPIR_Tensor:$input,
    DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims);
  let assemblyFormat = "custom<Keyword>($operator_) $input attr-dict `:` type($input) `->` type($result)";
}

//===----------------------------------------------------------------------===//
// Elementwise. The attribute is `operator` in program files: an attribute whose name C++ reserves has an underscore
// behind it here.
//===----------------------------------------------------------------------===//

def XNN_UnaryOp : XNN_Node<"unary"> {
  let summary = "xnn_define_unary";
  let description = [{
    `min` and `max` bound `clamp`; `alpha` scales the negative side of `elu`. `convert` changes the element type: quantizes,
    dequantizes, or requantizes with 8 fractional bits. 8-bit functions other than `convert`, and `clamp` between equal
    types, are tables of 256 entries.
  }];
  let arguments = (ins XNN_UnaryOperatorAttr:$operator_, NPIR_Tensor:$input,
    OptionalAttr<F32Attr>:$min, OptionalAttr<F32Attr>:$max, OptionalAttr<F32Attr>:$alpha);
  let assemblyFormat = "custom<Keyword>($operator_) $input attr-dict `:` type($input) `->` type($result)";
}

def XNN_BinaryOp : XNN_Node<"binary"> {
  let summary = "xnn_define_binary";
  let description = [{ With numpy's broadcasting. }];
  let arguments = (ins XNN_BinaryOperatorAttr:$operator_, NPIR_Tensor:$lhs, NPIR_Tensor:$rhs,
    OptionalAttr<F32Attr>:$output_min, OptionalAttr<F32Attr>:$output_max);
  let assemblyFormat = "custom<Keyword>($operator_) $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

def XNN_StaticReshapeOp : XNN_Node<"static_reshape"> {
  let summary = "xnn_define_static_reshape";
  let description = [{ The same elements in the result's shape; only the first dimension may be dynamic. }];
  let arguments = (ins NPIR_Tensor:$input);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def XNN_StaticTransposeOp : XNN_Node<"static_transpose"> {
  let summary = "xnn_define_static_transpose";
  let description = [{ Dimension `i` of the result is dimension `perm[i]` of the operand. }];
  let arguments = (ins NPIR_Tensor:$input, DenseI64ArrayAttr:$perm);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def XNN_StaticSliceOp : XNN_Node<"static_slice"> {
  let summary = "xnn_define_static_slice";
  let description = [{
    Takes `sizes[i]` elements from `offsets[i]` on along dimension `i`; a size of 0 is the whole dimension, and its offset 0. A
    dynamic dimension is taken whole.
  }];
  let arguments = (ins NPIR_Tensor:$input, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$sizes);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def XNN_ConcatenateOp : XNN_Node<"concatenate"> {
  let summary = "xnn_define_concatenate2 to xnn_define_concatenate5";
  let description = [{ 2 to 5 operands of the result's element type, one behind the other along `axis`. }];
  let arguments = (ins Variadic<NPIR_Tensor>:$inputs, I64Attr:$axis);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
}

def XNN_CopyOp : XNN_Node<"copy"> {
  let summary = "xnn_define_copy";
  let arguments = (ins NPIR_Tensor:$input);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

#endif // NPIR_DIALECT_XNN_IR_XNNOPS_TD
