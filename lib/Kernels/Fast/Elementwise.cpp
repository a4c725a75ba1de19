// This file implements fast elementwise kernels. The loops are written for the
// compiler's vectorizer; -ffp-contract=off keeps the float order.
#include "npir/Kernels/Fast/Elementwise.h"

#include <algorithm>
#include <cmath>

namespace npir_kernels::fast {
namespace {

// One loop per function. The parameters belong to functions of XNNPACK's.
#define NPIR_UNARY(KIND, NAME, ...)
#define NPIR_OWN_UNARY(KIND, NAME, ...)                                        \
  inline float evaluate##KIND(float x) __VA_ARGS__ void run##KIND(             \
      const float *__restrict input, float *__restrict output, size_t count) { \
    for (size_t i = 0; i < count; ++i)                                         \
      output[i] = evaluate##KIND(input[i]);                                    \
  }
#include "npir/Kernels/Unary.def"

} // namespace

const std::vector<UnaryF32> &getUnaryKernels() {
  static const std::vector<UnaryF32> kernels = {
#define NPIR_UNARY(KIND, NAME, ...)
#define NPIR_OWN_UNARY(KIND, NAME, ...) {NAME, run##KIND},
#include "npir/Kernels/Unary.def"
  };
  return kernels;
}

void lookupI8(const int8_t *__restrict input, int8_t *__restrict output,
              size_t count, const int8_t *__restrict table) {
  for (size_t i = 0; i < count; ++i)
    output[i] = table[static_cast<uint8_t>(input[i])];
}

} // namespace npir_kernels::fast
