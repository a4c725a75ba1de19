// This file implements how npir ops that multiply and accumulate with constant
// weights become xnn ops.
#include "LowerOps.h"
#include "StoredWeights.h"

#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// Filter and bias with a scale per output channel.
struct Weights {
  Value filter, bias;
};
} // namespace

/// A quantized constant has a scale per channel inside, whatever it had before:
/// per-tensor weights are rounded otherwise on ARM. What is not a constant is
/// captured, for the verifier to refuse.
static Weights useWeights(Segment &segment, Value filter, Value bias,
                          Value input, int64_t axis) {
  auto useAs = [&](Value value, Type elementType) {
    if (!value.getDefiningOp<ConstantOp>())
      return segment.use(value);
    return segment.useConstant(value,
                               withElementType(value.getType(), elementType));
  };
  quant::QuantizedType inputType = getQuantizedElementType(input.getType());
  auto type = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(filter.getType()));
  if (!type || !inputType)
    return {useFilter(segment, filter), bias ? segment.use(bias) : Value()};
  int64_t channels = cast<RankedTensorType>(filter.getType()).getDimSize(axis);
  auto perChannel = quant::UniformQuantizedPerAxisType::get(
      type.getFlags(), type.getStorageType(), type.getExpressedType(),
      SmallVector<double>(channels, type.getScale()),
      SmallVector<int64_t>(channels, type.getZeroPoint()),
      static_cast<int32_t>(axis), type.getStorageTypeMin(),
      type.getStorageTypeMax());
  Weights weights{useAs(filter, perChannel), Value()};
  if (bias) {
    // In f32 it is for the verifier to refuse.
    Type biasType = getElementTypeOrSelf(bias);
    if (isa<quant::QuantizedType>(biasType))
      biasType = getBiasType(getScales(inputType).front(), perChannel);
    weights.bias = useAs(bias, biasType);
  }
  return weights;
}

static Value lower(Conv2DOp op, Segment &segment) {
  Weights weights =
      useWeights(segment, op.getFilter(), op.getBias(), op.getInput(), 0);
  RealBounds bounds = getRealBounds(op);
  Value input = segment.use(op.getInput());
  return xnn::Convolution2DOp::create(
      segment.getBuilder(), op.getLoc(), op.getType(), input, weights.filter,
      weights.bias, toXNNPadding(op.getPads()), op.getStrides(),
      op.getDilations(), op.getGroups(), bounds.min, bounds.max);
}

static Value lower(DepthwiseConv2DOp op, Segment &segment) {
  Weights weights =
      useWeights(segment, op.getFilter(), op.getBias(), op.getInput(), 3);
  RealBounds bounds = getRealBounds(op);
  Value input = segment.use(op.getInput());
  int64_t multiplier =
      cast<RankedTensorType>(op.getFilter().getType()).getDimSize(3) /
      cast<RankedTensorType>(op.getInput().getType()).getDimSize(3);
  return xnn::DepthwiseConvolution2DOp::create(
      segment.getBuilder(), op.getLoc(), op.getType(), input, weights.filter,
      weights.bias, toXNNPadding(op.getPads()), op.getStrides(),
      op.getDilations(), multiplier, bounds.min, bounds.max);
}

static Value lower(LinearOp op, Segment &segment) {
  Operation *maker = op.getWeight().getDefiningOp();
  if (maker && isStoredWeight(maker))
    return lowerWithStoredWeight(op, segment);
  Weights weights =
      useWeights(segment, op.getWeight(), op.getBias(), op.getInput(), 0);
  RealBounds bounds = getRealBounds(op);
  Value input = segment.use(op.getInput());
  return xnn::FullyConnectedOp::create(segment.getBuilder(), op.getLoc(),
                                       op.getType(), input, weights.filter,
                                       weights.bias, bounds.min, bounds.max);
}

static Value lower(DynamicLinearOp op, Segment &segment) {
  return lowerDynamic(op, segment);
}

static Value lower(TransposeConv2DOp op, Segment &segment) {
  Weights weights =
      useWeights(segment, op.getFilter(), op.getBias(), op.getInput(), 0);
  RealBounds bounds = getRealBounds(op);
  Value input = segment.use(op.getInput());
  // What is added behind the result and what is cut off there cancel:
  // XNNPACK's limit is for what is left.
  SmallVector<int64_t> pads(op.getPads()), extra(op.getOutputPadding());
  for (int i = 0; i < 2; ++i) {
    int64_t both = std::min(pads[2 * i + 1], extra[i]);
    pads[2 * i + 1] -= both;
    extra[i] -= both;
  }
  return xnn::Deconvolution2DOp::create(
      segment.getBuilder(), op.getLoc(), op.getType(), input, weights.filter,
      weights.bias, toXNNPadding(pads), extra, op.getStrides(),
      op.getDilations(), op.getGroups(), bounds.min, bounds.max);
}

FailureOr<Value> mlir::npir::lowerMultiplyAccumulate(Operation *op,
                                                     Segment &segment) {
  return llvm::TypeSwitch<Operation *, FailureOr<Value>>(op)
      .Case<Conv2DOp, DepthwiseConv2DOp, TransposeConv2DOp, LinearOp,
            DynamicLinearOp>([&](auto typed) { return lower(typed, segment); })
      .Default([](Operation *) { return failure(); });
}
