// This file defines the functions of one real number.
#include "npir/Kernels/Unary.h"
#include <algorithm>
#include <cmath>

using namespace npir_kernels;

namespace {

// A function's definition has parameters that most bodies leave unused.
#define NPIR_UNARY(KIND, NAME, ...)                                            \
  float evaluate##KIND([[maybe_unused]] float a, [[maybe_unused]] float b,     \
                       float x) __VA_ARGS__
#include "npir/Kernels/Unary.def"

struct UnaryEntry {
  const char *name;
  float (*evaluate)(float a, float b, float x);
};

// Indexed by UnaryKind: both come from the same list.
constexpr UnaryEntry unaryEntries[] = {
#define NPIR_UNARY(KIND, NAME, ...) {NAME, evaluate##KIND},
#include "npir/Kernels/Unary.def"
};

} // namespace

float npir_kernels::evaluateUnary(UnaryFunction function, float x) {
  return unaryEntries[static_cast<int>(function.kind)].evaluate(function.a,
                                                                function.b, x);
}

const char *npir_kernels::unaryName(UnaryKind kind) {
  return unaryEntries[static_cast<int>(kind)].name;
}
