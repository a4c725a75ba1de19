// This file defines the generated parts of the npir ops and the custom pieces
// of their assembly.
#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::npir;

/// `$value` or, for a quantized result, `$value as $type`.
static ParseResult parseConstant(OpAsmParser &parser, ElementsAttr &value,
                                 Type &type) {
  SMLoc loc = parser.getCurrentLocation();
  Attribute attr;
  if (parser.parseAttribute(attr))
    return failure();
  value = dyn_cast<ElementsAttr>(attr);
  if (!value)
    return parser.emitError(loc, "expected an elements attribute");
  type = value.getShapedType();
  if (succeeded(parser.parseOptionalKeyword("as")))
    return parser.parseType(type);
  return success();
}

static void printConstant(OpAsmPrinter &printer, Operation *,
                          ElementsAttr value, Type type) {
  printer.printAttribute(value);
  if (value.getShapedType() != type)
    printer << " as " << type;
}

/// An enum attribute as a bare keyword. `what` names it in a diagnostic.
template <typename EnumAttr>
static ParseResult parseEnum(OpAsmParser &parser, EnumAttr &attr,
                             StringRef what) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  auto symbol = symbolizeEnum<decltype(attr.getValue())>(keyword);
  if (!symbol)
    return parser.emitError(loc, "unknown ") << what << " '" << keyword << "'";
  attr = EnumAttr::get(parser.getContext(), *symbol);
  return success();
}

static ParseResult parseEnumKeyword(OpAsmParser &parser, ReduceKindAttr &kind) {
  return parseEnum(parser, kind, "reduction");
}
static ParseResult parseEnumKeyword(OpAsmParser &parser, ResizeModeAttr &mode) {
  return parseEnum(parser, mode, "mode");
}
static ParseResult parseEnumKeyword(OpAsmParser &parser,
                                    CompareKindAttr &kind) {
  return parseEnum(parser, kind, "relation");
}
static ParseResult parseEnumKeyword(OpAsmParser &parser,
                                    LogicalKindAttr &kind) {
  return parseEnum(parser, kind, "logical function");
}

template <typename EnumAttr>
static void printEnumKeyword(OpAsmPrinter &printer, Operation *,
                             EnumAttr attr) {
  printer << stringifyEnum(attr.getValue());
}

#define GET_OP_CLASSES
#include "npir/Dialect/NPIR/IR/NPIROps.cpp.inc"
