// This file implements the choice of what interprets an op, and what those
// functions share.
#include "Ops.h"

using namespace mlir;
using namespace mlir::npir;

OpFunction mlir::npir::lookupOp(Operation *op) {
  for (auto lookup :
       {lookupConvolution, lookupAttention, lookupDynamic, lookupElementwise,
        lookupNormalization, lookupPooling, lookupSpatial, lookupDataMovement,
        lookupIndex, lookupQuantization})
    if (OpFunction function = lookup(op))
      return function;
  return nullptr;
}

Tensor mlir::npir::makeResult(Operation *op, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  return Tensor(RankedTensorType::get(shape, type.getElementType()));
}

Tensor mlir::npir::makeBatchedResult(Operation *op, const Tensor &operand) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto shape = llvm::to_vector(type.getShape());
  if (type.getRank() > 0 && type.isDynamicDim(0))
    shape[0] = operand.getShape()[0];
  return makeResult(op, shape);
}

FailureOr<Tensor> mlir::npir::makeBatchedResult(Operation *op,
                                                ArrayRef<Tensor> operands) {
  const Tensor *batched = nullptr;
  for (auto [value, tensor] : llvm::zip_equal(op->getOperands(), operands)) {
    auto type = cast<RankedTensorType>(value.getType());
    if (type.getRank() == 0 || !type.isDynamicDim(0))
      continue;
    if (batched && batched->getShape()[0] != tensor.getShape()[0])
      return op->emitOpError("expected operands of one batch size, got ")
             << batched->getShape()[0] << " and " << tensor.getShape()[0];
    batched = &tensor;
  }
  return makeBatchedResult(op, batched ? *batched : operands.front());
}

bool mlir::npir::isInt8(const Tensor &tensor) {
  quant::QuantizedType type = getQuantizedElementType(tensor.getType());
  return type && type.isSigned() && type.getStorageTypeIntegralWidth() == 8;
}

int32_t mlir::npir::getZeroPoint(const Tensor &tensor) {
  return static_cast<int32_t>(
      getZeroPoints(getQuantizedElementType(tensor.getType())).front());
}

reference::FloatBounds mlir::npir::getFloatBounds(Operation *op) {
  reference::FloatBounds bounds;
  if (auto clamped = dyn_cast<ClampedOpInterface>(op))
    std::tie(bounds.min, bounds.max) = clamped.getClampRange();
  return bounds;
}

reference::QuantizedBounds mlir::npir::getBounds(RequantAttrInterface requant) {
  return {static_cast<int32_t>(requant.getMinValue()),
          static_cast<int32_t>(requant.getMaxValue())};
}
