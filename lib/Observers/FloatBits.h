// This file declares looks at the bits of floats that every build takes alike,
// whether it flushes denormals or not.
#ifndef NPIR_LIB_OBSERVERS_FLOATBITS_H
#define NPIR_LIB_OBSERVERS_FLOATBITS_H

#include <cstdint>
#include <cstring>

namespace mlir::npir {

inline constexpr uint32_t kExponentMask = 0x7f800000u;

inline uint32_t bitsOf(float x) {
  uint32_t bits;
  std::memcpy(&bits, &x, sizeof(bits));
  return bits;
}

inline float floatOf(uint32_t bits) {
  float x;
  std::memcpy(&x, &bits, sizeof(x));
  return x;
}

/// +0 for denormals and both zeros, so that neither the order of the values
/// nor the build's denormal mode shows in a result.
inline float flushDenormal(float x) {
  return (bitsOf(x) & kExponentMask) == 0 ? 0.0f : x;
}

inline bool isFiniteValue(float x) {
  return (bitsOf(x) & kExponentMask) != kExponentMask;
}

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_FLOATBITS_H
