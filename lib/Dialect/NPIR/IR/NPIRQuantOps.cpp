// This file implements the operations of quantization itself.
#include "OpVerification.h"

#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;

/// A resolved type agrees with the spec that asked for it.
static LogicalResult verifyResolved(ObserveOp op, Type type, SpecAttr spec) {
  auto quantized = dyn_cast<quant::QuantizedType>(type);
  if (!quantized)
    return op.emitOpError("expected a quantized element type, got ") << type;
  if (spec.isNone())
    return op.emitOpError("has a resolved type but the spec none");
  if (quantized.getStorageTypeIntegralWidth() != spec.getBits() ||
      quantized.isSigned() != spec.getIsSigned())
    return op.emitOpError("expected the storage type of ")
           << spec << ", got " << quantized;
  return verifyQuantizedTensor(
      [&] { return op.emitOpError(); },
      withElementType(op.getInput().getType(), quantized));
}

LogicalResult ObserveOp::verify() {
  if (getId().empty())
    return emitOpError("expected an id");
  SpecAttr spec = getSpec();
  int64_t rank = cast<RankedTensorType>(getType()).getRank();
  if (spec.getAxis() >= rank)
    return emitOpError("expected the spec's axis below the rank ")
           << rank << ", got " << spec.getAxis();
  if (std::optional<Type> type = getResolved())
    if (failed(verifyResolved(*this, *type, spec)))
      return failure();
  if (std::optional<Type> type = getPerTensor()) {
    if (!getResolved() ||
        !isa<quant::UniformQuantizedPerAxisType>(*getResolved()) ||
        !isa<quant::UniformQuantizedType>(*type))
      return emitOpError(
          "expected a per_tensor type only beside a per-channel resolved type");
    return verifyResolved(*this, *type, spec);
  }
  return success();
}

Arithmetic QuantizeOp::getArithmetic() {
  return isQuantizedTensor(getInput().getType()) ? Arithmetic::Convert
                                                 : Arithmetic::None;
}

static LogicalResult verifySameShape(Operation *op) {
  Type input = op->getOperand(0).getType(), result = op->getResult(0).getType();
  auto emit = [&] { return op->emitOpError(); };
  if (failed(verifyQuantizedTensor(emit, input)) ||
      failed(verifyQuantizedTensor(emit, result)))
    return failure();
  if (cast<RankedTensorType>(input).getShape() !=
      cast<RankedTensorType>(result).getShape())
    return op->emitOpError("expected equal shapes, got ")
           << input << " and " << result;
  return success();
}

LogicalResult QuantizeOp::verify() {
  if (failed(verifySameShape(*this)))
    return failure();
  if (std::optional<Type> type = getPerTensor())
    if (!isa<quant::UniformQuantizedType>(*type))
      return emitOpError("expected a per-tensor quantized type, got ") << *type;
  if (getRequant() && !isQuantizedTensor(getInput().getType()))
    return emitOpError("has requant numbers but a float operand");
  return detail::verifyRequant<RequantQ8Attr>(*this);
}

LogicalResult DequantizeOp::verify() { return verifySameShape(*this); }

LogicalResult RoundToGridOp::verify() {
  auto min = static_cast<int64_t>(getMin()),
       max = static_cast<int64_t>(getMax());
  if (!npir_kernels::isLegalGrid(min, max))
    return emitOpError("expected integers of up to 16 bits, got [")
           << min << ", " << max << "]";
  auto axis = static_cast<int64_t>(getAxis());
  auto type = cast<RankedTensorType>(getType());
  if (axis < -1 || axis >= type.getRank())
    return emitOpError("expected an axis below the rank ")
           << type.getRank() << " or -1, got " << axis;
  int64_t count = axis < 0 ? 1 : type.getDimSize(axis);
  if (ShapedType::isDynamic(count))
    return emitOpError("expected a static size along axis ") << axis;
  for (size_t size : {getScales().size(), getZeroPoints().size()})
    if (static_cast<int64_t>(size) != count)
      return emitOpError("expected ")
             << count << " scales and zero points, got " << size;
  for (float scale : getScales())
    if (!npir_kernels::isLegalScale(scale))
      return emitOpError("expected scales in [2^-120, 2^120], got ") << scale;
  for (int64_t zeroPoint : getZeroPoints())
    if (zeroPoint < min || zeroPoint > max)
      return emitOpError("expected zero points in [")
             << min << ", " << max << "], got " << zeroPoint;
  return success();
}
