// This file implements the operations of schemes that quantize activations at
// run time, or weights alone.
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"

#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/IR/OpImplementation.h"

using namespace mlir;
using namespace mlir::npir;

#define GET_OP_CLASSES
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.cpp.inc"

quant::UniformQuantizedType
mlir::npir::getIntegersOnlyType(MLIRContext *context, unsigned bits,
                                int64_t min, int64_t max) {
  return quant::UniformQuantizedType::get(
      quant::QuantizationFlags::Signed, IntegerType::get(context, bits),
      Float32Type::get(context), /*scale=*/1.0, /*zeroPoint=*/0, min, max);
}

bool mlir::npir::isIntegersOnly(Type type) {
  auto uniform = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(type));
  return uniform && uniform.isSigned() && uniform.getScale() == 1.0 &&
         uniform.getZeroPoint() == 0 &&
         uniform.getStorageTypeIntegralWidth() <= 8;
}

LogicalResult DynamicQuantizeOp::verify() {
  auto type = cast<RankedTensorType>(getType());
  if (type.getRank() < 1 || type.isDynamicDim(type.getRank() - 1))
    return emitOpError("expected a last dimension of static size, got ")
           << type;
  return success();
}

/// Integers `[OC, IC]` of scale 1, and scales `[OC, G]` where G divides IC.
static LogicalResult verifyScaledWeight(Operation *op, Value weight,
                                        Value scales) {
  auto type = cast<RankedTensorType>(weight.getType());
  auto scaleType = cast<RankedTensorType>(scales.getType());
  if (type.getRank() != 2 || !type.hasStaticShape())
    return op->emitOpError("expected weights of static shape [OC, IC], got ")
           << type;
  if (failed(verifyQuantizedTensor([&] { return op->emitOpError(); }, type)))
    return failure();
  if (!isIntegersOnly(type))
    return op->emitOpError("expected weights as signed integers of up to 8 "
                           "bits in a type of scale 1 and zero point 0, got ")
           << getQuantizedElementType(type);
  if (scaleType.getRank() != 2 || !scaleType.hasStaticShape() ||
      scaleType.getDimSize(0) != type.getDimSize(0) ||
      scaleType.getDimSize(1) < 1 ||
      type.getDimSize(1) % scaleType.getDimSize(1) != 0)
    return op->emitOpError("expected scales [")
           << type.getDimSize(0) << ", G] where G divides "
           << type.getDimSize(1) << ", got " << scaleType;
  return success();
}

LogicalResult DequantizeGroupsOp::verify() {
  if (failed(verifyScaledWeight(*this, getInput(), getScales())))
    return failure();
  if (cast<RankedTensorType>(getInput().getType()).getShape() !=
      cast<RankedTensorType>(getType()).getShape())
    return emitOpError("expected equal shapes, got ")
           << getInput().getType() << " and " << getType();
  return success();
}

FailureOr<SmallVector<int64_t>> DynamicLinearOp::inferShape(Adaptor adaptor,
                                                            Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  if (weight.getRank() != 2 || !weight.hasStaticShape())
    return mlir::emitError(loc)
           << "expected weight of static shape [OC, IC], got " << weight;
  if (input.getRank() < 2 || input.getShape().back() != weight.getDimSize(1))
    return mlir::emitError(loc) << "expected input [..., "
                                << weight.getDimSize(1) << "], got " << input;
  if (Value bias = adaptor.getBias()) {
    auto type = cast<RankedTensorType>(bias.getType());
    if (type.getShape() != ArrayRef(weight.getDimSize(0)))
      return mlir::emitError(loc) << "expected bias of shape ["
                                  << weight.getDimSize(0) << "], got " << type;
  }
  auto shape = llvm::to_vector(input.getShape());
  shape.back() = weight.getDimSize(0);
  return shape;
}

Role DynamicLinearOp::getOperandRole(unsigned index) {
  switch (index) {
  case 0:
    return Role::Activation;
  case 1:
    return Role::Weight;
  case 2:
    return Role::Parameter;
  default:
    return Role::Bias;
  }
}

std::optional<int64_t> DynamicLinearOp::getChannelAxis(unsigned index) {
  return index == 0 ? std::nullopt : std::optional<int64_t>(0);
}

LogicalResult DynamicLinearOp::verify() {
  return verifyScaledWeight(*this, getWeight(), getScales());
}
