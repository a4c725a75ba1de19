// This file defines what the quantizer writes on the IR: specs, observers and requantization numbers.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRATTRS_TD
#define NPIR_DIALECT_NPIR_IR_NPIRATTRS_TD

include "npir/Dialect/NPIR/IR/NPIRDialect.td"
include "npir/Dialect/NPIR/IR/NPIREnums.td"

class NPIR_Attr<string name, string attrMnemonic, list<Trait> traits = []> : AttrDef<NPIR_Dialect, name, traits> {
  let mnemonic = attrMnemonic;
}

def NPIR_StationAttr : EnumAttr<NPIR_Dialect, NPIR_Station, "station"> {
  let assemblyFormat = "`<` $value `>`";
}
def NPIR_RoleAttr : EnumAttr<NPIR_Dialect, NPIR_Role, "role"> {
  let assemblyFormat = "`<` $value `>`";
}
class NPIR_EnumAttr<EnumAttrInfo info, string attrMnemonic> : EnumAttr<NPIR_Dialect, info, attrMnemonic> {
  let assemblyFormat = "`<` $value `>`";
}
def NPIR_ReduceKindAttr : NPIR_EnumAttr<NPIR_ReduceKind, "reduce_kind">;
def NPIR_PadModeAttr : NPIR_EnumAttr<NPIR_PadMode, "pad_mode">;
def NPIR_ResizeModeAttr : NPIR_EnumAttr<NPIR_ResizeMode, "resize_mode">;
def NPIR_ResizeCoordinatesAttr : NPIR_EnumAttr<NPIR_ResizeCoordinates, "resize_coordinates">;
def NPIR_ResizeRoundingAttr : NPIR_EnumAttr<NPIR_ResizeRounding, "resize_rounding">;
def NPIR_CompareKindAttr : NPIR_EnumAttr<NPIR_CompareKind, "compare_kind">;
def NPIR_LogicalKindAttr : NPIR_EnumAttr<NPIR_LogicalKind, "logical_kind">;

//===----------------------------------------------------------------------===//
// Observers and specs
//===----------------------------------------------------------------------===//

def NPIR_ObserverAttrInterface : AttrInterface<"ObserverAttrInterface"> {
  let cppNamespace = "::mlir::npir";
  let description = [{ How the range of a tensor is derived from its statistics. }];
  let methods = [
    InterfaceMethod<"The observer's parameters, as the observers library takes them.",
      "::mlir::npir::ObserverParams", "getObserverParams", (ins)>,
  ];
}

def NPIR_MinMaxAttr : NPIR_Attr<"MinMax", "minmax", [DeclareAttrInterfaceMethods<NPIR_ObserverAttrInterface>]> {
  let summary = "the range is the smallest and the largest finite value seen";
}

