// This file implements fast pools. The innermost loop runs over channels, which
// lie side by side, and is vectorized by the compiler.
#include "npir/Kernels/Fast/Pooling.h"

#include <algorithm>
#include <limits>

namespace npir_kernels::fast {

template <typename T>
static void maxPool(const Pool &pool, const T *input, T *output, size_t begin,
                    size_t end, T lowest) {
  const int64_t imageSize = pool.inputH * pool.inputW * pool.channels;
  const int64_t rowSize = pool.outputW * pool.channels;
  for (size_t row = begin; row < end; ++row) {
    const T *image = input + int64_t(row) / pool.outputH * imageSize;
    const int64_t y = int64_t(row) % pool.outputH * pool.strideH - pool.top;
    T *target = output + int64_t(row) * rowSize;
    std::fill_n(target, rowSize, lowest);
    for (int64_t ky = 0; ky < pool.kernelH; ++ky) {
      const int64_t sourceY = y + ky * pool.dilationH;
      if (sourceY < 0 || sourceY >= pool.inputH)
        continue;
      for (int64_t ox = 0; ox < pool.outputW; ++ox) {
        T *__restrict pixel = target + ox * pool.channels;
        for (int64_t kx = 0; kx < pool.kernelW; ++kx) {
          const int64_t sourceX =
              ox * pool.strideW - pool.left + kx * pool.dilationW;
          if (sourceX < 0 || sourceX >= pool.inputW)
            continue;
          const T *__restrict source =
              image + (sourceY * pool.inputW + sourceX) * pool.channels;
          for (int64_t c = 0; c < pool.channels; ++c) {
            const T value = source[c];
            // Only NaN is unequal to itself.
            const bool wins = (value > pixel[c]) | (value != value);
            pixel[c] = wins ? value : pixel[c];
          }
        }
      }
    }
  }
}

void maxPoolF32(const Pool &pool, const float *input, float *output,
                size_t begin, size_t end) {
  maxPool(pool, input, output, begin, end,
          -std::numeric_limits<float>::infinity());
}

void maxPoolI8(const Pool &pool, const int8_t *input, int8_t *output,
               size_t begin, size_t end) {
  maxPool<int8_t>(pool, input, output, begin, end, -128);
}

} // namespace npir_kernels::fast
