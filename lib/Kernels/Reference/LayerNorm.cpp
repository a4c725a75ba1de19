// This file defines the reference kernels for layer normalization.
#include "npir/Kernels/Reference/LayerNorm.h"
#include "npir/Kernels/LayerNorm.h"
#include <cmath>

using namespace npir_kernels;
using namespace npir_kernels::reference;

/// Calls `normalize(input row, output row, channels)` for every row along the
/// last dimension.
template <typename T, typename Normalize>
static void forEachRow(TensorRef<const T> input, TensorRef<T> output,
                       Normalize normalize) {
  assert(input.rank >= 1 && "expects rank 1 or more");
  assert(input.numElements() == output.numElements() && "sizes differ");
  const int64_t count = input.numElements();
  const int64_t channels = input.dim(input.rank - 1);
  for (int64_t i = 0; i < count; i += channels)
    normalize(input.data + i, output.data + i, channels);
}

void reference::layerNorm(TensorRef<const float> input, const float *scale,
                          const float *offset, float epsilon,
                          TensorRef<float> output) {
  forEachRow(input, output, [&](const float *x, float *y, int64_t channels) {
    double mean = 0, variance = 0;
    for (int64_t c = 0; c < channels; ++c)
      mean += x[c];
    mean /= static_cast<double>(channels);
    for (int64_t c = 0; c < channels; ++c)
      variance += (x[c] - mean) * (x[c] - mean);
    variance /= static_cast<double>(channels);
    const double deviation = std::sqrt(variance + static_cast<double>(epsilon));
    for (int64_t c = 0; c < channels; ++c)
      y[c] =
          static_cast<float>((x[c] - mean) / deviation * scale[c] + offset[c]);
  });
}

void reference::layerNorm(TensorRef<const int8_t> input,
                          const LayerNormParams &params,
                          TensorRef<int8_t> output) {
  forEachRow(input, output, [&](const int8_t *q, int8_t *y, int64_t channels) {
    int32_t sum = 0, sumOfSquares = 0;
    for (int64_t c = 0; c < channels; ++c) {
      sum += q[c];
      sumOfSquares += q[c] * q[c];
    }
    const float inverse = layerNormInverseDeviation(channels, sum, sumOfSquares,
                                                    params.varianceOffset);
    for (int64_t c = 0; c < channels; ++c)
      y[c] = layerNormElement(
          static_cast<float>(static_cast<int32_t>(channels) * q[c] - sum),
          inverse, params.multipliers[c], params.offsets[c],
          params.outputZeroPoint, params.bounds.min, params.bounds.max);
  });
}
