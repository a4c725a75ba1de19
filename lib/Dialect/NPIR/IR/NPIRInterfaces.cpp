// This file implements the op interfaces of the npir dialect, and what the ops
// share.
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

using namespace mlir;
using namespace mlir::npir;

#include "npir/Dialect/NPIR/IR/NPIRInterfaces.cpp.inc"

SmallVector<OpOperand *>
QuantizableOpInterface::getOperandsWithRole(Role role) {
  SmallVector<OpOperand *> operands;
  for (OpOperand &operand : getOperation()->getOpOperands())
    if (getOperandRole(operand.getOperandNumber()) == role)
      operands.push_back(&operand);
  return operands;
}

LogicalResult mlir::npir::detail::verifyQuantizableOp(Operation *op) {
  auto quantizable = cast<QuantizableOpInterface>(op);
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned index = operand.getOperandNumber();
    std::optional<int64_t> axis = quantizable.getChannelAxis(index);
    auto type = dyn_cast<RankedTensorType>(operand.get().getType());
    if (axis && type && (*axis < 0 || *axis >= type.getRank()))
      return op->emitOpError("expected channel axis of operand #")
             << index << " below its rank " << type.getRank() << ", got "
             << *axis;
  }
  for (unsigned index : quantizable.getSameScaleOperands())
    if (index >= op->getNumOperands())
      return op->emitOpError("names operand #")
             << index << " as sharing the result's scale, but has only "
             << op->getNumOperands() << " operands";
  return success();
}

int64_t mlir::npir::detail::countWeightProducts(Operation *op) {
  auto quantizable = cast<QuantizableOpInterface>(op);
  int64_t products = 0;
  for (OpOperand *operand : quantizable.getOperandsWithRole(Role::Weight)) {
    auto type = cast<RankedTensorType>(operand->get().getType());
    std::optional<int64_t> channels =
        quantizable.getChannelAxis(operand->getOperandNumber());
    int64_t perChannel = 1;
    for (int64_t i = 0; i < type.getRank(); ++i)
      perChannel *= i == channels ? 1 : type.getDimSize(i);
    products += perChannel;
  }
  return products;
}

LogicalResult mlir::npir::detail::verifyClampedOp(Operation *op) {
  auto [min, max] = cast<ClampedOpInterface>(op).getClampRange();
  if (!(min < max))
    return op->emitOpError("expected clamp_min < clamp_max, got ")
           << min << " and " << max;
  return success();
}

LogicalResult
mlir::npir::detail::inferType(FailureOr<SmallVector<int64_t>> shape,
                              Type element, SmallVectorImpl<Type> &types) {
  if (failed(shape))
    return failure();
  types.push_back(RankedTensorType::get(*shape, element));
  return success();
}

Type mlir::npir::detail::getMovedElement(Type type) {
  Type element = cast<RankedTensorType>(type).getElementType();
  return isa<IntegerType>(element) ? element
                                   : Float32Type::get(type.getContext());
}

bool mlir::npir::detail::haveSameShapes(TypeRange inferred, TypeRange actual) {
  if (inferred.size() != actual.size())
    return false;
  for (auto [a, b] : llvm::zip_equal(inferred, actual)) {
    auto aTensor = dyn_cast<RankedTensorType>(a);
    auto bTensor = dyn_cast<RankedTensorType>(b);
    if (!aTensor || !bTensor || aTensor.getShape() != bTensor.getShape() ||
        getMovedElement(aTensor) != getMovedElement(bTensor))
      return false;
  }
  return true;
}
