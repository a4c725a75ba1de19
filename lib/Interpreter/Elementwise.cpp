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

static FailureOr<Tensor> interpretAdd(Operation *op,
                                      ArrayRef<Tensor> operands) {
  // The batch may come from either operand.
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto shape = llvm::to_vector(type.getShape());
  if (!shape.empty() && type.isDynamicDim(0))
    for (const Tensor &operand : operands)
      if (operand.getShape().size() == shape.size())
        shape[0] = std::max(shape[0], operand.getShape()[0]);
  Tensor result = makeResult(op, shape);
  if (!isQuantizedTensor(type)) {
    reference::add(asRef<float>(operands[0]), asRef<float>(operands[1]),
                   getFloatBounds(op), asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(operands[0]) || !isInt8(operands[1]) || !isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  auto requant = op->getAttrOfType<RequantShiftAddAttr>("requant");
  reference::AddParams params;
  params.arithmetic = {requant.getLhs(), requant.getRhs(), requant.getShift()};
  params.lhsZeroPoint = getZeroPoint(operands[0]);
  params.rhsZeroPoint = getZeroPoint(operands[1]);
  params.outputZeroPoint = getZeroPoint(result);
  params.bounds = getBounds(requant);
  reference::add(asRef<int8_t>(operands[0]), asRef<int8_t>(operands[1]), params,
                 asMutableRef<int8_t>(result));
  return result;
}

OpFunction mlir::npir::lookupElementwise(Operation *op) {
  if (isa<UnaryOpInterface>(op))
    return interpretUnary;
  if (isa<AddOp>(op))
    return interpretAdd;
  return nullptr;
}
