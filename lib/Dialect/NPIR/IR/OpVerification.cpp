// This file implements the checks that the npir ops' verifiers share.
#include "OpVerification.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::npir;

LogicalResult mlir::npir::detail::verifyTypes(Operation *op) {
  auto emit = [&] { return op->emitOpError(); };
  for (Type type : op->getOperandTypes())
    if (failed(verifyQuantizedTensor(emit, type)))
      return failure();
  for (Type type : op->getResultTypes())
    if (failed(verifyQuantizedTensor(emit, type)))
      return failure();
  auto quantizable = cast<QuantizableOpInterface>(op);
  bool quantized = isQuantizedTensor(op->getResult(0).getType());
  for (OpOperand *operand : quantizable.getOperandsWithRole(Role::Activation))
    if (isQuantizedTensor(operand->get().getType()) != quantized)
      return op->emitOpError("expected activations all in f32 or all "
                             "quantized, got operand ")
             << operand->get().getType() << " and result "
             << op->getResult(0).getType();
  return success();
}

LogicalResult
mlir::npir::detail::verifyRequantAttr(Operation *op,
                                      function_ref<bool(Attribute)> isAllowed) {
  Attribute attr = op->getAttr("requant");
  if (!attr)
    return success();
  quant::QuantizedType type =
      getQuantizedElementType(op->getResult(0).getType());
  if (!type)
    return op->emitOpError("has requant numbers but a float result");
  if (!isAllowed(attr))
    return op->emitOpError("has no arithmetic that takes ") << attr;
  auto requant = cast<RequantAttrInterface>(attr);
  if (requant.getMinValue() < type.getStorageTypeMin() ||
      requant.getMaxValue() > type.getStorageTypeMax())
    return op->emitOpError("expected requant bounds in [")
           << type.getStorageTypeMin() << ", " << type.getStorageTypeMax()
           << "], got [" << requant.getMinValue() << ", "
           << requant.getMaxValue() << "]";
  return success();
}

LogicalResult mlir::npir::detail::verifyMultiplyAccumulate(
    Operation *op, Value input, Value weight, Value bias, Value result,
    int64_t channelAxis) {
  if (failed(verifyTypes(op)) || failed(verifyRequant<RequantF32Attr>(op)))
    return failure();
  quant::QuantizedType inputType = getQuantizedElementType(input.getType());
  quant::QuantizedType weightType = getQuantizedElementType(weight.getType());
  quant::QuantizedType biasType =
      bias ? getQuantizedElementType(bias.getType()) : quant::QuantizedType();
  if (!inputType) {
    if (weightType || biasType)
      return op->emitOpError("expected weight and bias in f32 for a float "
                             "input, got ")
             << weight.getType();
    return success();
  }
  if (!weightType)
    return op->emitOpError("expected a quantized weight for a quantized "
                           "input, got ")
           << weight.getType();
  if (isa<quant::UniformQuantizedPerAxisType>(inputType) ||
      isa<quant::UniformQuantizedPerAxisType>(
          getQuantizedElementType(result.getType())))
    return op->emitOpError("expected per-tensor activations");
  for (int64_t zeroPoint : getZeroPoints(weightType))
    if (zeroPoint != 0)
      return op->emitOpError("expected weight zero point 0, got ") << zeroPoint;
  if (std::optional<int64_t> axis = getQuantizedAxis(weightType))
    if (*axis != channelAxis)
      return op->emitOpError("expected the weight's scales along axis ")
             << channelAxis << ", got " << *axis;
  if (bias) {
    quant::QuantizedType expected =
        getBiasType(getScales(inputType).front(), weightType);
    if (biasType != expected)
      return op->emitOpError("expected bias type ")
             << expected << ", got "
             << cast<RankedTensorType>(bias.getType()).getElementType();
  }
  if (auto requant = op->getAttrOfType<RequantF32Attr>("requant")) {
    size_t count = requant.getMultipliers().size();
    if (count != getScales(weightType).size())
      return op->emitOpError("expected ")
             << getScales(weightType).size()
             << " multipliers, one per weight scale, got " << count;
  }
  return success();
}

LogicalResult mlir::npir::detail::verifySameScale(Operation *op) {
  if (failed(verifyTypes(op)))
    return failure();
  Type result =
      cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
  for (unsigned index : cast<QuantizableOpInterface>(op).getSameScaleOperands())
    if (Type input = getElementTypeOrSelf(op->getOperand(index));
        input != result)
      return op->emitOpError("expected equal element types, got ")
             << input << " and " << result;
  return success();
}

LogicalResult mlir::npir::detail::verifyCopy(Operation *op) {
  if (failed(verifySameScale(op)))
    return failure();
  return verifyRequant<RequantCopyAttr>(op);
}

LogicalResult mlir::npir::detail::verifyFloatOnly(Operation *op) {
  auto isQuantized = [](Type type) { return isQuantizedTensor(type); };
  if (llvm::any_of(op->getOperandTypes(), isQuantized) ||
      llvm::any_of(op->getResultTypes(), isQuantized))
    return op->emitOpError("has no integer form, expected f32 tensors");
  return success();
}
