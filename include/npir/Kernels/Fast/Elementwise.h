// This file declares fast elementwise kernels; the runtime calls them.
#ifndef NPIR_KERNELS_FAST_ELEMENTWISE_H
#define NPIR_KERNELS_FAST_ELEMENTWISE_H

#include <cstddef>
#include <cstdint>
#include <vector>

namespace npir_kernels::fast {

/// A function that XNNPACK lacks: an NPIR_OWN_UNARY of Unary.def.
struct UnaryF32 {
  /// The mnemonic of its npir operation.
  const char *name;
  /// `output[i] = f(input[i])`.
  void (*run)(const float *input, float *output, size_t count);
};

/// All of them.
const std::vector<UnaryF32> &getUnaryKernels();

/// `table[uint8(x)]`: the index is the input's bits as an unsigned byte.
void lookupI8(const int8_t *input, int8_t *output, size_t count,
              const int8_t *table);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_ELEMENTWISE_H
