// This file implements fast layer normalization. The loops are written for the
// compiler's vectorizer; -ffp-contract=off keeps the float order.
#include "npir/Kernels/Fast/LayerNorm.h"
#include "Lanes.h"
#include "npir/Kernels/LayerNorm.h"

#include <cmath>

namespace npir_kernels::fast {
namespace {

struct KernelF32 {
  NPIR_ALWAYS_INLINE static void run(const LayerNormF32 &layer,
                                     const float *input, float *output,
                                     size_t begin, size_t end) {
    const int64_t channels = layer.channels;
    const float count = static_cast<float>(channels);
    for (size_t row = begin; row < end; ++row) {
      const float *__restrict x = input + int64_t(row) * channels;
      float *__restrict y = output + int64_t(row) * channels;
      const float *__restrict scale = layer.scale;
      const float *__restrict offset = layer.offset;
      // Where the mean is large it is rounded; what is left of it in the
      // deviations is found and removed.
      const float mean =
          sumInLanes(channels, [&](int64_t c) { return x[c]; }) / count;
      const float rest =
          sumInLanes(channels, [&](int64_t c) { return x[c] - mean; }) / count;
      const float variance = sumInLanes(channels,
                                        [&](int64_t c) {
                                          const float deviation =
                                              x[c] - mean - rest;
                                          return deviation * deviation;
                                        }) /
                             count;
      const float inverse = 1.0f / std::sqrt(variance + layer.epsilon);
      for (int64_t c = 0; c < channels; ++c)
        y[c] = (x[c] - mean - rest) * inverse * scale[c] + offset[c];
    }
  }
};

struct KernelI8 {
  NPIR_ALWAYS_INLINE static void run(const LayerNormI8 &layer,
                                     const int8_t *input, int8_t *output,
                                     size_t begin, size_t end) {
    const auto channels = static_cast<int32_t>(layer.channels);
    for (size_t row = begin; row < end; ++row) {
      const int8_t *__restrict q = input + int64_t(row) * channels;
      int8_t *__restrict y = output + int64_t(row) * channels;
      const float *__restrict multipliers = layer.multipliers;
      const float *__restrict offsets = layer.offsets;
      int32_t sum = 0, sumOfSquares = 0;
      for (int32_t c = 0; c < channels; ++c) {
        const auto value = static_cast<int16_t>(+q[c]);
        sum += value;
        sumOfSquares += value * value;
      }
      const float inverse = layerNormInverseDeviation(
          channels, sum, sumOfSquares, layer.varianceOffset);
      // Products and differences are exact in f32 as they are in int32.
      const auto count = static_cast<float>(channels);
      const auto total = static_cast<float>(sum);
      for (int32_t c = 0; c < channels; ++c)
        y[c] = layerNormElement(count * static_cast<float>(q[c]) - total,
                                inverse, multipliers[c], offsets[c],
                                layer.zeroPoint, layer.min, layer.max);
    }
  }
};

} // namespace

void layerNormF32(const LayerNormF32 &layer, const float *input, float *output,
                  size_t begin, size_t end, InstructionSet set) {
  runVariant<KernelF32>(set, layer, input, output, begin, end);
}

void layerNormI8(const LayerNormI8 &layer, const int8_t *input, int8_t *output,
                 size_t begin, size_t end, InstructionSet set) {
  runVariant<KernelI8>(set, layer, input, output, begin, end);
}

} // namespace npir_kernels::fast
