// This file declares the scalar arithmetic of 8-bit integers: how an
// accumulator, a sum or another 8-bit value becomes an 8-bit result. It is the
// arithmetic of XNNPACK 20241108 (qs8 on x86), to the bit; every formula is
// written once, here, and `Reference` and `Fast` share it.
//
// Notation: q an 8-bit value, s a scale, z a zero point, rne() rounding to the
// nearest integer with ties to even. All float arithmetic is f32 in the written
// order, in the default rounding mode. The inline functions have no float
// multiplication followed by an addition, so that a compiler which contracts
// them cannot change a result; the others are compiled without contraction.
#ifndef NPIR_KERNELS_REQUANTIZE_H
#define NPIR_KERNELS_REQUANTIZE_H

#include "npir/Kernels/Unary.h"
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace npir_kernels {

constexpr int32_t kInt8Min = -128;
constexpr int32_t kInt8Max = 127;

//===----------------------------------------------------------------------===//
// Legality. XNNPACK's release build checks only the upper bound of the
// requantization multiplier; outside of the other ranges it computes nonsense.
//===----------------------------------------------------------------------===//

/// Scales in [kMinScale, kMaxScale] have a normal reciprocal, and a denormal
/// input (which XNNPACK flushes to zero) rounds to zero anyway.
constexpr float kMinScale = 0x1.0p-120f;
constexpr float kMaxScale = 0x1.0p+120f;
/// `multiplier` of `requantize`, in [2^-32, 2^8).
constexpr float kMinRequantMultiplier = 0x1.0p-32f;
constexpr float kRequantMultiplierLimit = 0x1.0p+8f; // exclusive
/// The same multiplier for a product of two activations, in [2^-16, 2^8).
constexpr float kMinProductMultiplier = 0x1.0p-16f;
/// |s_operand / s_result| of an addition, in [2^-10, 2^8), each operand.
constexpr float kMinAddRatio = 0x1.0p-10f;
constexpr float kAddRatioLimit = 0x1.0p+8f; // exclusive
/// s_in / s_out of a conversion, in [2^-8, 2^7].
constexpr float kMinConvertRatio = 0x1.0p-8f;
constexpr float kMaxConvertRatio = 0x1.0p+7f; // inclusive
/// Elements in one reduction: |sum - n*z| <= 255*n must fit in int32.
constexpr int64_t kMaxReducedElements =
    std::numeric_limits<int32_t>::max() / 255;
/// Elements of a window that is averaged: there is a multiplier for each number
/// of them.
constexpr int64_t kMaxAveragedElements = int64_t(1) << 16;
/// Products in one accumulator: |(a-z)*w| <= 255*128 each. More may wrap round
/// 2^32, on XNNPACK as in Reference.
constexpr int64_t kMaxAccumulatedProducts =
    std::numeric_limits<int32_t>::max() / (255 * 128);

inline bool isLegalScale(float scale) {
  return scale >= kMinScale && scale <= kMaxScale;
}
inline bool isLegalZeroPoint(int64_t zeroPoint) {
  return zeroPoint >= kInt8Min && zeroPoint <= kInt8Max;
}
inline bool isLegalRequantMultiplier(float multiplier) {
  return multiplier >= kMinRequantMultiplier &&
         multiplier < kRequantMultiplierLimit;
}
inline bool isLegalProductMultiplier(float multiplier) {
  return multiplier >= kMinProductMultiplier &&
         multiplier < kRequantMultiplierLimit;
}
/// Integers of up to 16 bits, signed or not: as f32 they and their differences
/// are exact.
inline bool isLegalGrid(int64_t min, int64_t max) {
  return min <= max && min >= std::numeric_limits<int16_t>::min() &&
         max <= (min < 0 ? std::numeric_limits<int16_t>::max()
                         : std::numeric_limits<uint16_t>::max());
}
/// A negative ratio subtracts its operand.
inline bool isLegalAddRatio(float ratio) {
  return std::fabs(ratio) >= kMinAddRatio && std::fabs(ratio) < kAddRatioLimit;
}
inline bool isLegalConvertRatio(float ratio) {
  return ratio >= kMinConvertRatio && ratio <= kMaxConvertRatio;
}
inline bool isLegalReduction(int64_t numElements) {
  return numElements > 0 && numElements <= kMaxReducedElements;
}
inline bool isLegalWindowMean(int64_t numElements) {
  return numElements > 0 && numElements <= kMaxAveragedElements;
}
/// XNNPACK sets no range; a denormal multiplier it would flush to zero.
inline bool isLegalReduceMultiplier(float multiplier) {
  return std::isnormal(multiplier) && multiplier > 0.0f;
}
inline bool isLegalAccumulation(int64_t numProducts) {
  return numProducts >= 0 && numProducts <= kMaxAccumulatedProducts;
}

//===----------------------------------------------------------------------===//
// Multiply-accumulate (convolution, linear) and products of two activations:
// one f32 multiplier
//===----------------------------------------------------------------------===//

/// `(inputScale * weightScale) / outputScale`, or of two activations `(lhsScale
/// * rhsScale) / outputScale`. The order matters to the bit.
float requantMultiplier(float inputScale, float weightScale, float outputScale);

/// `rne(clamp(float(acc) * multiplier, min - z, max - z)) + z`. `acc` is exact
/// modulo 2^32. Requires a legal multiplier and -128 <= min <= max <= 127.
inline int8_t requantize(int32_t acc, float multiplier, int32_t zeroPoint,
                         int32_t min = kInt8Min, int32_t max = kInt8Max) {
  float scaled = static_cast<float>(acc) * multiplier;
  scaled = std::max(scaled, static_cast<float>(min - zeroPoint));
  scaled = std::min(scaled, static_cast<float>(max - zeroPoint));
  return static_cast<int8_t>(std::lrintf(scaled) + zeroPoint);
}

/// A bias as an integer, and whether it did not fit.
struct QuantizedBias {
  int32_t value = 0;
  /// The bias is beyond int32 (the value is the nearest bound) or NaN (0).
  bool saturated = false;
};

/// `rne(bias / (inputScale * weightScale))`, the division and the product in
/// double. The zero point is 0.
QuantizedBias quantizeBias(float bias, float inputScale, float weightScale);

//===----------------------------------------------------------------------===//
// Addition: two multipliers of 21 bits and a right shift
//===----------------------------------------------------------------------===//

struct ShiftAdd {
  int32_t lhs = 0;   ///< rne(s_lhs/s_out * 2^shift), at most 2^21 in magnitude
  int32_t rhs = 0;   ///< rne(s_rhs/s_out * 2^shift)
  int32_t shift = 0; ///< 20 - floor(log2(larger ratio)), in [13, 30]

  bool operator==(const ShiftAdd &other) const {
    return lhs == other.lhs && rhs == other.rhs && shift == other.shift;
  }
};

/// The parameters for ratios `s_lhs / s_out` and `s_rhs / s_out`, divided in
/// f32. Requires two legal ratios.
ShiftAdd computeShiftAdd(float lhsRatio, float rhsRatio);

/// `clamp(((lhs*(a - za) + rhs*(b - zb) + 2^(shift-1)) >> shift) + z, min,
/// max)`: an arithmetic shift, so ties round up. No intermediate overflows.
inline int8_t applyShiftAdd(const ShiftAdd &p, int8_t a, int32_t za, int8_t b,
                            int32_t zb, int32_t zeroPoint,
                            int32_t min = kInt8Min, int32_t max = kInt8Max) {
  const int32_t acc =
      p.lhs * (a - za) + p.rhs * (b - zb) + (int32_t(1) << (p.shift - 1));
  return static_cast<int8_t>(
      std::min(std::max((acc >> p.shift) + zeroPoint, min), max));
}

//===----------------------------------------------------------------------===//
// Reduction: the exact sum times one f32 multiplier
//===----------------------------------------------------------------------===//

/// Mean over `count` elements: `(inputScale / outputScale) * (1 / count)`.
float meanMultiplier(float inputScale, float outputScale, int64_t count);
/// Sum: `inputScale / outputScale`.
float sumMultiplier(float inputScale, float outputScale);

/// `rne(clamp(float(sum - count*zx) * multiplier, min - z, max - z)) + z`, for
/// the plain sum of the stored values. Requires a legal reduction.
inline int8_t applyReduce(int32_t sum, int64_t count, int32_t inputZeroPoint,
                          float multiplier, int32_t zeroPoint,
                          int32_t min = kInt8Min, int32_t max = kInt8Max) {
  const int32_t acc = sum - static_cast<int32_t>(count) * inputZeroPoint;
  return requantize(acc, multiplier, zeroPoint, min, max);
}

//===----------------------------------------------------------------------===//
// Conversion between quantized types: a multiplier of 8 fractional bits
//===----------------------------------------------------------------------===//

/// `rne(256 * (inputScale / outputScale))`. Requires a legal ratio.
int32_t q8Multiplier(float inputScale, float outputScale);

/// `clamp((((q - zx) * multiplier + 128) >> 8) + z, min, max)`: an arithmetic
/// shift, so ties round up.
inline int8_t applyQ8(int8_t q, int32_t inputZeroPoint, int32_t multiplier,
                      int32_t zeroPoint, int32_t min = kInt8Min,
                      int32_t max = kInt8Max) {
  const int32_t scaled = ((q - inputZeroPoint) * multiplier + 128) >> 8;
  return static_cast<int8_t>(std::min(std::max(scaled + zeroPoint, min), max));
}

//===----------------------------------------------------------------------===//
// Float in and out
//===----------------------------------------------------------------------===//

/// `rne(clamp(x * inverseScale, min - z, max - z)) + z`, where `inverseScale`
/// is `1 / scale` in f32: XNNPACK multiplies. For up to 16 bits. Infinity
/// saturates. NaN becomes the zero point (or the bound next to it); XNNPACK
/// gives no fixed result for NaN (127 with AVX-512), so NaN is outside of any
/// claim.
inline int32_t quantizeToGrid(float x, float inverseScale, int32_t zeroPoint,
                              int32_t min, int32_t max) {
  float scaled = x * inverseScale;
  if (std::isnan(scaled))
    scaled = 0.0f;
  scaled = std::max(scaled, static_cast<float>(min - zeroPoint));
  scaled = std::min(scaled, static_cast<float>(max - zeroPoint));
  return static_cast<int32_t>(std::lrintf(scaled)) + zeroPoint;
}

/// The same for 8 bits.
inline int8_t quantizeValue(float x, float inverseScale, int32_t zeroPoint,
                            int32_t min = kInt8Min, int32_t max = kInt8Max) {
  return static_cast<int8_t>(
      quantizeToGrid(x, inverseScale, zeroPoint, min, max));
}

/// `float(q - z) * scale`.
inline float dequantizeValue(int32_t q, float scale, int32_t zeroPoint) {
  return static_cast<float>(q - zeroPoint) * scale;
}

/// The stored value of a fused activation's bound:
/// `rne(clamp(bound / scale + z, -128, 127))`. Infinite bounds are legal.
int32_t quantizedBound(float bound, float scale, int32_t zeroPoint);

//===----------------------------------------------------------------------===//
// Tables
//===----------------------------------------------------------------------===//

/// The results for all 256 inputs, indexed by the input's bits as an unsigned
/// byte.
using Table = std::array<int8_t, 256>;

/// `y = f((float(q) - float(zx)) * inputScale)`, then the result is `y *
/// (1/outputScale) + z` rounded to the nearest integer with ties *away from
/// zero* and saturated; NaN becomes 0. So does XNNPACK for every 8-bit unary
/// operator that has no kernel of its own.
Table buildTable(UnaryFunction function, float inputScale,
                 int32_t inputZeroPoint, float outputScale, int32_t zeroPoint);

inline int8_t lookup(const Table &table, int8_t q) {
  return table[static_cast<uint8_t>(q)];
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_REQUANTIZE_H
