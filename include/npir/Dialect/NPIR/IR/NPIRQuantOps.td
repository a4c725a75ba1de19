// This file defines the operations of quantization itself.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRQUANTOPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRQUANTOPS_TD

include "npir/Dialect/NPIR/IR/NPIROpBase.td"

def NPIR_ObserveOp : NPIR_Op<"observe", [AllTypesMatch<["input", "result"]>]> {
  let summary = "marks a tensor to be quantized and carries how";
  let description = [{
    The identity on values. `id` is the tensor's name in statistics and reports (layer name and result number), kept apart
    from the location so that it survives any loss of locations. `role` is what the tensor means to its users. `spec` comes
    from the configuration, `resolved`, the quantized element type, from statistics (or, for a constant, from its values).
    `per_tensor` is set beside a per-channel `resolved` of an activation: the type from the same statistics for a target
    that has only per-tensor activations. `requested` tells that the configuration names the tensor, and does not only have a
    default for it: an order that holds on every target. `unprofiled` keeps the tensor out of quantization profiles.

    Not pure, so that dead-code elimination never drops an observed tensor.

    ```mlir
    %1 = npir.observe %0 {id = "conv1:0", role = #npir.role<activation>,
                          spec = #npir.spec<i8 affine per_tensor #npir.minmax>,
                          resolved = !quant.uniform<i8:f32, 2.5e-02:-128>} : tensor<?x8x8x16xf32>
    ```
  }];
  let arguments = (ins NPIR_FloatTensor:$input, StrAttr:$id, NPIR_RoleAttr:$role, NPIR_SpecAttr:$spec,
    OptionalAttr<TypeAttr>:$resolved, OptionalAttr<TypeAttr>:$per_tensor, UnitAttr:$requested,
    UnitAttr:$unprofiled);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

def NPIR_QuantizeOp : NPIR_Op<"quantize", [Pure,
    DeclareOpInterfaceMethods<NPIR_QuantizableOpInterface, ["getArithmetic"]>]> {
  let summary = "real values to a quantized type, or one quantized type to another";
  let description = [{
    From f32: `q = clamp(rne(x * (1/scale)) + zero_point)` with the reciprocal rounded to f32; NaN becomes the zero point.
    From a quantized type it is a requantization, and `requant` is `#npir.requant_q8`. There is no folder:
    `dequantize(quantize(x))` is not x.

    `per_tensor` is the type to fall back to on a target without per-channel activations, `requested` as in `npir.observe`: the rounding
    stays, even where the target computes in float on both sides.
  }];
  let arguments = (ins NPIR_Tensor:$input, OptionalAttr<TypeAttr>:$per_tensor, UnitAttr:$requested,
    OptionalAttr<NPIR_AnyRequant>:$requant);
  let results = (outs RankedTensorOf<[NPIR_QuantizedElement]>:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def NPIR_DequantizeOp : NPIR_Op<"dequantize", [Pure]> {
  let summary = "quantized values to the real values that they stand for";
  let description = [{ `x = float(q - zero_point) * scale` in f32. }];
  let arguments = (ins RankedTensorOf<[NPIR_QuantizedElement]>:$input);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input) `->` type($result)";
  let hasVerifier = 1;
}

def NPIR_RoundToGridOp : NPIR_Op<"round_to_grid", [Pure, AllTypesMatch<["input", "result"]>]> {
  let summary = "real values rounded to those that a quantized type stands for";
  let description = [{
    To the bit `dequantize(quantize(x))`, for integers [`min`, `max`] of up to 16 bits, without the integers: what becomes of such a
    pair where the runtime cannot hold the integers. `scales` and `zero_points` have one entry each or, with an `axis` of 0 or more,
    one for each index of that dimension.

    ```mlir
    %1 = npir.round_to_grid %0 {scales = array<f32: 1.0e-3>, zero_points = array<i64: 0>, axis = -1 : i64, min = -32768 : i64,
        max = 32767 : i64} : tensor<?x4xf32>
    ```
  }];
  let arguments = (ins NPIR_FloatTensor:$input, DenseF32ArrayAttr:$scales, DenseI64ArrayAttr:$zero_points, I64Attr:$axis,
    I64Attr:$min, I64Attr:$max);
  let results = (outs NPIR_FloatTensor:$result);
  let assemblyFormat = "$input attr-dict `:` type($input)";
  let hasVerifier = 1;
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRQUANTOPS_TD
