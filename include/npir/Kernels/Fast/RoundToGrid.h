// This file declares the fast rounding of floats to the values that quantized
// ones can have; the runtime calls it, and what measures the error of it.
#ifndef NPIR_KERNELS_FAST_ROUNDTOGRID_H
#define NPIR_KERNELS_FAST_ROUNDTOGRID_H

#include "npir/Kernels/Fast/InstructionSet.h"
#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// The integers [min, max], at most 2^16 of them, and what they stand for: of
/// channel c, `(q - zeroPoints[c]) * scales[c]`.
struct Grid {
  const float *scales;
  const int32_t *zeroPoints;
  /// One for the whole tensor, or one per channel.
  size_t numScales;
  /// Elements of one channel that stand together: element i is of channel
  /// `i / inner % numScales`.
  size_t inner;
  int32_t min, max;
};

/// `dequantize(quantize(x))` of `count` elements, of which `input` points to
/// the first, element `first` of its tensor: to the bit what
/// `npir_kernels::quantizeValue` and then `dequantizeValue` give.
void roundToGrid(const Grid &grid, size_t first, const float *input,
                 float *output, size_t count,
                 InstructionSet set = bestInstructionSet());

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_ROUNDTOGRID_H
