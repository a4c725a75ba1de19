// This file maps convolutions and linear layers to XNNPACK.
#include "XnnOps.h"
#include "npir/Kernels/PoolLegality.h"

#include <cmath>

namespace npir_rt {

bool hasStoredFilter(OpChecker &checker) {
  return checker.input(0).type == ElementType::F32 &&
         checker.input(1).type == ElementType::I8;
}

namespace {

/// The filter's value; one of integers beside an input of f32 becomes f32.
uint32_t defineFilter(const XnnSubgraph &subgraph, OpChecker &checker,
                      const Op &op) {
  if (!hasStoredFilter(checker))
    return subgraph.input(op, 1);
  const TensorInfo &filter = checker.input(1);
  const Quantization &quant = filter.quantization;
  // Elements of one channel that stand together.
  size_t inner = 1;
  for (size_t i = size_t(quant.axis + 1); i < filter.shape.size(); ++i)
    inner *= size_t(filter.shape[i]);
  const size_t count = size_t(numElements(filter.shape));
  auto *data =
      subgraph.allocate<float>(count + XNN_EXTRA_BYTES / sizeof(float));
  const auto *stored = static_cast<const int8_t *>(filter.data);
  for (size_t i = 0; i < count; ++i)
    data[i] = float(stored[i]) * quant.scales[i / inner % quant.scales.size()];
  const std::vector<size_t> dims(filter.shape.begin(), filter.shape.end());
  uint32_t id = XNN_INVALID_VALUE_ID;
  xnn_define_tensor_value(subgraph.graph, xnn_datatype_fp32, dims.size(),
                          dims.data(), data, XNN_INVALID_VALUE_ID, 0, &id);
  return id;
}

/// Types, scales and sizes of a filter and bias. Filter dimension `axis` has
/// one entry per output channel.
void verifyWeights(OpChecker &checker, int axis) {
  const TensorInfo &input = checker.input(0), &filter = checker.input(1);
  const TensorInfo &output = checker.output();
  if (!checker.expect(filter.isConstant(), "expected the filter '" + filter.id +
                                               "' to be a constant"))
    return;
  const int64_t channels = filter.shape[axis];
  const bool quantized = input.type == ElementType::I8;
  const TensorInfo *bias =
      checker.numInputs() > 2 ? &checker.input(2) : nullptr;
  const bool isStored = hasStoredFilter(checker) && filter.shape.size() == 4;
  if (!checker.expect(output.type == input.type &&
                          (filter.type == input.type || isStored),
                      "expected input, filter and result of one type"))
    return;
  if (bias &&
      !checker.expect(bias->isConstant() && bias->shape == Shape{channels} &&
                          bias->type ==
                              (quantized ? ElementType::I32 : ElementType::F32),
                      "expected the bias '" + bias->id + "' to be " +
                          std::to_string(channels) +
                          (quantized ? " i32" : " f32") + " constants"))
    return;
  if (!quantized && !isStored)
    return;

  const Quantization &weights = filter.quantization;
  const bool perChannel = weights.isPerAxis();
  if (!checker.expect(!weights.empty() && (!perChannel || weights.axis == axis),
                      "expected the filter's scales to be one, or along "
                      "dimension " +
                          std::to_string(axis)))
    return;
  for (size_t i = 0; i < weights.scales.size(); ++i)
    if (!checker.expect(isUsableScale(weights.scales[i]) &&
                            weights.zeroPoints[i] == 0,
                        "expected usable filter scales and zero points of 0"))
      return;
  if (isStored ||
      (bias && !checker.expect(
                   bias->quantization.scales.size() == weights.scales.size() &&
                       bias->quantization.isPerAxis() == perChannel,
                   "expected as many scales for the bias as for the "
                   "filter")))
    return;
  const float inputScale = input.quantization.scales[0];
  const float outputScale = output.quantization.scales[0];
  for (size_t i = 0; i < weights.scales.size(); ++i) {
    const float scale = weights.scales[i];
    // XNNPACK refuses 256 and more; below 2^-32 it only asserts.
    const float ratio = inputScale * scale / outputScale;
    if (!checker.expect(ratio < 256.0f && ratio >= 0x1.0p-32f,
                        "input scale * filter scale / output scale must be in "
                        "[2^-32, 256)"))
      return;
    // XNNPACK ignores the bias' scale: another one would be a wrong result.
    if (!bias)
      continue;
    const double expected = double(inputScale) * scale;
    const float got = bias->quantization.scales[i];
    if (!checker.expect(isUsableScale(got) &&
                            bias->quantization.zeroPoints[i] == 0 &&
                            std::fabs(got - expected) <= 1e-5 * expected,
                        "expected bias scale " + std::to_string(i) + " to be " +
                            "input scale * filter scale, and its zero point 0"))
      return;
  }
}

Window readWindow(OpChecker &checker, int64_t kernelH, int64_t kernelW) {
  constexpr int64_t limit = 1 << 16;
  auto padding = checker.getInts<4>("padding", {0, 0, 0, 0}, 0, limit);
  auto strides = checker.getInts<2>("strides", {1, 1}, 1, limit);
  auto dilations = checker.getInts<2>("dilations", {1, 1}, 1, limit);
  return {kernelH,      kernelW,    strides[0], strides[1], dilations[0],
          dilations[1], padding[0], padding[1], padding[2], padding[3]};
}

/// What both convolutions have in common.
bool verifyOperands(OpChecker &checker) {
  if (!checker.operandCounts(2, 3) ||
      !checker.expectActivation(checker.input(0), 4) ||
      !checker.expectActivation(checker.output(), 4) ||
      !checker.expect(checker.input(1).shape.size() == 4,
                      "expected the filter to have rank 4"))
    return false;
  readBounds(checker);
  return checker.ok();
}

} // namespace

void verifyConvolution2D(OpChecker &checker) {
  if (!verifyOperands(checker))
    return;
  const Shape input = checker.inputShape(0), &filter = checker.input(1).shape;
  const int64_t groups = checker.getInt("groups", 1, 1, input[3]);
  checker.expect(input[3] == groups * filter[3] && filter[0] % groups == 0,
                 "a filter of shape " + toString(filter) + " in " +
                     std::to_string(groups) + " groups does not fit " +
                     std::to_string(input[3]) + " input channels");
  verifyWeights(checker, 0);
  checker.expectOutputShape(inferWindowed(
      checker, input, readWindow(checker, filter[1], filter[2]), filter[0]));
}

xnn_status defineConvolution2D(const XnnSubgraph &subgraph, OpChecker &checker,
                               const Op &op) {
  const Shape &filter = checker.input(1).shape;
  const Window w = readWindow(checker, filter[1], filter[2]);
  const Bounds bounds = readBounds(checker);
  const int64_t groups = checker.getInt("groups", 1, 1, INT64_MAX);
  return xnn_define_convolution_2d(
      subgraph.graph, w.top, w.right, w.bottom, w.left, w.kernelH, w.kernelW,
      w.strideH, w.strideW, w.dilationH, w.dilationW, groups, filter[3],
      filter[0] / groups, bounds.min, bounds.max, subgraph.input(op, 0),
      defineFilter(subgraph, checker, op), subgraph.input(op, 2),
      subgraph.output(op), 0);
}

void verifyDepthwiseConvolution2D(OpChecker &checker) {
  if (!verifyOperands(checker))
    return;
  const Shape input = checker.inputShape(0), &filter = checker.input(1).shape;
  const int64_t multiplier = filter[3] / input[3];
  checker.expect(filter[0] == 1 && filter[3] % input[3] == 0,
                 "a filter of shape " + toString(filter) + " does not fit " +
                     std::to_string(input[3]) + " input channels");
  checker.getInt("depth_multiplier", multiplier, multiplier, multiplier);
  verifyWeights(checker, 3);
  checker.expectOutputShape(inferWindowed(
      checker, input, readWindow(checker, filter[1], filter[2]), filter[3]));
}

xnn_status defineDepthwiseConvolution2D(const XnnSubgraph &subgraph,
                                        OpChecker &checker, const Op &op) {
  const Shape &filter = checker.input(1).shape;
  const Window w = readWindow(checker, filter[1], filter[2]);
  const Bounds bounds = readBounds(checker);
  const int64_t channels = checker.input(0).shape[3];
  return xnn_define_depthwise_convolution_2d(
      subgraph.graph, w.top, w.right, w.bottom, w.left, w.kernelH, w.kernelW,
      w.strideH, w.strideW, w.dilationH, w.dilationW, filter[3] / channels,
      channels, bounds.min, bounds.max, subgraph.input(op, 0),
      defineFilter(subgraph, checker, op), subgraph.input(op, 2),
      subgraph.output(op), 0);
}

/// What is added to the result at the bottom and right.
static std::array<int64_t, 2> readAdjustment(OpChecker &checker) {
  return checker.getInts<2>("adjustment", {0, 0}, 0, 1 << 16);
}

void verifyDeconvolution2D(OpChecker &checker) {
  if (!verifyOperands(checker))
    return;
  const Shape input = checker.inputShape(0), &filter = checker.input(1).shape;
  const int64_t groups = checker.getInt("groups", 1, 1, input[3]);
  checker.expect(input[3] == groups * filter[3] && filter[0] % groups == 0,
                 "a filter of shape " + toString(filter) + " in " +
                     std::to_string(groups) + " groups does not fit " +
                     std::to_string(input[3]) + " input channels");
  verifyWeights(checker, 0);
  const Window w = readWindow(checker, filter[1], filter[2]);
  const auto adjustment = readAdjustment(checker);
  const npir_kernels::DeconvolutionSize size = npir_kernels::inferDeconvolution(
      {input[1], input[2]}, {w.kernelH, w.kernelW}, {w.strideH, w.strideW},
      {w.top, w.bottom, w.left, w.right}, adjustment,
      {w.dilationH, w.dilationW});
  checker.expect(!size.problem, size.problem ? size.problem : "");
  checker.expectOutputShape({input[0], size.size[0], size.size[1], filter[0]});
}

xnn_status defineDeconvolution2D(const XnnSubgraph &subgraph,
                                 OpChecker &checker, const Op &op) {
  const Shape &filter = checker.input(1).shape;
  const Window w = readWindow(checker, filter[1], filter[2]);
  const auto adjustment = readAdjustment(checker);
  const Bounds bounds = readBounds(checker);
  const int64_t groups = checker.getInt("groups", 1, 1, INT64_MAX);
  return xnn_define_deconvolution_2d(
      subgraph.graph, w.top, w.right, w.bottom, w.left, adjustment[0],
      adjustment[1], w.kernelH, w.kernelW, w.strideH, w.strideW, w.dilationH,
      w.dilationW, groups, filter[3], filter[0] / groups, bounds.min,
      bounds.max, subgraph.input(op, 0), defineFilter(subgraph, checker, op),
      subgraph.input(op, 2), subgraph.output(op), 0);
}

void verifyFullyConnected(OpChecker &checker) {
  if (!checker.operandCounts(2, 3) ||
      !checker.expectActivation(checker.input(0)) ||
      !checker.expectActivation(checker.output()) ||
      !checker.expect(checker.input(1).shape.size() == 2 &&
                          !checker.input(0).shape.empty(),
                      "expected an input of rank 1 or more and a filter of "
                      "rank 2"))
    return;
  readBounds(checker);
  Shape shape = checker.inputShape(0);
  const Shape &filter = checker.input(1).shape;
  checker.expect(shape.back() == filter[1],
                 "a filter of shape " + toString(filter) +
                     " does not fit an input of shape " + toString(shape));
  verifyWeights(checker, 0);
  shape.back() = filter[0];
  checker.expectOutputShape(shape);
}

xnn_status defineFullyConnected(const XnnSubgraph &subgraph, OpChecker &checker,
                                const Op &op) {
  const Bounds bounds = readBounds(checker);
  return xnn_define_fully_connected(
      subgraph.graph, bounds.min, bounds.max, subgraph.input(op, 0),
      subgraph.input(op, 1), subgraph.input(op, 2), subgraph.output(op), 0);
}

} // namespace npir_rt
