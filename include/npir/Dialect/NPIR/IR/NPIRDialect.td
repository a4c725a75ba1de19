// This file defines the npir dialect.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRDIALECT_TD
#define NPIR_DIALECT_NPIR_IR_NPIRDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"

def NPIR_Dialect : Dialect {
  let name = "npir";
  let cppNamespace = "::mlir::npir";
  let summary = "A neural-network graph on its way from float to exact integers";
  let description = [{
    Operations on ranked tensors with value semantics and no side effects. An op is polymorphic over f32 and the
    upstream quantized element types: the same `npir.conv2d` is the trained float convolution at the start of the road
    and, with quantized types and a `requant` attribute, the exact integer computation at its end.

    Activations are NHWC, convolution filters `[OC, KH, KW, IC/groups]`, depthwise filters `[1, KH, KW, C*multiplier]`,
    linear weights `[OC, IC]`. Only the leading (batch) dimension may be dynamic. A layer's name is its location,
    `loc("name")`.
  }];
  let useDefaultAttributePrinterParser = 1;
  let hasConstantMaterializer = 1;
  let dependentDialects = ["::mlir::quant::QuantDialect"];
  let extraClassDeclaration = [{
    /// Called by initialize(); lives beside the attributes' definitions.
    void registerAttributes();

    /// Function attribute: the station (StationAttr) of the road that a function is at.
    static constexpr ::llvm::StringLiteral kStationAttrName = "npir.station";
    /// Function attribute: the target (StringAttr, e.g. "xnnpack") that a function is compiled for.
    static constexpr ::llvm::StringLiteral kTargetAttrName = "npir.target";
    /// Module attribute: content hash (StringAttr, 32 hex digits) of the prepared graph and its constants.
    static constexpr ::llvm::StringLiteral kModelHashAttrName = "npir.model_hash";
    /// Attribute of a layer at `integer`: why (StringAttr, a phrase) it computes in float.
    static constexpr ::llvm::StringLiteral kFloatReasonAttrName = "npir.float_reason";
    /// Attribute of a layer from `observed` on: why (StringAttr, a phrase) it has another scheme than the configuration asks for.
    static constexpr ::llvm::StringLiteral kSchemeNoteAttrName = "npir.scheme_note";
  }];
}

#endif // NPIR_DIALECT_NPIR_IR_NPIRDIALECT_TD
