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

//===----------------------------------------------------------------------===//
// AddOp
//===----------------------------------------------------------------------===//

/// Numpy's broadcasting. A dynamic batch meets a dynamic one or a 1.
FailureOr<SmallVector<int64_t>> AddOp::inferShape(Adaptor adaptor,
                                                  Location loc) {
  auto lhs = cast<RankedTensorType>(adaptor.getLhs().getType());
  auto rhs = cast<RankedTensorType>(adaptor.getRhs().getType());
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

Arithmetic AddOp::getArithmetic() { return Arithmetic::Add; }
LogicalResult AddOp::verify() {
  if (failed(detail::verifyTypes(*this)))
    return failure();
  return detail::verifyRequant<RequantShiftAddAttr>(*this);
}
