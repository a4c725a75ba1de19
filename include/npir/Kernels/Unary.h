// This file declares the functions of one real number that NPIR knows.
#ifndef NPIR_KERNELS_UNARY_H
#define NPIR_KERNELS_UNARY_H

namespace npir_kernels {

enum class UnaryKind { Clamp, Sigmoid, Tanh, HardSigmoid };

/// A function with its parameters. Clamp: `a` is the lower, `b` the upper bound.
struct UnaryFunction {
  UnaryKind kind;
  float a = 0.0f;
  float b = 0.0f;
};

} // namespace npir_kernels

#endif // NPIR_KERNELS_UNARY_H
