// This file interprets normalization.
#include "Ops.h"

#include "npir/Kernels/LayerNorm.h"
#include "npir/Kernels/Reference/Elementwise.h"
#include "npir/Kernels/Reference/GroupNorm.h"
#include "npir/Kernels/Reference/LayerNorm.h"

using namespace mlir;
using namespace mlir::npir;

static FailureOr<Tensor> interpretBatchNorm(Operation *op,
                                            ArrayRef<Tensor> operands) {
  auto norm = cast<BatchNormOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::batchNorm(
      asRef<float>(operands[0]), operands[1].as<float>(),
      operands[2].as<float>(), operands[3].as<float>(), operands[4].as<float>(),
      norm.getEpsilon().convertToFloat(), static_cast<int>(norm.getAxis()),
      asMutableRef<float>(result));
  return result;
}

static FailureOr<Tensor> interpretLayerNorm(Operation *op,
                                            ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  if (!isQuantizedTensor(result.getType())) {
    reference::layerNorm(asRef<float>(operands[0]), operands[1].as<float>(),
                         operands[2].as<float>(),
                         cast<LayerNormOp>(op).getEpsilon().convertToFloat(),
                         asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(operands[0]) || !isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  if (int64_t channels = result.getShape().back();
      !npir_kernels::isLegalLayerNorm(channels))
    return op->emitOpError("has an integer form for 1 to ")
           << npir_kernels::kMaxLayerNormChannels << " channels only, got "
           << channels;
  auto requant = op->getAttrOfType<RequantLayerNormAttr>("requant");
  reference::LayerNormParams params;
  params.varianceOffset =
      requant.getVarianceOffset().getValue().convertToFloat();
  params.multipliers = requant.getMultipliers().asArrayRef().data();
  params.offsets = requant.getOffsets().asArrayRef().data();
  params.outputZeroPoint = getZeroPoint(result);
  params.bounds = getBounds(requant);
  reference::layerNorm(asRef<int8_t>(operands[0]), params,
                       asMutableRef<int8_t>(result));
  return result;
}

static FailureOr<Tensor> interpretGroupNorm(Operation *op,
                                            ArrayRef<Tensor> operands) {
  auto norm = cast<GroupNormOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::groupNorm(asRef<float>(operands[0]), operands[1].as<float>(),
                       operands[2].as<float>(), norm.getGroups(),
                       norm.getEpsilon().convertToFloat(),
                       asMutableRef<float>(result));
  return result;
}

static FailureOr<Tensor> interpretRMSNorm(Operation *op,
                                          ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::rmsNorm(asRef<float>(operands[0]), operands[1].as<float>(),
                     cast<RMSNormOp>(op).getEpsilon().convertToFloat(),
                     asMutableRef<float>(result));
  return result;
}

static FailureOr<Tensor> interpretPrelu(Operation *op,
                                        ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::prelu(asRef<float>(operands[0]), operands[1].as<float>(),
                   asMutableRef<float>(result));
  return result;
}

OpFunction mlir::npir::lookupNormalization(Operation *op) {
  if (isa<BatchNormOp>(op))
    return interpretBatchNorm;
  if (isa<LayerNormOp>(op))
    return interpretLayerNorm;
  if (isa<GroupNormOp>(op))
    return interpretGroupNorm;
  if (isa<RMSNormOp>(op))
    return interpretRMSNorm;
  if (isa<PreluOp>(op))
    return interpretPrelu;
  return nullptr;
}
