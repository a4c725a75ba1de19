// This file declares the functions of indices and truth values of one element.
#ifndef NPIR_KERNELS_INDEX_H
#define NPIR_KERNELS_INDEX_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace npir_kernels {

/// A truth value in memory, one byte. Every byte but 0 is true; kernels write
/// 1.
enum class Truth : uint8_t { False = 0, True = 1 };

inline Truth toTruth(bool value) { return value ? Truth::True : Truth::False; }
inline bool isTrue(Truth value) { return value != Truth::False; }

enum class CompareKind { Eq, Ne, Lt, Le, Gt, Ge };
enum class LogicalKind { And, Or, Xor };

/// Of a NaN and anything only `Ne` is true.
template <typename T>
bool evaluateCompare(CompareKind kind, T lhs, T rhs) {
  switch (kind) {
  case CompareKind::Eq:
    return lhs == rhs;
  case CompareKind::Ne:
    return lhs != rhs;
  case CompareKind::Lt:
    return lhs < rhs;
  case CompareKind::Le:
    return lhs <= rhs;
  case CompareKind::Gt:
    return lhs > rhs;
  case CompareKind::Ge:
    return lhs >= rhs;
  }
  return false;
}

inline bool evaluateLogical(LogicalKind kind, bool lhs, bool rhs) {
  switch (kind) {
  case LogicalKind::And:
    return lhs && rhs;
  case LogicalKind::Or:
    return lhs || rhs;
  case LogicalKind::Xor:
    return lhs != rhs;
  }
  return false;
}

/// `x` as a number of another type: f32 to integers without the fraction, what
/// is out of range as the nearest integer, NaN as 0; to f32 the nearest value,
/// of two the even one; to a truth value whether it is not 0, from one 0 or 1;
/// from 64 to 32 bits the low ones.
template <typename To, typename From>
To castNumber(From x) {
  if constexpr (std::is_same_v<From, Truth>) {
    return castNumber<To>(int32_t(isTrue(x)));
  } else if constexpr (std::is_same_v<To, Truth>) {
    return toTruth(x != From(0));
  } else if constexpr (std::is_same_v<From, float> && std::is_integral_v<To>) {
    // The largest integer is no f32; the power of two behind it is.
    constexpr float end = -float(std::numeric_limits<To>::min());
    if (std::isnan(x))
      return 0;
    if (x >= end)
      return std::numeric_limits<To>::max();
    return x < -end ? std::numeric_limits<To>::min() : static_cast<To>(x);
  } else {
    return static_cast<To>(x);
  }
}

/// The element that `index` means among `size`: negative ones count from the
/// end. Not in [0, size) where there is none.
constexpr int64_t resolveIndex(int64_t index, int64_t size) {
  return index < 0 ? index + size : index;
}

/// Whether `x` at a later index replaces `best` as the largest element. NaN is
/// larger than all numbers, as for numpy.
inline bool isNewMaximum(float x, float best, bool last) {
  if (std::isnan(x))
    return last || !std::isnan(best);
  return x > best || (last && x == best);
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_INDEX_H
