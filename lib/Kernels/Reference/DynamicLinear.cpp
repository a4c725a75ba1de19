// This file defines the reference kernels of activations that are quantized at
// run time.
#include "npir/Kernels/Reference/DynamicLinear.h"
#include "Loops.h"
#include "npir/Kernels/DynamicQuantization.h"
#include <cmath>
#include <vector>

using namespace npir_kernels;
using namespace npir_kernels::reference;

void reference::dynamicQuantize(TensorRef<const float> input,
                                TensorRef<float> output) {
  const int64_t count = input.dim(input.rank - 1);
  for (int64_t i = 0; i < input.numElements(); i += count) {
    const RowGrid grid = computeRowGrid(input.data + i, count);
    for (int64_t k = i; k < i + count; ++k)
      output.data[k] = roundInRow(input.data[k], grid);
  }
}

namespace {

/// One output channel's integers and scales.
struct Channel {
  const int8_t *weights;
  const float *scales;
  int64_t inputs, groupSize;
  float bias;
};

/// The sum of (q + offset) * w over `count` elements.
int32_t accumulate(const int8_t *row, const int8_t *weights, int64_t count,
                   int32_t offset) {
  uint32_t acc = 0;
  for (int64_t k = 0; k < count; ++k)
    acc += static_cast<uint32_t>((row[k] + offset) * weights[k]);
  return static_cast<int32_t>(acc);
}

float computeWhole(const int8_t *row, RowGrid grid, const Channel &c) {
  const int32_t acc = accumulate(row, c.weights, c.inputs, -grid.zeroPoint);
  return std::fma(static_cast<float>(acc) * grid.scale, c.scales[0], c.bias);
}

float computeGroups(const int8_t *row, RowGrid grid, const Channel &c) {
  // XNNPACK packs the weights' sum in runs of 16.
  constexpr int64_t run = 16;
  float weightSum = 0.0f;
  for (int64_t k = 0; k < c.inputs; k += run) {
    int32_t sum = 0;
    for (int64_t i = k; i < std::min(k + run, c.inputs); ++i)
      sum += c.weights[i];
    weightSum -= static_cast<float>(sum) * c.scales[k / c.groupSize];
  }
  float y = weightSum * static_cast<float>(grid.zeroPoint + 128);
  for (int64_t k = 0; k < c.inputs; k += c.groupSize) {
    const int32_t acc = accumulate(row + k, c.weights + k, c.groupSize, 128);
    y = std::fma(static_cast<float>(acc * 16),
                 c.scales[k / c.groupSize] / 16.0f, y);
  }
  return y * grid.scale + c.bias;
}

} // namespace

void reference::dynamicLinear(TensorRef<const float> input,
                              TensorRef<const int8_t> weight,
                              TensorRef<const float> scales, const float *bias,
                              FloatBounds bounds, TensorRef<float> output) {
  const int64_t inputs = weight.dim(1), outputs = weight.dim(0);
  const int64_t groups = scales.dim(1);
  assert(input.dim(input.rank - 1) == inputs && "input channels differ");
  assert(inputs % groups == 0 && "groups do not divide the input channels");
  const int64_t rows = input.numElements() / inputs;
  std::vector<int8_t> quantized(inputs);
  for (int64_t row = 0; row < rows; ++row) {
    const float *x = input.data + row * inputs;
    const RowGrid grid = computeRowGrid(x, inputs);
    for (int64_t k = 0; k < inputs; ++k)
      quantized[k] = quantizeInRow(x[k], grid);
    for (int64_t c = 0; c < outputs; ++c) {
      const Channel channel = {weight.data + c * inputs,
                               scales.data + c * groups, inputs,
                               inputs / groups, bias ? bias[c] : 0.0f};
      const float y = groups == 1
                          ? computeWhole(quantized.data(), grid, channel)
                          : computeGroups(quantized.data(), grid, channel);
      output.data[row * outputs + c] = applyBounds(y, bounds);
    }
  }
}

void reference::dequantizeGroups(TensorRef<const int8_t> weight,
                                 TensorRef<const float> scales,
                                 TensorRef<float> output) {
  const int64_t groups = scales.dim(1), inputs = weight.dim(1);
  for (int64_t i = 0; i < weight.numElements(); ++i) {
    const int64_t group = i % inputs / (inputs / groups);
    output.data[i] = static_cast<float>(weight.data[i]) *
                     scales.data[i / inputs * groups + group];
  }
}
