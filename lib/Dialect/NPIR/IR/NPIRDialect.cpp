// This file implements the npir dialect: registration, aliases for quantized
// types and constants.
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/IR/DialectImplementation.h"

using namespace mlir;
using namespace mlir::npir;

#include "npir/Dialect/NPIR/IR/NPIRDialect.cpp.inc"
#include "npir/Dialect/NPIR/IR/NPIREnums.cpp.inc"

namespace {
/// Short names for the long quantized types: the printer asks every loaded
/// dialect about every type, so ours may name upstream's.
struct NPIRAsmInterface : OpAsmDialectInterface {
  using OpAsmDialectInterface::OpAsmDialectInterface;

  AliasResult getAlias(Type type, raw_ostream &os) const override {
    if (isa<quant::UniformQuantizedType>(type))
      os << "qt";
    else if (isa<quant::UniformQuantizedPerAxisType>(type))
      os << "qc";
    else
      return AliasResult::NoAlias;
    return AliasResult::FinalAlias;
  }
};
} // namespace

void NPIRDialect::initialize() {
  addInterfaces<NPIRAsmInterface>();
  addOperations<
#define GET_OP_LIST
#include "npir/Dialect/NPIR/IR/NPIROps.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.cpp.inc"
      >();
  registerAttributes();
}

Operation *NPIRDialect::materializeConstant(OpBuilder &builder, Attribute value,
                                            Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getShapedType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, type, elements);
}
