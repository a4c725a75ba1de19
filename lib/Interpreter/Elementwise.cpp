// This file interprets elementwise ops.
#include "Ops.h"

#include "npir/Kernels/Reference/Elementwise.h"

using namespace mlir;
using namespace mlir::npir;

static FailureOr<Tensor> interpretUnary(Operation *op,
                                        ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  if (!isQuantizedTensor(result.getType())) {
    reference::unary(cast<UnaryOpInterface>(op).getUnaryFunction(),
                     asRef<float>(operands[0]), asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(operands[0]) || !isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  auto requant = cast<RequantAttrInterface>(op->getAttr("requant"));
  if (auto table = dyn_cast<RequantTableAttr>(op->getAttr("requant")))
    reference::tableLookup(asRef<int8_t>(operands[0]),
                           table.getTable().asArrayRef().data(),
                           getBounds(requant), asMutableRef<int8_t>(result));
  else
    reference::clamp(asRef<int8_t>(operands[0]), getBounds(requant),
                     asMutableRef<int8_t>(result));
  return result;
}

/// All functions of two values: the kind of the numbers tells the integer form.
static FailureOr<Tensor> interpretBinary(Operation *op,
                                         ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  if (!isQuantizedTensor(result->getType())) {
    reference::binary(cast<BinaryOpInterface>(op).getBinaryKind(),
                      asRef<float>(operands[0]), asRef<float>(operands[1]),
                      getFloatBounds(op), asMutableRef<float>(*result));
    return result;
  }
  if (!isInt8(operands[0]) || !isInt8(operands[1]) || !isInt8(*result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  auto setCommon = [&](auto &params, RequantAttrInterface requant) {
    params.lhsZeroPoint = getZeroPoint(operands[0]);
    params.rhsZeroPoint = getZeroPoint(operands[1]);
    params.outputZeroPoint = getZeroPoint(*result);
    params.bounds = getBounds(requant);
  };
  auto lhs = asRef<int8_t>(operands[0]), rhs = asRef<int8_t>(operands[1]);
  if (auto requant = op->getAttrOfType<RequantShiftAddAttr>("requant")) {
    reference::AddParams params;
    params.arithmetic = {requant.getLhs(), requant.getRhs(),
                         requant.getShift()};
    setCommon(params, requant);
    reference::add(lhs, rhs, params, asMutableRef<int8_t>(*result));
    return result;
  }
  if (auto requant = op->getAttrOfType<RequantCopyAttr>("requant")) {
    reference::select(cast<BinaryOpInterface>(op).getBinaryKind(), lhs, rhs,
                      getBounds(requant), asMutableRef<int8_t>(*result));
    return result;
  }
  auto requant = op->getAttrOfType<RequantF32Attr>("requant");
  reference::MultiplyParams params;
  params.multiplier = requant.getMultipliers()[0];
  setCommon(params, requant);
  reference::multiply(lhs, rhs, params, asMutableRef<int8_t>(*result));
  return result;
}

OpFunction mlir::npir::lookupElementwise(Operation *op) {
  if (isa<UnaryOpInterface>(op))
    return interpretUnary;
  if (isa<BinaryOpInterface>(op))
    return interpretBinary;
  return nullptr;
}
