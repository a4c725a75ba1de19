// This file defines rounding to an integer in a form that every compiler can
// vectorize, unlike std::lrintf.
#ifndef NPIR_KERNELS_ROUNDING_H
#define NPIR_KERNELS_ROUNDING_H

#include <cstdint>
#include <cstring>

namespace npir_kernels {

/// The integer next to `x`, of two the even one; |x| <= 2^22. Above 2^23 the
/// last bit of an f32 counts ones: the sum is rounded as wanted, and its bits
/// hold the integer. In the default rounding mode.
inline int32_t roundToInt(float x) {
  constexpr float magic = 0x1.8p+23f;
  constexpr int32_t magicBits = 0x4B400000;
  const float sum = x + magic;
  int32_t bits;
  std::memcpy(&bits, &sum, sizeof(bits));
  return bits - magicBits;
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_ROUNDING_H
