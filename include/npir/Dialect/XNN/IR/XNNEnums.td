// This file defines the xnn dialect's enums: XNNPACK's elementwise and reducing
// functions by the names that program files use. Only this file is given to the
// enum generators, which take no dialect filter.
#ifndef NPIR_DIALECT_XNN_IR_XNNENUMS_TD
#define NPIR_DIALECT_XNN_IR_XNNENUMS_TD

include "mlir/IR/EnumAttr.td"

class XNN_Enum<string name, string summary, list<I32EnumAttrCase> cases> : I32EnumAttr<name, summary, cases> {
  let cppNamespace = "::mlir::npir::xnn";
  let genSpecializedAttr = 0;
}

def XNN_UnaryOperator : XNN_Enum<"UnaryOperator", "a function of one value", [
  I32EnumAttrCase<"Clamp", 0, "clamp">,
  I32EnumAttrCase<"Convert", 1, "convert">,
  I32EnumAttrCase<"Abs", 2, "abs">,
  I32EnumAttrCase<"Negate", 3, "negate">,
  I32EnumAttrCase<"Square", 4, "square">,
  I32EnumAttrCase<"Elu", 5, "elu">,
  I32EnumAttrCase<"Exp", 6, "exp">,
  I32EnumAttrCase<"Gelu", 7, "gelu">,
  I32EnumAttrCase<"HardSwish", 8, "hardswish">,
  I32EnumAttrCase<"Log", 9, "log">,
  I32EnumAttrCase<"Sigmoid", 10, "sigmoid">,
  I32EnumAttrCase<"SquareRoot", 11, "square_root">,
  I32EnumAttrCase<"Rsqrt", 12, "rsqrt">,
  I32EnumAttrCase<"Tanh", 13, "tanh">,
  I32EnumAttrCase<"Floor", 14, "floor">,
  I32EnumAttrCase<"Ceiling", 15, "ceiling">]>;

def XNN_BinaryOperator : XNN_Enum<"BinaryOperator", "a function of two values", [
  I32EnumAttrCase<"Add", 0, "add">,
  I32EnumAttrCase<"Subtract", 1, "subtract">,
  I32EnumAttrCase<"Multiply", 2, "multiply">,
  I32EnumAttrCase<"Divide", 3, "divide">,
  I32EnumAttrCase<"Maximum", 4, "maximum">,
  I32EnumAttrCase<"Minimum", 5, "minimum">,
  I32EnumAttrCase<"PRelu", 6, "prelu">]>; // x, times y where x is negative

def XNN_ReduceOperator : XNN_Enum<"ReduceOperator", "the combining function of a reduction", [
  I32EnumAttrCase<"Mean", 0, "mean">,
  I32EnumAttrCase<"Sum", 1, "sum">]>;

#endif // NPIR_DIALECT_XNN_IR_XNNENUMS_TD
