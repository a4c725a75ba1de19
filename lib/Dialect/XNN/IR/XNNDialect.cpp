// This file implements the xnn dialect: registration and generated parts.
#include "npir/Dialect/XNN/IR/XNNDialect.h"
#include "npir/Dialect/XNN/IR/XNNHybridOps.h"
#include "npir/Dialect/XNN/IR/XNNOps.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

#include "npir/Dialect/XNN/IR/XNNDialect.cpp.inc"
#include "npir/Dialect/XNN/IR/XNNEnums.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "npir/Dialect/XNN/IR/XNNAttrs.cpp.inc"

/// An operator as a bare keyword.
template <typename EnumAttr>
static ParseResult parseKeyword(OpAsmParser &parser, EnumAttr &attr) {
  using Enum = decltype(std::declval<EnumAttr>().getValue());
  FailureOr<Enum> value = FieldParser<Enum>::parse(parser);
  if (failed(value))
    return failure();
  attr = EnumAttr::get(parser.getContext(), *value);
  return success();
}

template <typename EnumAttr>
static void printKeyword(OpAsmPrinter &printer, Operation *, EnumAttr attr) {
  printer << attr.getValue();
}

#define GET_OP_CLASSES
#include "npir/Dialect/XNN/IR/XNNOps.cpp.inc"

void XNNDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "npir/Dialect/XNN/IR/XNNOps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "npir/Dialect/XNN/IR/XNNHybridOps.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "npir/Dialect/XNN/IR/XNNAttrs.cpp.inc"
      >();
}
