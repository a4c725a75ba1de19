// This file implements what lint measures of weights and biases.
#include "LintWeights.h"

#include "npir/Dialect/NPIR/IR/Constants.h"

#include "mlir/IR/Matchers.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

/// The f32 constant, of any dialect, that defines `value`.
static ElementsAttr getFloatElements(Value value) {
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) || !attr.getElementType().isF32())
    return {};
  return attr;
}

double WeightChannels::getLargest() const {
  double result = 0;
  for (double value : largest)
    result = std::max(result, value);
  return result;
}

double WeightChannels::getScale(int64_t channel) const {
  double magnitude = isPerTensor ? getLargest() : largest[channel];
  return magnitude / double((int64_t(1) << (bits - 1)) - 1);
}

double WeightChannels::getLargestSum(int64_t channel) const {
  double scale = getScale(channel);
  return scale > 0 ? 255 * sum[channel] / scale : 0;
}

SmallVector<int64_t> WeightChannels::getDeadChannels() const {
  double least = std::ldexp(getLargest(), -20);
  SmallVector<int64_t> dead;
  for (int64_t channel = 0; channel < size(); ++channel)
    if (largest[channel] <= least)
      dead.push_back(channel);
  return dead;
}

SmallVector<int64_t> WeightChannels::getLostChannels() const {
  double least = std::ldexp(getLargest(), -20);
  SmallVector<int64_t> lost;
  for (int64_t channel = 0; channel < size(); ++channel)
    if (largest[channel] > least && largest[channel] < getScale(channel) / 2)
      lost.push_back(channel);
  return lost;
}

double WeightChannels::getScaleRatio() const {
  double smallest = INFINITY;
  for (double value : largest)
    if (value > 0)
      smallest = std::min(smallest, value);
  return std::isinf(smallest) ? 1 : getLargest() / smallest;
}

std::optional<WeightChannels>
mlir::npir::measureWeight(Value weight, std::optional<int64_t> axis) {
  ElementsAttr value = getFloatElements(weight);
  if (!value)
    return std::nullopt;
  ArrayRef<int64_t> shape = value.getShapedType().getShape();
  // Elements of one channel lie `inner` together.
  int64_t channels = 1, inner = value.getNumElements();
  if (axis) {
    channels = shape[*axis];
    inner = 1;
    for (int64_t dim : shape.drop_front(*axis + 1))
      inner *= dim;
  }
  WeightChannels result;
  result.largest.resize(channels);
  result.sum.resize(channels);
  result.elements = value.getNumElements();
  ConstantBytes bytes(value);
  ArrayRef<float> values = bytes.as<float>();
  for (int64_t start = 0, channel = 0; start < result.elements;
       start += inner, channel = (channel + 1) % channels) {
    float largest = 0;
    double sum = 0;
    for (float w : values.slice(start, inner)) {
      float magnitude = std::fabs(w);
      result.nonFinite += !std::isfinite(magnitude);
      largest = std::max(largest, magnitude);
      sum += magnitude;
    }
    result.largest[channel] =
        std::max(result.largest[channel], double(largest));
    result.sum[channel] += sum;
  }
  return result;
}

std::pair<int64_t, int64_t> mlir::npir::countNonFinite(Value value) {
  ElementsAttr elements = getFloatElements(value);
  if (!elements)
    return {0, 0};
  ConstantBytes bytes(elements);
  return {llvm::count_if(bytes.as<float>(),
                         [](float x) { return !std::isfinite(x); }),
          elements.getNumElements()};
}

std::pair<double, int64_t>
mlir::npir::getLeastInputScale(Value bias, const WeightChannels &weight) {
  ElementsAttr value = getFloatElements(bias);
  std::pair<double, int64_t> result{0, 0};
  if (!value || value.getNumElements() != weight.size())
    return result;
  ConstantBytes bytes(value);
  for (auto [channel, b] : llvm::enumerate(bytes.as<float>())) {
    double scale = weight.getScale(channel);
    if (scale <= 0 || weight.largest[channel] <= 0 || !std::isfinite(b))
      continue;
    double least = std::fabs(b) / (scale * 0x1p31);
    if (least > result.first)
      result = {least, static_cast<int64_t>(channel)};
  }
  return result;
}

std::optional<std::pair<double, double>>
mlir::npir::getConstantRange(Value value) {
  ElementsAttr elements = getFloatElements(value);
  if (!elements)
    return std::nullopt;
  std::pair<double, double> range{0, 0};
  ConstantBytes bytes(elements);
  for (float x : bytes.as<float>()) {
    range.first = std::min(range.first, double(x));
    range.second = std::max(range.second, double(x));
  }
  return range;
}
