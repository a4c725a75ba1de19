// This file defines convolutions, linear layers, pools and normalization.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRNNOPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRNNOPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_Conv2DOp : NPIR_NetworkOp<"conv2d", ["getOperandRole", "getChannelAxis", "getArithmetic"], [NPIR_ClampedOp]> {
  let summary = "2-D convolution of NHWC activations";
  let description = [{
    `input` is `[N, H, W, IC]`, `filter` `[OC, KH, KW, IC/groups]`, `bias` `[OC]`, the result `[N, OH, OW, OC]`. `pads` is
    `[top, bottom, left, right]`; padding elements are real zeros. The result is clamped to `clamp_min`, `clamp_max`.

    Quantized: input and result 8 bits, filter 8 bits symmetric, bias int32 with scale `input * filter[c]`; `requant` is
    `#npir.requant_f32`.

    ```mlir
    %0 = npir.conv2d %x, %w, %b {pads = array<i64: 1, 1, 1, 1>, clamp_min = 0.0 : f32}
        : (tensor<?x8x8x1xf32>, tensor<16x3x3x1xf32>, tensor<16xf32>) -> tensor<?x8x8x16xf32>
    ```
  }];
  let arguments = (ins
    NPIR_Tensor:$input, NPIR_Tensor:$filter, Optional<NPIR_Tensor>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def NPIR_DepthwiseConv2DOp : NPIR_NetworkOp<"depthwise_conv2d", ["getOperandRole", "getChannelAxis", "getArithmetic"],
    [NPIR_ClampedOp]> {
  let summary = "2-D convolution of each channel by itself";
  let description = [{
    `input` is `[N, H, W, C]`, `filter` `[1, KH, KW, C*multiplier]`, `bias` `[C*multiplier]`; result channel `c*multiplier + m`
    comes from input channel `c`. Else as `npir.conv2d`.
  }];
  let arguments = (ins
    NPIR_Tensor:$input, NPIR_Tensor:$filter, Optional<NPIR_Tensor>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def NPIR_LinearOp : NPIR_NetworkOp<"linear", ["getOperandRole", "getChannelAxis", "getArithmetic"], [NPIR_ClampedOp]> {
  let summary = "y = x W^T + b over the last dimension";
  let description = [{
    `input` is `[..., IC]`, `weight` `[OC, IC]`, `bias` `[OC]`, the result `[..., OC]`. Quantized as `npir.conv2d`.
  }];
  let arguments = (ins
    NPIR_Tensor:$input, NPIR_Tensor:$weight, Optional<NPIR_Tensor>:$bias,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input `,` $weight (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def NPIR_MatmulOp : NPIR_NetworkOp<"matmul", ["getProductsPerElement"]> {
  let summary = "product of two activations, matrix by matrix";
  let description = [{
    `lhs` is `[..., M, K]`, `rhs` `[..., K, N]`, or with `transpose_rhs` `[..., N, K]`; the result is `[..., M, N]`. The leading
    dimensions broadcast as numpy's do. A product with a constant matrix is `npir.linear`. Float only: between quantized tensors it stands
    between dequantize and quantize.

    ```mlir
    %0 = npir.matmul %q, %k {transpose_rhs} : (tensor<?x4x17x16xf32>, tensor<?x4x17x16xf32>) -> tensor<?x4x17x17xf32>
    ```
  }];
  let arguments = (ins NPIR_FloatTensor:$lhs, NPIR_FloatTensor:$rhs, UnitAttr:$transpose_rhs);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def NPIR_SoftmaxOp : NPIR_NetworkOp<"softmax", ["getFixedOutputRange"]> {
  let summary = "exp(x) / sum(exp(x)) along the last dimension";
  let description = [{ Float only, as `npir.matmul`. }];
  let arguments = (ins NPIR_FloatTensor:$input);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NPIR_LayerNormOp : NPIR_NetworkOp<"layer_norm", ["getOperandRole", "getArithmetic"]> {
  let summary = "normalization of the last dimension";
  let description = [{
    `(x - mean(x)) / sqrt(variance(x) + epsilon) * scale + offset` along the last dimension of size C; `scale` and `offset` are `[C]`, and
    stay in f32. Quantized: input and result 8 bits, `requant` is `#npir.requant_layer_norm`.

    ```mlir
    %0 = npir.layer_norm %x, %scale, %offset {epsilon = 1.0e-5 : f32}
        : (tensor<?x17x64xf32>, tensor<64xf32>, tensor<64xf32>) -> tensor<?x17x64xf32>
    ```
  }];
  let arguments = (ins NPIR_Tensor:$input, NPIR_FloatTensor:$scale, NPIR_FloatTensor:$offset, F32Attr:$epsilon,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input `,` $scale `,` $offset attr-dict `:` functional-type(operands, results)";
}

def NPIR_MaxPool2DOp : NPIR_NetworkOp<"max_pool2d", ["getSameScaleOperands", "getArithmetic"]> {
  let summary = "largest value of each window";
  let description = [{
    `input` is `[N, H, W, C]`; `pads` is `[top, bottom, left, right]`, and padding never wins. Quantized: input and result
    have the same type; `requant` is `#npir.requant_copy`.
  }];
  let arguments = (ins
    NPIR_Tensor:$input,
    DenseI64ArrayAttr:$kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NPIR_ReduceOp : NPIR_NetworkOp<"reduce", ["getSameScaleOperands", "getArithmetic"]> {
  let summary = "mean, sum, product, largest or smallest value over axes";
  let description = [{
    Reduces `axes` (ascending, never the batch axis 0); `keep_dims` leaves them with size 1. Quantized: `requant` is
    `#npir.requant_mean` for `mean`; `#npir.requant_copy` for `max` and `min`, whose operand and result have one type; `sum` and `prod` are
    float only.

    ```mlir
    %0 = npir.reduce mean %x {axes = array<i64: 1, 2>} : tensor<?x4x4x32xf32> -> tensor<?x32xf32>
    ```
  }];
  let arguments = (ins
    NPIR_ReduceKindAttr:$kind, NPIR_Tensor:$input,
    DenseI64ArrayAttr:$axes, UnitAttr:$keep_dims,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "custom<EnumKeyword>($kind) $input attr-dict `:` type($input) `->` type($result)";
}

def NPIR_BatchNormOp : NPIR_NetworkOp<"batch_norm", ["getOperandRole", "getResultChannelAxis"]> {
  let summary = "batch normalization with fixed statistics";
  let description = [{
    `(x - mean) / sqrt(variance + epsilon) * scale + offset` along `axis`. Float only: `--npir-prepare` folds it into the
    convolution or linear layer before it, or turns it into a 1x1 depthwise convolution.
  }];
  let arguments = (ins
    NPIR_FloatTensor:$input, NPIR_FloatTensor:$scale, NPIR_FloatTensor:$offset, NPIR_FloatTensor:$mean,
    NPIR_FloatTensor:$variance, F32Attr:$epsilon, I64Attr:$axis);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = [{
    $input `,` $scale `,` $offset `,` $mean `,` $variance attr-dict `:` functional-type(operands, results)
  }];
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRNNOPS_TD
