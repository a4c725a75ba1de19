// This file interprets what multiplies and accumulates.
#include "Ops.h"

#include "npir/Kernels/Reference/Convolution.h"

using namespace mlir;
using namespace mlir::npir;

/// The numbers of a quantized multiply-accumulate, from the op's attribute and
/// types.
static reference::AccumulatorParams getAccumulatorParams(RequantF32Attr requant,
                                                         const Tensor &input,
                                                         const Tensor &result) {
  reference::AccumulatorParams params;
  ArrayRef<float> multipliers = requant.getMultipliers().asArrayRef();
  params.multipliers = multipliers.data();
  params.numMultipliers = multipliers.size();
  params.inputZeroPoint = getZeroPoint(input);
  params.outputZeroPoint = getZeroPoint(result);
  params.bounds = getBounds(requant);
  return params;
}

/// Call `run(typed tensors, bias, numbers)` in float or in integers.
template <typename Run>
static FailureOr<Tensor>
interpretMultiplyAccumulate(Operation *op, ArrayRef<Tensor> operands, Run run) {
  Tensor result = makeBatchedResult(op, operands[0]);
  const Tensor *bias = operands.size() > 2 ? &operands[2] : nullptr;
  if (!isQuantizedTensor(result.getType())) {
    run(asRef<float>(operands[0]), asRef<float>(operands[1]),
        bias ? bias->as<float>() : nullptr, getFloatBounds(op),
        asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(operands[0]) || !isInt8(operands[1]) || !isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  run(asRef<int8_t>(operands[0]), asRef<int8_t>(operands[1]),
      bias ? bias->as<int32_t>() : nullptr,
      getAccumulatorParams(op->getAttrOfType<RequantF32Attr>("requant"),
                           operands[0], result),
      asMutableRef<int8_t>(result));
  return result;
}

static FailureOr<Tensor> interpretConv2D(Operation *op,
                                         ArrayRef<Tensor> operands) {
  auto conv = cast<Conv2DOp>(op);
  return interpretMultiplyAccumulate(op, operands,
                                     [&](auto input, auto filter, auto *bias,
                                         const auto &numbers, auto result) {
                                       reference::conv2d(
                                           input, filter, bias, getWindow(conv),
                                           conv.getGroups(), numbers, result);
                                     });
}

static FailureOr<Tensor> interpretTransposeConv2D(Operation *op,
                                                  ArrayRef<Tensor> operands) {
  auto conv = cast<TransposeConv2DOp>(op);
  return interpretMultiplyAccumulate(op, operands,
                                     [&](auto input, auto filter, auto *bias,
                                         const auto &numbers, auto result) {
                                       reference::transposeConv2d(
                                           input, filter, bias, getWindow(conv),
                                           conv.getGroups(), numbers, result);
                                     });
}

static FailureOr<Tensor> interpretDepthwise(Operation *op,
                                            ArrayRef<Tensor> operands) {
  auto conv = cast<DepthwiseConv2DOp>(op);
  return interpretMultiplyAccumulate(op, operands,
                                     [&](auto input, auto filter, auto *bias,
                                         const auto &numbers, auto result) {
                                       reference::depthwiseConv2d(
                                           input, filter, bias, getWindow(conv),
                                           numbers, result);
                                     });
}

static FailureOr<Tensor> interpretLinear(Operation *op,
                                         ArrayRef<Tensor> operands) {
  return interpretMultiplyAccumulate(op, operands,
                                     [](auto input, auto weight, auto *bias,
                                        const auto &numbers, auto result) {
                                       reference::linear(input, weight, bias,
                                                         numbers, result);
                                     });
}

OpFunction mlir::npir::lookupConvolution(Operation *op) {
  if (isa<Conv2DOp>(op))
    return interpretConv2D;
  if (isa<DepthwiseConv2DOp>(op))
    return interpretDepthwise;
  if (isa<TransposeConv2DOp>(op))
    return interpretTransposeConv2D;
  if (isa<LinearOp>(op))
    return interpretLinear;
  return nullptr;
}
