// This file defines operations on indices and truth values, and those that select elements by them.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRINDEXOPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRINDEXOPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_GatherOp : NPIR_MovingOp<"gather", ["getOperandRole"], "getData"> {
  let summary = "slices of a tensor, by their indices along an axis";
  let description = [{
    The result is `data` with dimension `axis` replaced by the dimensions of `indices`. An index is from 0, or negative from the end; one that
    is out of range is an error when the network runs. With `axis` 0 and constant `data` it is an embedding. Quantized: data and
    result have one type.

    ```mlir
    %0 = npir.gather %table, %ids {axis = 0 : i64} : (tensor<1000x64xf32>, tensor<?x16xi64>) -> tensor<?x16x64xf32>
    ```
  }];
  let arguments = (ins NPIR_AnyTensor:$data, NPIR_IndexTensor:$indices, I64Attr:$axis, OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$data `,` $indices attr-dict `:` functional-type(operands, results)";
}

def NPIR_WhereOp : NPIR_MovingOp<"where", ["getOperandRole"], "getOnTrue"> {
  let summary = "elements of one of two tensors, with numpy's broadcasting";
  let description = [{
    ```mlir
    %0 = npir.where %mask, %x, %y : (tensor<?x1x1x16xi1>, tensor<?x4x16x16xf32>, tensor<1xf32>) -> tensor<?x4x16x16xf32>
    ```
  }];
  let arguments = (ins NPIR_BoolTensor:$condition, NPIR_AnyTensor:$on_true, NPIR_AnyTensor:$on_false,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs NPIR_AnyTensor:$result);
  let assemblyFormat = "$condition `,` $on_true `,` $on_false attr-dict `:` functional-type(operands, results)";
}

def NPIR_CompareOp : NPIR_ShapedOp<"compare"> {
  let summary = "a relation of two tensors, with numpy's broadcasting";
  let description = [{
    ```mlir
    %0 = npir.compare lt %x, %y : (tensor<?x16xf32>, tensor<16xf32>) -> tensor<?x16xi1>
    ```
  }];
  let resultElement = "::mlir::IntegerType::get(context, 1)";
  defvar number = RankedTensorOf<[F32, I1, I32, I64]>;
  let arguments = (ins NPIR_CompareKindAttr:$kind, number:$lhs, number:$rhs);
  let results = (outs NPIR_BoolTensor:$result);
  let assemblyFormat = "custom<EnumKeyword>($kind) $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def NPIR_LogicalOp : NPIR_ShapedOp<"logical"> {
  let summary = "a function of two truth values, with numpy's broadcasting";
  let description = [{
    ```mlir
    %0 = npir.logical and %a, %b : (tensor<?x16xi1>, tensor<16xi1>) -> tensor<?x16xi1>
    ```
  }];
  let resultElement = "::mlir::IntegerType::get(context, 1)";
  let arguments = (ins NPIR_LogicalKindAttr:$kind, NPIR_BoolTensor:$lhs, NPIR_BoolTensor:$rhs);
  let results = (outs NPIR_BoolTensor:$result);
  let assemblyFormat = "custom<EnumKeyword>($kind) $lhs `,` $rhs attr-dict `:` functional-type(operands, results)";
}

def NPIR_NotOp : NPIR_ShapedOp<"not"> {
  let summary = "the other truth value";
  let resultElement = "::mlir::IntegerType::get(context, 1)";
  let arguments = (ins NPIR_BoolTensor:$input);
  let results = (outs NPIR_BoolTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NPIR_ArgmaxOp : NPIR_ShapedOp<"argmax"> {
  let summary = "index of the largest element along an axis";
  let description = [{ Of equal ones the first or, with `last`, the last. `keep_dims` leaves the axis with size 1. }];
  let resultElement = "::mlir::IntegerType::get(context, 64)";
  let arguments = (ins NPIR_FloatTensor:$input, I64Attr:$axis, UnitAttr:$keep_dims, UnitAttr:$last);
  let results = (outs RankedTensorOf<[I64]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
}

def NPIR_CastOp : NPIR_Op<"cast", [Pure, SameOperandsAndResultShape]> {
  let summary = "the same numbers in another element type";
  let description = [{
    From f32 to integers the fraction is dropped, what is out of range becomes the nearest integer, NaN 0. To f32 the nearest value, of two the
    even one. To i1 whether it is not 0; from i1 0 or 1. From i64 to i32 the low bits.

    ```mlir
    %0 = npir.cast %mask : tensor<?x16xi64> -> tensor<?x16xf32>
    ```
  }];
  defvar number = RankedTensorOf<[F32, I1, I32, I64]>;
  let arguments = (ins number:$input);
  let results = (outs number:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasFolder = 1;
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRINDEXOPS_TD
