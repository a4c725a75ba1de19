// This file defines the xnn dialect and its attributes.
#ifndef NPIR_DIALECT_XNN_IR_XNNDIALECT_TD
#define NPIR_DIALECT_XNN_IR_XNNDIALECT_TD

include "mlir/IR/AttrTypeBase.td"
include "mlir/IR/OpBase.td"
include "npir/Dialect/XNN/IR/XNNEnums.td"

def XNN_Dialect : Dialect {
  let name = "xnn";
  let cppNamespace = "::mlir::npir::xnn";
  let summary = "Calls of XNNPACK";
  let description = [{
    One op per function that defines a node of an XNNPACK subgraph (`xnn_define_*`), with that function's parameters,
    inside `xnn.subgraph`. Tensors are f32, or signed 8-bit with one scale; filters are constants of f32, or 8 bits with
    zero point 0 and a scale per output channel or one in all; their biases are int32.

    A release build of XNNPACK checks only part of what it needs and computes garbage on the rest, so the verifiers here
    hold every check: what passes them, XNNPACK 20241108 computes correctly.
  }];
  let useDefaultAttributePrinterParser = 1;
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
}

class XNN_EnumAttr<EnumAttrInfo info, string mnemonic> : EnumAttr<XNN_Dialect, info, mnemonic> {
  let assemblyFormat = "`<` $value `>`";
}
def XNN_UnaryOperatorAttr : XNN_EnumAttr<XNN_UnaryOperator, "unary_operator">;
def XNN_BinaryOperatorAttr : XNN_EnumAttr<XNN_BinaryOperator, "binary_operator">;
def XNN_ReduceOperatorAttr : XNN_EnumAttr<XNN_ReduceOperator, "reduce_operator">;

#endif // NPIR_DIALECT_XNN_IR_XNNDIALECT_TD
