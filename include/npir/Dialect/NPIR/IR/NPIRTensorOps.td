// This file defines constants and the operations that only move values.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRTENSOROPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRTENSOROPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_ConstantOp : NPIR_Op<"constant", [ConstantLike, Pure]> {
  let summary = "a constant tensor";
  let description = [{
    `value` holds the stored elements: f32, i1, i32, i64, or for a quantized result the plain integers of its storage type (one byte
    each up to 8 bits). Anything above 1 KiB is a `dense_resource`, which is never uniqued, copied or folded.

    ```mlir
    %0 = npir.constant dense<[0.5, 1.0]> : tensor<2xf32>
    %1 = npir.constant dense<[3, -4]> : tensor<2xi8> as tensor<2x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "custom<Constant>($value, type($result)) attr-dict";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def NPIR_ReshapeOp : NPIR_Op<"reshape", [Pure,
    DeclareOpInterfaceMethods<NPIR_QuantizableOpInterface, ["getSameScaleOperands", "getArithmetic"]>]> {
  let summary = "the same elements in another shape";
  let description = [{ At most one dimension, the first, is dynamic, in operand and result alike. }];
  let arguments = (ins NPIR_AnyTensor:$input, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def NPIR_TransposeOp : NPIR_MovingOp<"transpose", []> {
  let summary = "the same elements with permuted dimensions";
  let description = [{ Dimension `i` of the result is dimension `perm[i]` of the operand. }];
  let arguments = (ins NPIR_AnyTensor:$input, DenseI64ArrayAttr:$perm, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def NPIR_SliceOp : NPIR_MovingOp<"slice", []> {
  let summary = "a box of the operand's elements";
  let description = [{
    Takes `sizes[i]` elements from `offsets[i]` on along dimension `i`; a size of -1 is everything from there on. Of the dynamic
    dimension everything is taken.

    ```mlir
    %0 = npir.slice %x {offsets = array<i64: 0, 0, 64>, sizes = array<i64: -1, -1, 64>} : tensor<?x17x192xf32> -> tensor<?x17x64xf32>
    ```
  }];
  let arguments = (ins NPIR_AnyTensor:$input, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$sizes,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def NPIR_ConcatOp : NPIR_MovingOp<"concat", []> {
  let summary = "the operands one behind the other along an axis";
  let description = [{
    ```mlir
    %0 = npir.concat %a, %b {axis = 1 : i64} : (tensor<?x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x17x64xf32>
    ```
  }];
  // Without operands inferShape fails.
  let resultElement = [{
    adaptor.getInputs().empty() ? ::mlir::Type()
                                : ::mlir::npir::detail::getMovedElement(adaptor.getInputs().front().getType())}];
  let arguments = (ins Variadic<NPIR_AnyTensor>:$inputs, I64Attr:$axis, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$inputs attr-dict `:` functional-type(operands, results)";
  let hasFolder = 1;
}

def NPIR_BroadcastOp : NPIR_Op<"broadcast", [Pure, DeclareOpInterfaceMethods<NPIR_QuantizableOpInterface,
    ["getOperandRole", "getSameScaleOperands", "getArithmetic"]>]> {
  let summary = "repeats dimensions of size 1, as numpy's broadcast_to does";
  let description = [{
    Dimensions are aligned at the last; those that the operand lacks are repeated, too. A dynamic first dimension of the result is as large as
    `batch_like`'s first; the operand's own is then 1, missing, or dynamic. `batch_like` is given for that alone.

    ```mlir
    %0 = npir.broadcast %token like %x : (tensor<1x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x1x64xf32>
    ```
  }];
  let arguments = (ins NPIR_AnyTensor:$input, Optional<NPIR_AnyTensor>:$batch_like, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$input (`like` $batch_like^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def NPIR_PadOp : NPIR_MovingOp<"pad", []> {
  let summary = "elements before and behind those of the operand";
  let description = [{
    `pads_begin[i]` elements before and `pads_end[i]` behind dimension `i`, none along a dynamic one. They are `value` (in real units, or the
    integer), the nearest element (`edge`), or the elements mirrored at the edge (`reflect`; fewer than the dimension's size).
    Quantized: operand and result have one type, and `value` is rounded to it.

    ```mlir
    %0 = npir.pad %x {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>, mode = #npir.pad_mode<edge>}
        : tensor<?x8x8x3xf32> -> tensor<?x10x10x3xf32>
    ```
  }];
  let arguments = (ins NPIR_AnyTensor:$input, DenseI64ArrayAttr:$pads_begin, DenseI64ArrayAttr:$pads_end,
    DefaultValuedAttr<NPIR_PadModeAttr, "PadMode::Constant">:$mode, DefaultValuedAttr<F32Attr, "0.0f">:$value,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRTENSOROPS_TD
