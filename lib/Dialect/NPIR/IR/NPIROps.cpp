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

/// The kind of a reduction as a bare keyword.
static ParseResult parseReduceKind(OpAsmParser &parser, ReduceKindAttr &kind) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<ReduceKind> symbol = symbolizeReduceKind(keyword);
  if (!symbol)
    return parser.emitError(loc, "unknown reduction '") << keyword << "'";
  kind = ReduceKindAttr::get(parser.getContext(), *symbol);
  return success();
}

static void printReduceKind(OpAsmPrinter &printer, Operation *,
                            ReduceKindAttr kind) {
  printer << stringifyReduceKind(kind.getValue());
}

#define GET_OP_CLASSES
#include "npir/Dialect/NPIR/IR/NPIROps.cpp.inc"
