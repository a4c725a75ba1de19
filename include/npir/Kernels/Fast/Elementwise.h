// This file declares fast elementwise kernels; the runtime calls them.
#ifndef NPIR_KERNELS_FAST_ELEMENTWISE_H
#define NPIR_KERNELS_FAST_ELEMENTWISE_H

#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// `min(max(x * (1.0f/6.0f) + 0.5f, 0), 1)`: a rounded product, then a rounded
/// sum, never one fused operation. NaN stays NaN.
void hardSigmoidF32(const float *input, float *output, size_t count);

/// `table[uint8(x)]`: the index is the input's bits as an unsigned byte.
void lookupI8(const int8_t *input, int8_t *output, size_t count,
              const int8_t *table);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_ELEMENTWISE_H
