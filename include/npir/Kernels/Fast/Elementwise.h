// This file declares fast elementwise kernels; the runtime calls them.
#ifndef NPIR_KERNELS_FAST_ELEMENTWISE_H
#define NPIR_KERNELS_FAST_ELEMENTWISE_H

#include "npir/Kernels/Fast/InstructionSet.h"
#include "npir/Kernels/Unary.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace npir_kernels::fast {

/// A function that XNNPACK lacks: an NPIR_OWN_UNARY of Unary.def.
struct UnaryF32 {
  UnaryKind kind;
  /// `output[i] = f(input[i])` with the parameters `a` and `b` of
  /// UnaryFunction, the same in every instruction set: the value of
  /// evaluateUnary but for gelu_tanh, erf, silu and mish, which are computed in
  /// f32 and differ by up to 4e-7 * max(1, |value|).
  void (*run)(const float *input, float *output, size_t count, float a, float b,
              InstructionSet set);
};

/// All of them.
const std::vector<UnaryF32> &getUnaryKernels();

/// `table[uint8(x)]`: the index is the input's bits as an unsigned byte.
void lookupI8(const int8_t *input, int8_t *output, size_t count,
              const int8_t *table);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_ELEMENTWISE_H
