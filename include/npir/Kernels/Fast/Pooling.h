// This file declares fast pools; the runtime calls them.
#ifndef NPIR_KERNELS_FAST_POOLING_H
#define NPIR_KERNELS_FAST_POOLING_H

#include "npir/Kernels/Fast/InstructionSet.h"
#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// Geometry of a pool over NHWC images. Bottom and right padding follow from
/// the output's size.
struct Pool {
  int64_t inputH, inputW, channels, outputH, outputW;
  int64_t kernelH, kernelW, strideH, strideW, dilationH, dilationW, top, left;
};

/// Largest value of each window; padding never wins, NaN always does. Computes
/// the rows [begin, end) of all images' output rows, `image * outputH + y`. A
/// window of padding alone gives -infinity. Of zeros of both signs the first,
/// in order of y, then x, stays.
void maxPoolF32(const Pool &pool, const float *input, float *output,
                size_t begin, size_t end);
/// The same on stored values; a window of padding alone gives -128.
void maxPoolI8(const Pool &pool, const int8_t *input, int8_t *output,
               size_t begin, size_t end);

/// The mean of each window: of the elements that it covers, or with
/// `countPadding` of all of its taps, padding being 0. A window that covers
/// nothing gives 0. Adds in f32.
void avgPoolF32(const Pool &pool, bool countPadding, const float *input,
                float *output, size_t begin, size_t end,
                InstructionSet set = bestInstructionSet());

/// The numbers of a quantized mean: `multipliers[n - 1]` for n elements.
struct WindowMeanI8 {
  const float *multipliers;
  int32_t inputZeroPoint, zeroPoint, min, max;
};
/// The exact 8-bit form, of windows with up to kMaxAveragedElements taps.
void avgPoolI8(const Pool &pool, bool countPadding, const WindowMeanI8 &numbers,
               const int8_t *input, int8_t *output, size_t begin, size_t end,
               InstructionSet set = bestInstructionSet());

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_POOLING_H
