// This file implements elementwise operations.
#include "OpVerification.h"

using namespace mlir;
using namespace mlir::npir;

LogicalResult mlir::npir::detail::verifyUnary(Operation *op) {
  if (failed(verifyTypes(op)))
    return failure();
  return verifyRequant<RequantTableAttr, RequantCopyAttr>(op);
}

LogicalResult ClampOp::verify() {
  if (!(getMin() < getMax()))
    return emitOpError("expected min < max, got ")
           << getMin().convertToFloat() << " and " << getMax().convertToFloat();
  return detail::verifyUnary(*this);
}

FailureOr<SmallVector<int64_t>>
mlir::npir::detail::inferBroadcast(Type lhsType, Type rhsType, Location loc) {
  auto lhs = cast<RankedTensorType>(lhsType);
  auto rhs = cast<RankedTensorType>(rhsType);
  int64_t rank = std::max(lhs.getRank(), rhs.getRank());
  auto dimOf = [&](RankedTensorType type, int64_t i) -> int64_t {
    int64_t index = i - (rank - type.getRank());
    return index < 0 ? 1 : type.getDimSize(index);
  };
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t a = dimOf(lhs, i), b = dimOf(rhs, i);
    if (a != b && a != 1 && b != 1)
      return mlir::emitError(loc)
             << "expected shapes that broadcast, got " << lhs << " and " << rhs;
    shape.push_back(a == 1 ? b : a);
  }
  return shape;
}

LogicalResult mlir::npir::detail::verifyBinary(Operation *op) {
  if (failed(verifyTypes(op)))
    return failure();
  switch (cast<QuantizableOpInterface>(op).getArithmetic()) {
  case Arithmetic::Add:
  case Arithmetic::Subtract:
    return verifyRequant<RequantShiftAddAttr>(op);
  case Arithmetic::Multiply:
    if (auto requant = op->getAttrOfType<RequantF32Attr>("requant");
        requant && requant.getMultipliers().size() != 1)
      return op->emitOpError("expected one multiplier, got ")
             << requant.getMultipliers().size();
    return verifyRequant<RequantF32Attr>(op);
  case Arithmetic::Copy:
    return verifyCopy(op);
  default:
    return verifyFloatOnly(op);
  }
}
