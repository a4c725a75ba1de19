// This file declares the functions of two real numbers.
#ifndef NPIR_KERNELS_BINARY_H
#define NPIR_KERNELS_BINARY_H

#include <cmath>

namespace npir_kernels {

/// One f32 operation each.
enum class BinaryKind {
  Add,
  Subtract,
  Multiply,
  Divide,
  Maximum,
  Minimum,
  Power
};

/// The function's value, rounded to f32 once; a division by zero follows
/// IEEE 754. Where both are NaN or zeros of either sign, the larger and the
/// smaller are either of them; of a NaN and a number, either, too.
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
  case BinaryKind::Maximum:
    return lhs > rhs ? lhs : rhs;
  case BinaryKind::Minimum:
    return lhs < rhs ? lhs : rhs;
  case BinaryKind::Power:
    return std::pow(lhs, rhs);
  }
  return 0.0f;
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_BINARY_H
