// This file implements the fast rounding of floats to a grid. The loops are
// written for the compiler's vectorizer.
#include "npir/Kernels/Fast/RoundToGrid.h"
#include "Variants.h"
#include "npir/Kernels/Rounding.h"

#include <algorithm>

namespace npir_kernels::fast {
namespace {

NPIR_ALWAYS_INLINE float roundOne(float x, float scale, float inverse,
                                  float low, float high) {
  float scaled = x * inverse;
  scaled = scaled == scaled ? scaled : 0.0f; // NaN
  scaled = scaled > low ? scaled : low;
  scaled = scaled < high ? scaled : high;
  return static_cast<float>(roundToInt(scaled)) * scale;
}

struct Kernel {
  /// Elements of one channel.
  NPIR_ALWAYS_INLINE static void runChannel(const Grid &grid, size_t channel,
                                            const float *__restrict input,
                                            float *__restrict output,
                                            size_t count) {
    const float scale = grid.scales[channel], inverse = 1.0f / scale;
    const auto low = static_cast<float>(grid.min - grid.zeroPoints[channel]);
    const auto high = static_cast<float>(grid.max - grid.zeroPoints[channel]);
    for (size_t i = 0; i < count; ++i)
      output[i] = roundOne(input[i], scale, inverse, low, high);
  }

  /// One element of each channel from `first` on.
  NPIR_ALWAYS_INLINE static void runAcross(const Grid &grid, size_t first,
                                           const float *__restrict input,
                                           float *__restrict output,
                                           size_t count) {
    const float *__restrict scales = grid.scales + first;
    const int32_t *__restrict zeroPoints = grid.zeroPoints + first;
    const int32_t min = grid.min, max = grid.max;
    for (size_t i = 0; i < count; ++i)
      output[i] = roundOne(input[i], scales[i], 1.0f / scales[i],
                           static_cast<float>(min - zeroPoints[i]),
                           static_cast<float>(max - zeroPoints[i]));
  }

  NPIR_ALWAYS_INLINE static void run(const Grid *grid, size_t first,
                                     const float *input, float *output,
                                     size_t count) {
    if (grid->numScales == 1)
      return runChannel(*grid, 0, input, output, count);
    const bool isAcross = grid->inner == 1;
    for (size_t i = 0; i < count;) {
      const size_t channel = (first + i) / grid->inner % grid->numScales;
      const size_t rest = isAcross ? grid->numScales - channel
                                   : grid->inner - (first + i) % grid->inner;
      const size_t part = std::min(rest, count - i);
      if (isAcross)
        runAcross(*grid, channel, input + i, output + i, part);
      else
        runChannel(*grid, channel, input + i, output + i, part);
      i += part;
    }
  }
};

} // namespace

void roundToGrid(const Grid &grid, size_t first, const float *input,
                 float *output, size_t count, InstructionSet set) {
  runVariant<Kernel>(set, &grid, first, input, output, count);
}

} // namespace npir_kernels::fast
