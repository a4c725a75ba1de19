// This file implements operations on indices and truth values.
#include "OpVerification.h"

#include "npir/Dialect/NPIR/IR/MaskFill.h"

#include "mlir/IR/TypeUtilities.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// GatherOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> GatherOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  auto data = cast<RankedTensorType>(adaptor.getData().getType());
  auto indices = cast<RankedTensorType>(adaptor.getIndices().getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= data.getRank() || data.isDynamicDim(axis))
    return mlir::emitError(loc)
           << "expected an axis of static size below the rank "
           << data.getRank() << ", got " << axis;
  if (data.getDimSize(axis) < 1)
    return mlir::emitError(loc)
           << "expected elements along axis " << axis << ", got " << data;
  SmallVector<int64_t> shape(data.getShape().take_front(axis));
  llvm::append_range(shape, indices.getShape());
  llvm::append_range(shape, data.getShape().drop_front(axis + 1));
  for (size_t i = 1; i < shape.size(); ++i)
    if (ShapedType::isDynamic(shape[i]))
      return mlir::emitError(loc)
             << "expected only the first dimension of the result dynamic, got "
             << data << " and indices " << indices << " along axis " << axis;
  return shape;
}

Role GatherOp::getOperandRole(unsigned index) {
  return index == 0 ? Role::Activation : Role::Index;
}
SmallVector<unsigned> GatherOp::getSameScaleOperands() { return {0}; }
Arithmetic GatherOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult GatherOp::verify() { return detail::verifyCopy(*this); }

//===----------------------------------------------------------------------===//
// WhereOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> WhereOp::inferShape(Adaptor adaptor,
                                                    Location loc) {
  auto condition = cast<RankedTensorType>(adaptor.getCondition().getType());
  auto shape = detail::inferBroadcast(adaptor.getOnTrue().getType(),
                                      adaptor.getOnFalse().getType(), loc);
  if (failed(shape))
    return failure();
  return detail::inferBroadcast(
      condition, RankedTensorType::get(*shape, condition.getElementType()),
      loc);
}

/// A constant of a number that stands for none. Such a `where` computes in
/// float.
static bool fillsMask(Value value) {
  auto constant = value.getDefiningOp<ConstantOp>();
  auto dense = constant ? dyn_cast<DenseElementsAttr>(constant.getValue())
                        : DenseElementsAttr();
  return dense && dense.isSplat() && dense.getElementType().isF32() &&
         isMaskFill(dense.getSplatValue<float>());
}

Role WhereOp::getOperandRole(unsigned index) {
  if (index == 0)
    return Role::Index;
  return fillsMask(getOperand(index)) ? Role::Parameter : Role::Activation;
}
SmallVector<unsigned> WhereOp::getSameScaleOperands() {
  if (getArithmetic() == Arithmetic::None)
    return {};
  return {1, 2};
}
Arithmetic WhereOp::getArithmetic() {
  return fillsMask(getOnTrue()) || fillsMask(getOnFalse()) ? Arithmetic::None
                                                             : Arithmetic::Copy;
}
LogicalResult WhereOp::verify() {
  Type result = getType().getElementType();
  for (Value operand : {getOnTrue(), getOnFalse()})
    if (Type input = getElementTypeOrSelf(operand); input != result)
      return emitOpError("expected equal element types, got ")
             << input << " and " << result;
  return detail::verifyCopy(*this);
}

//===----------------------------------------------------------------------===//
// CompareOp, LogicalOp and NotOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> CompareOp::inferShape(Adaptor adaptor,
                                                      Location loc) {
  return detail::inferBroadcast(adaptor.getLhs().getType(),
                                adaptor.getRhs().getType(), loc);
}
LogicalResult CompareOp::verify() {
  Type lhs = getLhs().getType().getElementType();
  Type rhs = getRhs().getType().getElementType();
  if (lhs != rhs)
    return emitOpError("expected operands of one element type, got ")
           << lhs << " and " << rhs;
  return success();
}

FailureOr<SmallVector<int64_t>> LogicalOp::inferShape(Adaptor adaptor,
                                                      Location loc) {
  return detail::inferBroadcast(adaptor.getLhs().getType(),
                                adaptor.getRhs().getType(), loc);
}
LogicalResult LogicalOp::verify() { return success(); }

FailureOr<SmallVector<int64_t>> NotOp::inferShape(Adaptor adaptor, Location) {
  return llvm::to_vector(
      cast<RankedTensorType>(adaptor.getInput().getType()).getShape());
}
LogicalResult NotOp::verify() { return success(); }

//===----------------------------------------------------------------------===//
// ArgmaxOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> ArgmaxOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= input.getRank() || input.isDynamicDim(axis))
    return mlir::emitError(loc)
           << "expected an axis of static size below the rank "
           << input.getRank() << ", got " << axis;
  if (input.getDimSize(axis) < 1)
    return mlir::emitError(loc)
           << "expected elements along axis " << axis << ", got " << input;
  auto shape = llvm::to_vector(input.getShape());
  if (adaptor.getKeepDims())
    shape[axis] = 1;
  else
    shape.erase(shape.begin() + axis);
  return shape;
}
LogicalResult ArgmaxOp::verify() { return success(); }

//===----------------------------------------------------------------------===//
// CastOp
//===----------------------------------------------------------------------===//

OpFoldResult CastOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return {};
}
