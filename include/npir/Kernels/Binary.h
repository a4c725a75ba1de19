// This file declares the functions of two real numbers.
#ifndef NPIR_KERNELS_BINARY_H
#define NPIR_KERNELS_BINARY_H

namespace npir_kernels {

/// One f32 operation each.
enum class BinaryKind { Add, Subtract, Multiply, Divide };

/// The function's value, rounded to f32 once; a division by zero follows
/// IEEE 754.
inline float evaluateBinary(BinaryKind kind, float lhs, float rhs) {
  switch (kind) {
  case BinaryKind::Add:
    return lhs + rhs;
  case BinaryKind::Subtract:
    return lhs - rhs;
  case BinaryKind::Multiply:
    return lhs * rhs;
  case BinaryKind::Divide:
    return lhs / rhs;
  }
  return 0.0f;
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_BINARY_H
