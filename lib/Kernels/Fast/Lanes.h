// This file defines sums of f32 in a fixed order that every instruction set can
// vectorize.
#ifndef NPIR_LIB_KERNELS_FAST_LANES_H
#define NPIR_LIB_KERNELS_FAST_LANES_H

#include "Variants.h"
#include <cstdint>

namespace npir_kernels::fast {

/// The sum of `count` values of `term(i)`, in 16 lanes that are added up in
/// pairs.
template <typename Term>
NPIR_ALWAYS_INLINE float sumInLanes(int64_t count, Term term) {
  constexpr int64_t numLanes = 16;
  float lanes[numLanes] = {};
  int64_t i = 0;
  for (; i + numLanes <= count; i += numLanes)
    for (int64_t k = 0; k < numLanes; ++k)
      lanes[k] += term(i + k);
  for (int64_t k = 0; i < count; ++i, ++k)
    lanes[k] += term(i);
  for (int64_t width = numLanes / 2; width > 0; width /= 2)
    for (int64_t k = 0; k < width; ++k)
      lanes[k] += lanes[k + width];
  return lanes[0];
}

} // namespace npir_kernels::fast

#endif // NPIR_LIB_KERNELS_FAST_LANES_H
