// This file declares the functions of one real number that have a float form
// and, on 8-bit tensors, a table.
#ifndef NPIR_KERNELS_UNARY_H
#define NPIR_KERNELS_UNARY_H

namespace npir_kernels {

/// One value per line of Unary.def.
/// Those that XNNPACK lacks come last.
enum class UnaryKind {
#define NPIR_UNARY(KIND, NAME, ...) KIND,
#include "npir/Kernels/Unary.def"
};

/// A function with its parameters. `Clamp`: a = min, b = max (either may be
/// infinite). `LeakyRelu` and `Elu`: a = alpha. The others take no parameters.
struct UnaryFunction {
  UnaryKind kind;
  float a = 0.0f;
  float b = 0.0f;
};

/// The function's value at `x`, in f32 and in the order of evaluation that
/// Unary.def documents. Deterministic for one C math library.
float evaluateUnary(UnaryFunction function, float x);

/// The function's name in lower case: the mnemonic of its npir operation.
const char *unaryName(UnaryKind kind);

} // namespace npir_kernels

#endif // NPIR_KERNELS_UNARY_H
