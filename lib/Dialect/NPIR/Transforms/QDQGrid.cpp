// This file implements which real numbers quantized types stand for, and which
// ops hand them on.
#include "QDQGrid.h"

#include "npir/Kernels/Requantize.h"

#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::npir;

quant::QuantizedType mlir::npir::getRealGrid(quant::QuantizedType type) {
  SmallVector<int64_t> zeroPoints = getZeroPoints(type);
  int64_t zeroPoint = zeroPoints.front();
  if (type.getStorageTypeIntegralWidth() > 16 || !llvm::all_equal(zeroPoints))
    return type;
  MLIRContext *context = type.getContext();
  unsigned flags = quant::QuantizationFlags::Signed;
  Type i32 = IntegerType::get(context, 32);
  int64_t min = type.getStorageTypeMin() - zeroPoint;
  int64_t max = type.getStorageTypeMax() - zeroPoint;
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type))
    return quant::UniformQuantizedType::get(flags, i32, type.getExpressedType(),
                                            uniform.getScale(), 0, min, max);
  auto perAxis = cast<quant::UniformQuantizedPerAxisType>(type);
  SmallVector<int64_t> zeros(zeroPoints.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(
      flags, i32, type.getExpressedType(), perAxis.getScales(), zeros,
      perAxis.getQuantizedDimension(), min, max);
}

bool mlir::npir::isExactRoundTrip(quant::QuantizedType type) {
  return type.getStorageTypeIntegralWidth() <= 16 &&
         llvm::all_of(getScales(type), npir_kernels::isLegalScale);
}

quant::QuantizedType mlir::npir::getGridOf(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return {};
  return getRealGrid(getQuantizedElementType(dequantize.getInput().getType()));
}

quant::QuantizedType mlir::npir::getGridOfUsers(Value value) {
  quant::QuantizedType grid;
  for (Operation *user : value.getUsers()) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    if (!quantize)
      return {};
    quant::QuantizedType found =
        getRealGrid(getQuantizedElementType(quantize.getType()));
    if (grid && grid != found)
      return {};
    grid = found;
  }
  return grid;
}

int32_t mlir::npir::quantizeNumber(float number,
                                   quant::UniformQuantizedType type) {
  float inverse = 1.0f / static_cast<float>(type.getScale());
  return npir_kernels::quantizeToGrid(
      number, inverse, static_cast<int32_t>(type.getZeroPoint()),
      static_cast<int32_t>(type.getStorageTypeMin()),
      static_cast<int32_t>(type.getStorageTypeMax()));
}

bool mlir::npir::isOnGrid(float number, quant::UniformQuantizedType type) {
  float nearest = npir_kernels::dequantizeValue(
      quantizeNumber(number, type), static_cast<float>(type.getScale()),
      static_cast<int32_t>(type.getZeroPoint()));
  return llvm::bit_cast<uint32_t>(number) == llvm::bit_cast<uint32_t>(nearest);
}

/// The numbers that an op which moves values has beside its operands.
static SmallVector<float> getOwnNumbers(Operation *op) {
  SmallVector<float> numbers;
  for (NamedAttribute attribute : op->getAttrs())
    if (auto number = dyn_cast<FloatAttr>(attribute.getValue()))
      numbers.push_back(static_cast<float>(number.getValueAsDouble()));
  return numbers;
}

std::optional<Passage> mlir::npir::getPassage(Operation *op) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (!quantizable || op->getNumResults() != 1)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.getElementType().isF32())
    return std::nullopt;
  if (auto unary = dyn_cast<UnaryOpInterface>(op)) {
    npir_kernels::UnaryFunction function = unary.getUnaryFunction();
    if (function.kind != npir_kernels::UnaryKind::Clamp)
      return std::nullopt;
    Passage clamp{{0}, {}, false};
    for (float bound : {function.a, function.b})
      if (std::isfinite(bound))
        clamp.numbers.push_back(bound);
    return clamp;
  }
  Passage copy{quantizable.getSameScaleOperands(), getOwnNumbers(op), true};
  if (quantizable.getArithmetic() != Arithmetic::Copy || copy.operands.empty())
    return std::nullopt;
  llvm::sort(copy.operands);
  // Values that come in beside those could be anything.
  for (OpOperand *operand : quantizable.getOperandsWithRole(Role::Activation))
    if (!copy.handsOn(operand->getOperandNumber()))
      return std::nullopt;
  return copy;
}
