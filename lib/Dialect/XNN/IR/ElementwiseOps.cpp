// This file implements the elementwise operations.
#include "Verification.h"

#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

/// Limits of the product of the input scales over the result's scale in an
/// integer multiplication (qs8-vmul's asserts).
static constexpr float kMinProductRatio = 0x1.0p-16f;
static constexpr float kProductRatioLimit = 0x1.0p+8f; // exclusive

LogicalResult UnaryOp::verify() {
  UnaryOperator function = getOperator_();
  bool isConvert = function == UnaryOperator::Convert;
  Value input = getInput(), result = getResult();
  if (failed(isConvert ? verifyActivations(*this, {input, result})
                       : verifySameKind(*this, {input, result})) ||
      failed(verifyShape(*this,
                         cast<RankedTensorType>(input.getType()).getShape())))
    return failure();
  if (function != UnaryOperator::Clamp && (getMin() || getMax()))
    return emitOpError("expected min and max on clamp only");
  if (getAlpha() && function != UnaryOperator::Elu)
    return emitOpError("expected alpha on elu only");
  if (getAlpha() && !getAlpha()->isFinite())
    return emitOpError("expected a finite alpha");
  if (isConvert && isQuantizedTensor(input.getType()) &&
      isQuantizedTensor(result.getType())) {
    float ratio = getScale(input) / getScale(result);
    if (!npir_kernels::isLegalConvertRatio(ratio))
      return emitOpError("expected input scale / result scale in "
                         "[2^-8, 2^7], got ")
             << ratio;
  }
  return verifyBounds(*this, getMin(), getMax(), "min", "max");
}

/// Numpy's broadcasting. A dynamic batch meets a dynamic one or a 1.
static FailureOr<SmallVector<int64_t>> broadcast(RankedTensorType lhs,
                                                 RankedTensorType rhs) {
  int64_t rank = std::max(lhs.getRank(), rhs.getRank());
  auto dimOf = [&](RankedTensorType type, int64_t i) -> int64_t {
    int64_t index = i - (rank - type.getRank());
    return index < 0 ? 1 : type.getDimSize(index);
  };
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < rank; ++i) {
    int64_t a = dimOf(lhs, i), b = dimOf(rhs, i);
    if (a != b && a != 1 && b != 1)
      return failure();
    shape.push_back(a == 1 ? b : a);
  }
  return shape;
}

/// Release builds compute nonsense outside of these ranges.
static LogicalResult verifyRatios(BinaryOp op) {
  float lhs = getScale(op.getLhs()), rhs = getScale(op.getRhs());
  float result = getScale(op.getResult());
  switch (op.getOperator_()) {
  case BinaryOperator::Add:
  case BinaryOperator::Subtract:
    for (float scale : {lhs, rhs})
      if (!npir_kernels::isLegalAddRatio(scale / result))
        return op.emitOpError("expected operand scale / result scale in "
                              "[2^-10, 2^8), got ")
               << scale / result;
    return success();
  case BinaryOperator::Multiply: {
    float ratio = lhs * rhs / result;
    if (!(ratio >= kMinProductRatio && ratio < kProductRatioLimit))
      return op.emitOpError("expected the product of the operand scales / "
                            "result scale in [2^-16, 2^8), got ")
             << ratio;
    return success();
  }
  default: // computed in float
    return success();
  }
}

LogicalResult BinaryOp::verify() {
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  auto rhs = cast<RankedTensorType>(getRhs().getType());
  if (failed(verifySameKind(*this, {getLhs(), getRhs(), getResult()})))
    return failure();
  FailureOr<SmallVector<int64_t>> shape = broadcast(lhs, rhs);
  if (failed(shape))
    return emitOpError("expected shapes that broadcast, got ")
           << lhs << " and " << rhs;
  if (failed(verifyShape(*this, *shape)) ||
      (isQuantizedTensor(lhs) && failed(verifyRatios(*this))))
    return failure();
  return verifyBounds(*this, getOutputMin(), getOutputMax(), "output_min",
                      "output_max");
}
