// This file implements fast means over windows. The innermost loop runs over
// channels, which lie side by side, and is vectorized by the compiler.
#include "Variants.h"
#include "npir/Kernels/Fast/Pooling.h"
#include "npir/Kernels/Rounding.h"

#include <algorithm>
#include <vector>

namespace npir_kernels::fast {
namespace {

/// Adds up the elements under the window of output pixel (`y`, `ox`) of an
/// image; returns how many there are.
template <typename T, typename Sum>
NPIR_ALWAYS_INLINE int64_t addWindow(const Pool &pool, const T *image,
                                     int64_t y, int64_t ox,
                                     Sum *__restrict sums) {
  const int64_t channels = pool.channels;
  for (int64_t c = 0; c < channels; ++c)
    sums[c] = 0;
  int64_t count = 0;
  for (int64_t ky = 0; ky < pool.kernelH; ++ky) {
    const int64_t sourceY = y * pool.strideH - pool.top + ky * pool.dilationH;
    if (sourceY < 0 || sourceY >= pool.inputH)
      continue;
    for (int64_t kx = 0; kx < pool.kernelW; ++kx) {
      const int64_t sourceX =
          ox * pool.strideW - pool.left + kx * pool.dilationW;
      if (sourceX < 0 || sourceX >= pool.inputW)
        continue;
      const T *__restrict source =
          image + (sourceY * pool.inputW + sourceX) * channels;
      for (int64_t c = 0; c < channels; ++c)
        sums[c] += source[c];
      ++count;
    }
  }
  return count;
}

/// Calls `write(sums, covered elements, output pixel)` for every pixel of the
/// rows [begin, end).
template <typename Sum, typename T, typename Write>
NPIR_ALWAYS_INLINE void forEachWindow(const Pool &pool, const T *input,
                                      T *output, size_t begin, size_t end,
                                      Write write) {
  std::vector<Sum> sums(static_cast<size_t>(pool.channels));
  const int64_t imageSize = pool.inputH * pool.inputW * pool.channels;
  for (size_t row = begin; row < end; ++row) {
    const T *image = input + int64_t(row) / pool.outputH * imageSize;
    T *target = output + int64_t(row) * pool.outputW * pool.channels;
    for (int64_t ox = 0; ox < pool.outputW; ++ox, target += pool.channels) {
      const int64_t count =
          addWindow(pool, image, int64_t(row) % pool.outputH, ox, sums.data());
      write(sums.data(), count, target);
    }
  }
}

/// How many elements the mean is over; a window of none is over one 0.
NPIR_ALWAYS_INLINE int64_t countElements(const Pool &pool, bool countPadding,
                                         int64_t covered) {
  return std::max<int64_t>(countPadding ? pool.kernelH * pool.kernelW : covered,
                           1);
}

struct AvgF32 {
  NPIR_ALWAYS_INLINE static void run(const Pool *pool, bool countPadding,
                                     const float *input, float *output,
                                     size_t begin, size_t end) {
    const int64_t channels = pool->channels;
    forEachWindow<float>(*pool, input, output, begin, end,
                         [&](const float *__restrict sums, int64_t covered,
                             float *__restrict target) {
                           const auto count = static_cast<float>(
                               countElements(*pool, countPadding, covered));
                           for (int64_t c = 0; c < channels; ++c)
                             target[c] = sums[c] / count;
                         });
  }
};

struct AvgI8 {
  NPIR_ALWAYS_INLINE static void run(const Pool *pool, bool countPadding,
                                     const WindowMeanI8 *numbers,
                                     const int8_t *input, int8_t *output,
                                     size_t begin, size_t end) {
    const int64_t channels = pool->channels;
    const int32_t zeroPoint = numbers->zeroPoint;
    const auto low = static_cast<float>(numbers->min - zeroPoint);
    const auto high = static_cast<float>(numbers->max - zeroPoint);
    forEachWindow<int32_t>(
        *pool, input, output, begin, end,
        [&](const int32_t *__restrict sums, int64_t covered,
            int8_t *__restrict target) {
          const float multiplier =
              numbers->multipliers[countElements(*pool, countPadding, covered) -
                                   1];
          const int32_t zero =
              static_cast<int32_t>(covered) * numbers->inputZeroPoint;
          for (int64_t c = 0; c < channels; ++c) {
            float mean = static_cast<float>(sums[c] - zero) * multiplier;
            mean = std::min(std::max(mean, low), high);
            target[c] = static_cast<int8_t>(roundToInt(mean) + zeroPoint);
          }
        });
  }
};

} // namespace

void avgPoolF32(const Pool &pool, bool countPadding, const float *input,
                float *output, size_t begin, size_t end, InstructionSet set) {
  runVariant<AvgF32>(set, &pool, countPadding, input, output, begin, end);
}

void avgPoolI8(const Pool &pool, bool countPadding, const WindowMeanI8 &numbers,
               const int8_t *input, int8_t *output, size_t begin, size_t end,
               InstructionSet set) {
  runVariant<AvgI8>(set, &pool, countPadding, &numbers, input, output, begin,
                    end);
}

} // namespace npir_kernels::fast
