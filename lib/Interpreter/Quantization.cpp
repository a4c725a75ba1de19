// This file interprets the operations of quantization itself.
#include "Ops.h"

#include "npir/Dialect/NPIR/IR/ByteTypes.h"
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

/// Call `fn` with a value of the type that stores `type`; false where there is
/// none.
template <typename Fn>
static bool withStorage(quant::QuantizedType type, Fn fn) {
  unsigned width = type.getStorageTypeIntegralWidth();
  if (width <= 8)
    type.isSigned() ? fn(int8_t()) : fn(uint8_t());
  else if (width <= 16)
    type.isSigned() ? fn(int16_t()) : fn(uint16_t());
  else
    return false;
  return true;
}

static FailureOr<Tensor> interpretQuantize(Operation *op,
                                           ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  quant::QuantizedType type = getQuantizedElementType(result.getType());
  if (!isQuantizedTensor(operands[0].getType())) {
    bool isKnown = withStorage(type, [&](auto storage) {
      reference::quantize(asRef<float>(operands[0]), Scales(type).getParams(),
                          getStorageBounds(type),
                          asMutableRef<decltype(storage)>(result));
    });
    if (!isKnown)
      return op->emitOpError("can be run for up to 16 bits only, got ") << type;
    return result;
  }
  if (isByteShift(operands[0].getType(), result.getType())) {
    // 128 more or less, modulo 256.
    std::transform(operands[0].as<uint8_t>(),
                   operands[0].as<uint8_t>() + result.getNumElements(),
                   result.asMutable<uint8_t>(),
                   [](uint8_t value) { return value ^ 0x80; });
    return result;
  }
  auto requant = op->getAttrOfType<RequantQ8Attr>("requant");
  if (!requant || !isInt8(operands[0]) || !isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types with "
                           "requant numbers only");
  reference::requantize(asRef<int8_t>(operands[0]),
                        {requant.getMultiplier(), getZeroPoint(operands[0]),
                         getZeroPoint(result), getBounds(requant)},
                        asMutableRef<int8_t>(result));
  return result;
}

/// False where nothing reads the storage.
static bool dequantizeInto(const Tensor &tensor, Tensor &result) {
  quant::QuantizedType type = getQuantizedElementType(tensor.getType());
  Scales scales(type);
  auto dequantize = [&](auto storage) {
    reference::dequantize(asRef<decltype(storage)>(tensor), scales.getParams(),
                          asMutableRef<float>(result));
  };
  if (type.getStorageTypeIntegralWidth() != 32 || !type.isSigned())
    return withStorage(type, dequantize);
  dequantize(int32_t());
  return true;
}

Tensor mlir::npir::dequantize(const Tensor &tensor) {
  Tensor result(withElementType(
      tensor.getType(), Float32Type::get(tensor.getType().getContext())));
  [[maybe_unused]] bool isKnown = dequantizeInto(tensor, result);
  assert(isKnown && "the interpreter made the tensor");
  return result;
}

static FailureOr<Tensor> interpretDequantize(Operation *op,
                                             ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  if (!dequantizeInto(operands[0], result))
    return op->emitOpError("can be run for up to 16 bits and for 32-bit signed "
                           "types only, got ")
           << getQuantizedElementType(operands[0].getType());
  return result;
}

static FailureOr<Tensor> interpretRoundToGrid(Operation *op,
                                              ArrayRef<Tensor> operands) {
  auto round = cast<RoundToGridOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  SmallVector<int32_t> zeroPoints(round.getZeroPoints());
  reference::roundToGrid(asRef<float>(operands[0]),
                         {round.getScales().data(), zeroPoints.data(),
                          static_cast<int64_t>(zeroPoints.size()),
                          static_cast<int>(round.getAxis())},
                         {static_cast<int32_t>(round.getMin()),
                          static_cast<int32_t>(round.getMax())},
                         asMutableRef<float>(result));
  return result;
}

OpFunction mlir::npir::lookupQuantization(Operation *op) {
  if (isa<QuantizeOp>(op))
    return interpretQuantize;
  if (isa<DequantizeOp>(op))
    return interpretDequantize;
  if (isa<RoundToGridOp>(op))
    return interpretRoundToGrid;
  return nullptr;
}
