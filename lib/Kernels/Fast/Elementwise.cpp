// This file implements fast elementwise kernels. The loops are written for the
// compiler's vectorizer; -ffp-contract=off keeps the float order.
#include "npir/Kernels/Fast/Elementwise.h"

namespace npir_kernels::fast {

void hardSigmoidF32(const float *__restrict input, float *__restrict output,
                    size_t count) {
  constexpr float sixth = 1.0f / 6.0f;
  for (size_t i = 0; i < count; ++i) {
    float value = input[i] * sixth + 0.5f;
    // Compares are false for NaN, which so passes.
    value = value < 0.0f ? 0.0f : value;
    output[i] = value > 1.0f ? 1.0f : value;
  }
}

void lookupI8(const int8_t *__restrict input, int8_t *__restrict output,
              size_t count, const int8_t *__restrict table) {
  for (size_t i = 0; i < count; ++i)
    output[i] = table[static_cast<uint8_t>(input[i])];
}

} // namespace npir_kernels::fast