def NPIR_EMAAttr : NPIR_Attr<"EMA", "ema", [DeclareAttrInterfaceMethods<NPIR_ObserverAttrInterface>]> {
  let summary = "the range is the moving average, over batches, of their smallest and largest values";
  let description = [{
    It starts as that of the first batch and moves by the share `sigma` of the way to that of each further batch. Of a weight,
    the smallest and the largest value.

    ```mlir
    #npir.ema<sigma = 0.01>
    ```
  }];
  let parameters = (ins "::mlir::FloatAttr":$sigma); // f64, 0 to 1
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def NPIR_OMSEAttr : NPIR_Attr<"OMSE", "omse", [DeclareAttrInterfaceMethods<NPIR_ObserverAttrInterface>]> {
  let summary = "the range with the least mean squared error, of 100 shrunk copies of that of the extrema";
  let description = [{
    The error is that of the quantizer as it is deployed. In an affine format both ends are then moved apart, unless
    `two_sided = false`.

    ```mlir
    #npir.omse
    #npir.omse<two_sided = false>
    ```
  }];
  let parameters = (ins DefaultValuedParameter<"bool", "true">:$two_sided);
  let hasCustomAssemblyFormat = 1;
}

def NPIR_KLAttr : NPIR_Attr<"KL", "kl", [DeclareAttrInterfaceMethods<NPIR_ObserverAttrInterface>]> {
  let summary = "the threshold with the least Kullback-Leibler divergence between the distributions before and behind";
  let description = [{
    Of `bins` bins or more of |x|, 512 to 8192, a power of two. For symmetric formats only.

    ```mlir
    #npir.kl<bins = 2048>
    ```
  }];
  let parameters = (ins "unsigned":$bins);
  let assemblyFormat = "`<` struct(params) `>`";
  let genVerifyDecl = 1;
}

def NPIR_AutoAttr : NPIR_Attr<"Auto", "auto", [DeclareAttrInterfaceMethods<NPIR_ObserverAttrInterface>]> {
  let summary = "of the ranges that all of the others find, the one with the least mean squared error";
}

def NPIR_PercentileAttr : NPIR_Attr<"Percentile", "percentile", [DeclareAttrInterfaceMethods<NPIR_ObserverAttrInterface>]> {
  let summary = "the range leaves out the share 1 - alpha of the values on each side";
  let description = [{
    Without `sigma`, of the values of all batches together. With it, the range starts as that of the first batch and moves
    by the share `sigma` of the way to that of each further batch. Of a weight, the percentiles of its values.

    ```mlir
    #npir.percentile<alpha = 0.9995>
    #npir.percentile<alpha = 0.999, sigma = 0.1>
    ```
  }];
  let parameters = (ins
    "::mlir::FloatAttr":$alpha,                     // f64, 0.9 to 0.99999
    OptionalParameter<"::mlir::FloatAttr">:$sigma   // f64, 0 to 1
  );
  let builders = [
    AttrBuilder<(ins "double":$alpha, "std::optional<double>":$sigma), [{
      Type f64 = Float64Type::get($_ctxt);
      return $_get($_ctxt, FloatAttr::get(f64, alpha), sigma ? FloatAttr::get(f64, *sigma) : FloatAttr());
    }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
}

def NPIR_SpecAttr : NPIR_Attr<"Spec", "spec"> {
  let summary = "how one tensor is to be quantized";
  let description = [{
    `#npir.spec<none>` leaves the tensor in float. Otherwise: storage type, scheme, `narrow` where the most negative
    integer is not used, granularity, and the observer that derives the range.

    ```mlir
    #npir.spec<i8 affine per_tensor #npir.minmax>
    #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>
    ```
  }];
  let parameters = (ins
    "unsigned":$bits,             // 0: none
    "bool":$isSigned,
    "::mlir::npir::Scheme":$scheme,
    "bool":$narrow,
    "::mlir::npir::Granularity":$granularity,
    "int64_t":$axis,              // per_channel and per_group only, else -1
    "int64_t":$groupSize,         // per_group only, else 0
    "::mlir::Attribute":$observer // an ObserverAttrInterface; null for none
  );
  let builders = [
    AttrBuilder<(ins), [{ return $_get($_ctxt, 0u, true, Scheme::Symmetric, false, Granularity::PerTensor, -1, 0, Attribute()); }]>
  ];
  let hasCustomAssemblyFormat = 1;
  let genVerifyDecl = 1;
  let extraClassDeclaration = [{
    bool isNone() const { return getBits() == 0; }
  }];
}

//===----------------------------------------------------------------------===//
// Requantization: names an arithmetic and holds its numbers. The interpreter and the lowerings read them and never
// recompute. `min` and `max` are the bounds of the stored result (the storage range, or a fused activation's).
//===----------------------------------------------------------------------===//

def NPIR_RequantAttrInterface : AttrInterface<"RequantAttrInterface"> {
  let cppNamespace = "::mlir::npir";
  let description = [{ The numbers of one exact integer computation. }];
  let methods = [
    InterfaceMethod<"The arithmetic's name, e.g. `f32`, as the program file spells it.",
      "::llvm::StringRef", "getKind", (ins)>,
    InterfaceMethod<"The numbers as named plain attributes, for serialization.",
      "void", "getFields", (ins "::mlir::NamedAttrList &":$fields)>,
    InterfaceMethod<"Smallest stored value of the result.", "int64_t", "getMinValue", (ins)>,
    InterfaceMethod<"Largest stored value of the result.", "int64_t", "getMaxValue", (ins)>,
  ];
}

class NPIR_RequantAttr<string name, string kind>
    : NPIR_Attr<"Requant" # name, "requant_" # kind, [DeclareAttrInterfaceMethods<NPIR_RequantAttrInterface>]> {
  let extraClassDefinition = [{
    ::llvm::StringRef $cppClass::getKind() const { return "}] # kind # [{"; }
    int64_t $cppClass::getMinValue() const { return getMin(); }
    int64_t $cppClass::getMaxValue() const { return getMax(); }
  }];
  let genVerifyDecl = 1;
}

def NPIR_RequantF32Attr : NPIR_RequantAttr<"F32", "f32"> {
  let summary = "int32 accumulator or product times one f32 multiplier per channel, rounded to nearest even";
  let description = [{ `q = clamp(rne(float(acc) * multipliers[c]) + zero_point, min, max)`; one multiplier or one per output channel. }];
  let parameters = (ins "::mlir::DenseF32ArrayAttr":$multipliers, "int64_t":$min, "int64_t":$max);
  // Upstream prints the floats of an array with 7 digits, which is not enough to read the same numbers back.
  let assemblyFormat = "`<` struct(custom<ExactFloats>($multipliers), $min, $max) `>`";
}
def NPIR_RequantShiftAddAttr : NPIR_RequantAttr<"ShiftAdd", "shift_add"> {
  let summary = "the sum of two 8-bit values by 21-bit multipliers and a right shift that rounds half up";
  let description = [{
    `q = clamp(sat16((lhs*(a-za) + rhs*(b-zb) + 2^(shift-1)) >> shift) + zero_point, min, max)`, arithmetic shift, int32.
  }];
  let parameters = (ins "int32_t":$lhs, "int32_t":$rhs, "int32_t":$shift, "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct(params) `>`";
}
def NPIR_RequantMeanAttr : NPIR_RequantAttr<"Mean", "mean"> {
  let summary = "int32 sum over the reduced elements times one f32 multiplier, rounded to nearest even";
  let description = [{ `q = clamp(rne(float(sum(x) - n*zx) * multiplier) + zero_point, min, max)`. }];
  let parameters = (ins "::mlir::FloatAttr":$multiplier, "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct(params) `>`";
}
def NPIR_RequantLayerNormAttr : NPIR_RequantAttr<"LayerNorm", "layer_norm"> {
  let summary = "layer normalization by integer sums, one inverse square root, and a multiplier and an offset per channel";
  let description = [{
    For a row of C stored values `q` (their zero point cancels), with S1 and S2 the sums of `q` and of `q*q`:

        d = C*q - S1                                         exact in int32
        v = double(C*S2 - S1*S1) + double(variance_offset)   the difference exact in int64
        r = v > 0 ? float(1 / sqrt(v)) : 0                   square root and division in double
        y = (float(d) * r) * multipliers[c] + offsets[c]     three f32 operations, each rounded
        result = clamp(rne(y) + zero_point, min, max)

    `variance_offset` is `epsilon * (C / input scale)^2`, `multipliers` the layer's scale over the result's scale, `offsets` the
    layer's offset over the result's scale.
  }];
  let parameters = (ins "::mlir::FloatAttr":$variance_offset, "::mlir::DenseF32ArrayAttr":$multipliers,
    "::mlir::DenseF32ArrayAttr":$offsets, "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct($variance_offset, custom<ExactFloats>($multipliers), custom<ExactFloats>($offsets), $min, $max) `>`";
}
def NPIR_RequantWindowMeanAttr : NPIR_RequantAttr<"WindowMean", "window_mean"> {
  let summary = "int32 sum over a window times the f32 multiplier for its number of elements, rounded to nearest even";
  let description = [{
    `q = clamp(rne(float(sum(x) - n*zx) * multipliers[n-1]) + zero_point, min, max)` over the n elements of the window that count; one
    multiplier for each n up to the window's size. `multipliers[n-1]` is `input scale / (output scale * n)`.
  }];
  let parameters = (ins "::mlir::DenseF32ArrayAttr":$multipliers, "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct(custom<ExactFloats>($multipliers), $min, $max) `>`";
}
def NPIR_RequantInterpolateAttr : NPIR_RequantAttr<"Interpolate", "interpolate"> {
  let summary = "a weighted mean of four 8-bit neighbours by weights of 11 fractional bits, rounded half up";
  let description = [{
    Of neighbours `tl tr bl br` with the weights `wx`, `wy`, each a fraction as `lrint(fraction * 2048)`:

        t = 2048*tl + wx*(tr - tl)            in int32
        b = 2048*bl + wx*(br - bl)
        q = clamp((2048*t + wy*(b - t) + 2^21) >> 22, min, max)   arithmetic shift

    Operand and result have one scale and zero point.
  }];
  let parameters = (ins "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct(params) `>`";
}
def NPIR_RequantTableAttr : NPIR_RequantAttr<"Table", "table"> {
  let summary = "a table of 256 results, indexed by the input's bits as an unsigned byte";
  let parameters = (ins "::mlir::DenseI8ArrayAttr":$table, "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct(params) `>`";
}
def NPIR_RequantQ8Attr : NPIR_RequantAttr<"Q8", "q8"> {
  let summary = "a conversion between two quantized types by a multiplier of 8 fractional bits";
  let description = [{ `q = clamp((((x-zx)*multiplier + 128) >> 8) + zero_point, min, max)`, arithmetic shift: half up. }];
  let parameters = (ins "int32_t":$multiplier, "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct(params) `>`";
}
def NPIR_RequantCopyAttr : NPIR_RequantAttr<"Copy", "copy"> {
  let summary = "stored values pass unchanged, but for the bounds";
  let parameters = (ins "int64_t":$min, "int64_t":$max);
  let assemblyFormat = "`<` struct(params) `>`";
}

def NPIR_AnyRequant : Attr<CPred<"::llvm::isa<::mlir::npir::RequantAttrInterface>($_self)">, "requantization numbers"> {
  let storageType = "::mlir::Attribute";
  let returnType = "::mlir::Attribute";
  let convertFromStorage = "$_self";
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRATTRS_TD
