// This file defines constants and the operations that only move values.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRTENSOROPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRTENSOROPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_ConstantOp : NPIR_Op<"constant", [ConstantLike, Pure]> {
  let summary = "a constant tensor";
  let description = [{
    `value` holds the stored elements: f32, or for a quantized result the plain integers of its storage type (one byte each
    up to 8 bits). Anything above 1 KiB is a `dense_resource`, which is never uniqued, copied or folded.

    ```mlir
    %0 = npir.constant dense<[0.5, 1.0]> : tensor<2xf32>
    %1 = npir.constant dense<[3, -4]> : tensor<2xi8> as tensor<2x!quant.uniform<i8:f32, 0.5>>
    ```
  }];
  let arguments = (ins ElementsAttr:$value);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "custom<Constant>($value, type($result)) attr-dict";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def NPIR_ReshapeOp : NPIR_Op<"reshape", [Pure,
    DeclareOpInterfaceMethods<NPIR_QuantizableOpInterface, ["getSameScaleOperands", "getArithmetic"]>]> {
  let summary = "the same elements in another shape";
  let description = [{ At most one dimension, the first, is dynamic, in operand and result alike. }];
  let arguments = (ins NPIR_Tensor:$input, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
  let hasVerifier = 1;
}

def NPIR_TransposeOp : NPIR_NetworkOp<"transpose", ["getSameScaleOperands", "getArithmetic"]> {
  let summary = "the same elements with permuted dimensions";
  let description = [{ Dimension `i` of the result is dimension `perm[i]` of the operand. }];
  let arguments = (ins NPIR_Tensor:$input, DenseI64ArrayAttr:$perm, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def NPIR_SliceOp : NPIR_NetworkOp<"slice", ["getSameScaleOperands", "getArithmetic"]> {
  let summary = "a box of the operand's elements";
  let description = [{
    Takes `sizes[i]` elements from `offsets[i]` on along dimension `i`; a size of -1 is everything from there on. Of the dynamic
    dimension everything is taken.

    ```mlir
    %0 = npir.slice %x {offsets = array<i64: 0, 0, 64>, sizes = array<i64: -1, -1, 64>} : tensor<?x17x192xf32> -> tensor<?x17x64xf32>
    ```
  }];
  let arguments = (ins NPIR_Tensor:$input, DenseI64ArrayAttr:$offsets, DenseI64ArrayAttr:$sizes,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

def NPIR_ConcatOp : NPIR_NetworkOp<"concat", ["getSameScaleOperands", "getArithmetic"]> {
  let summary = "the operands one behind the other along an axis";
  let description = [{
    ```mlir
    %0 = npir.concat %a, %b {axis = 1 : i64} : (tensor<?x1x64xf32>, tensor<?x16x64xf32>) -> tensor<?x17x64xf32>
    ```
  }];
  let arguments = (ins Variadic<NPIR_Tensor>:$inputs, I64Attr:$axis, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
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
  let arguments = (ins NPIR_Tensor:$input, Optional<NPIR_Tensor>:$batch_like, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_Tensor:$result);
  let assemblyFormat = "$input (`like` $batch_like^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRTENSOROPS_TD
