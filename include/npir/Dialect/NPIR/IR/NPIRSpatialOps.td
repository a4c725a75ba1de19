// This file defines operations on the height and width of NHWC activations beside convolution and maximum.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRSPATIALOPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRSPATIALOPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_TransposeConv2DOp : NPIR_NetworkOp<"transpose_conv2d", ["getOperandRole", "getChannelAxis", "getArithmetic"],
    [NPIR_ClampedOp]> {
  let summary = "transposed 2-D convolution of NHWC activations";
  let description = [{
    `input` is `[N, H, W, IC]`, `filter` `[OC, KH, KW, IC/groups]`, `bias` `[OC]`. Each input element adds its value times the filter to a
    window of the result, windows lying `strides` apart; `pads` `[top, bottom, left, right]` are cut off, `output_padding` `[height, width]` is added
    at the bottom and right:

        OH = (H - 1) * strides[0] + (KH - 1) * dilations[0] + 1 - top - bottom + output_padding[0]

    Else as `npir.conv2d`.

    ```mlir
    %0 = npir.transpose_conv2d %x, %w, %b {strides = array<i64: 2, 2>}
        : (tensor<?x8x8x16xf32>, tensor<8x2x2x16xf32>, tensor<8xf32>) -> tensor<?x16x16x8xf32>
    ```
  }];
  let arguments = (ins
    NPIR_Tensor:$input, NPIR_Tensor:$filter, Optional<NPIR_Tensor>:$bias,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0}">:$output_padding,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    DefaultValuedAttr<I64Attr, "1">:$groups,
    OptionalAttr<F32Attr>:$clamp_min, OptionalAttr<F32Attr>:$clamp_max,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input `,` $filter (`,` $bias^)? attr-dict `:` functional-type(operands, results)";
}

def NPIR_AvgPool2DOp : NPIR_NetworkOp<"avg_pool2d", ["getArithmetic"]> {
  let summary = "mean of each window";
  let description = [{
    `input` is `[N, H, W, C]`, `pads` `[top, bottom, left, right]`. The mean is that of the elements that the window covers; with
    `count_include_pad` padding counts as zeros. Quantized: `requant` is `#npir.requant_window_mean`.
  }];
  let arguments = (ins
    NPIR_Tensor:$input,
    DenseI64ArrayAttr:$kernel,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$strides,
    DefaultValuedAttr<DenseI64ArrayAttr, "{0, 0, 0, 0}">:$pads,
    DefaultValuedAttr<DenseI64ArrayAttr, "{1, 1}">:$dilations,
    UnitAttr:$count_include_pad,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NPIR_ResizeOp : NPIR_NetworkOp<"resize", ["getSameScaleOperands", "getArithmetic"]> {
  let summary = "height and width changed by copying or interpolating elements";
  let description = [{
    `input` is `[N, H, W, C]`; `sizes` are the result's height and width. With the ratio `r = size / input size`, or the one of `scales` where
    given, output index `i` stands for the point

        half_pixel: (i + 0.5) / r - 0.5    asymmetric: i / r    align_corners: i * (input size - 1) / (size - 1)

    of the operand, moved to the nearest edge where it lies outside. `bilinear` interpolates between its four neighbours, `nearest` takes the element
    that `rounding` finds. Points are computed in f32. Quantized: operand and result have one type; `requant` is `#npir.requant_copy` for
    nearest, `#npir.requant_interpolate` for bilinear.

    ```mlir
    %0 = npir.resize bilinear %x {sizes = array<i64: 16, 16>, coordinates = #npir.resize_coordinates<half_pixel>}
        : tensor<?x8x8x3xf32> -> tensor<?x16x16x3xf32>
    ```
  }];
  let arguments = (ins NPIR_ResizeModeAttr:$mode, NPIR_Tensor:$input, DenseI64ArrayAttr:$sizes,
    DefaultValuedAttr<NPIR_ResizeCoordinatesAttr, "ResizeCoordinates::HalfPixel">:$coordinates,
    DefaultValuedAttr<NPIR_ResizeRoundingAttr, "ResizeRounding::RoundPreferFloor">:$rounding,
    OptionalAttr<DenseF32ArrayAttr>:$scales,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "custom<EnumKeyword>($mode) $input attr-dict `:` type($input) `->` type($result)";
}

class NPIR_BlockOp<string opMnemonic> : NPIR_MovingOp<opMnemonic, []> {
  let arguments = (ins NPIR_AnyTensor:$input, I64Attr:$block, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}
def NPIR_DepthToSpaceOp : NPIR_BlockOp<"depth_to_space"> {
  let summary = "channels spread over blocks of height and width";
  let description = [{
    Channel `(y*block + x)*C + c` of `[N, H, W, block*block*C]` becomes channel `c` at row `y`, column `x` of a block of
    `[N, H*block, W*block, C]`.
  }];
}
def NPIR_SpaceToDepthOp : NPIR_BlockOp<"space_to_depth"> {
  let summary = "blocks of height and width gathered in channels";
  let description = [{ The inverse of `npir.depth_to_space`. }];
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRSPATIALOPS_TD
