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

#endif // NPIR_DIALECT_NPIR_IR_NPIRTENSOROPS_TD
