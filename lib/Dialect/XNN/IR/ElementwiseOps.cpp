// This file implements the elementwise operations.
#include "Verification.h"

#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

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
    float multiplier = npir_kernels::requantMultiplier(lhs, rhs, result);
    if (!npir_kernels::isLegalProductMultiplier(multiplier))
      return op.emitOpError("expected the product of the operand scales / "
                            "result scale in [2^-16, 2^8), got ")
             << multiplier;
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
  if (getOperator_() == BinaryOperator::PRelu && isQuantizedTensor(lhs))
    return emitOpError("expected f32 tensors, got ") << lhs;
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(lhs.getShape(), rhs.getShape());
  if (failed(shape))
    return emitOpError("expected shapes that broadcast, got ")
           << lhs << " and " << rhs;
  if (failed(verifyShape(*this, *shape)) ||
      (isQuantizedTensor(lhs) && failed(verifyRatios(*this))))
    return failure();
  return verifyBounds(*this, getOutputMin(), getOutputMax(), "output_min",
                      "output_max");
}
