// This file interprets quantize and dequantize.
#include "Ops.h"

#include "npir/Kernels/Reference/Elementwise.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// Scales and zero points of a type as the kernels take them.
struct Scales {
  explicit Scales(quant::QuantizedType type)
      : scales(getScales(type)), axis(getQuantizedAxis(type).value_or(0)) {
    for (int64_t zeroPoint : getZeroPoints(type))
      zeroPoints.push_back(static_cast<int32_t>(zeroPoint));
  }
  reference::ScaleParams getParams() const {
    return {scales.data(), zeroPoints.data(),
            static_cast<int64_t>(scales.size()), static_cast<int>(axis)};
  }

  SmallVector<float> scales;
  SmallVector<int32_t> zeroPoints;
  int64_t axis;
};
} // namespace

static reference::QuantizedBounds getStorageBounds(quant::QuantizedType type) {
  return {static_cast<int32_t>(type.getStorageTypeMin()),
          static_cast<int32_t>(type.getStorageTypeMax())};
}

static FailureOr<Tensor> interpretQuantize(Operation *op,
                                           ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  quant::QuantizedType type = getQuantizedElementType(result.getType());
  if (!isInt8(result))
    return op->emitOpError("can be run for 8-bit signed types only, got ")
           << type;
  if (!isQuantizedTensor(operands[0].getType())) {
    reference::quantize(asRef<float>(operands[0]), Scales(type).getParams(),
                        getStorageBounds(type), asMutableRef<int8_t>(result));
    return result;
  }
  auto requant = op->getAttrOfType<RequantQ8Attr>("requant");
  if (!requant || !isInt8(operands[0]))
    return op->emitOpError("has an integer form for 8-bit signed types with "
                           "requant numbers only");
  reference::requantize(asRef<int8_t>(operands[0]),
                        {requant.getMultiplier(), getZeroPoint(operands[0]),
                         getZeroPoint(result), getBounds(requant)},
                        asMutableRef<int8_t>(result));
  return result;
}

static FailureOr<Tensor> interpretDequantize(Operation *op,
                                             ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  quant::QuantizedType type = getQuantizedElementType(operands[0].getType());
  Scales scales(type);
  if (isInt8(operands[0]))
    reference::dequantize(asRef<int8_t>(operands[0]), scales.getParams(),
                          asMutableRef<float>(result));
  else if (type.getStorageTypeIntegralWidth() == 32 && type.isSigned())
    reference::dequantize(asRef<int32_t>(operands[0]), scales.getParams(),
                          asMutableRef<float>(result));
  else
    return op->emitOpError("can be run for 8-bit and 32-bit signed types "
                           "only, got ")
           << type;
  return result;
}

OpFunction mlir::npir::lookupQuantization(Operation *op) {
  if (isa<QuantizeOp>(op))
    return interpretQuantize;
  if (isa<DequantizeOp>(op))
    return interpretDequantize;
  return nullptr;
}
