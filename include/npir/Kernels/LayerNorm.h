// This file declares the scalar arithmetic of the 8-bit layer normalization.
// XNNPACK has none: the arithmetic is NPIR's own, and `Reference` and `Fast`
// share it. Notation as in Requantize.h; C is the number of channels, S1 and S2
// the sums of a row's stored values and of their squares.
//
//     d = C*q - S1                                  exact: int32 and f32
//     v = double(C*S2 - S1*S1) + double(offset of the variance)
//     r = v > 0 ? float(1 / sqrt(v)) : 0
//     y = (float(d) * r) * multiplier + offset      three roundings
//     q' = clamp(rne(y) + z, min, max)
//
// What includes this file is compiled without floating-point contraction, which
// would drop one of the roundings.
#ifndef NPIR_KERNELS_LAYERNORM_H
#define NPIR_KERNELS_LAYERNORM_H

#include "npir/Kernels/Rounding.h"
#include <algorithm>
#include <cstdint>

namespace npir_kernels {

/// So many channels keep |d| <= 255*C below 2^24, where f32 holds every
/// integer, and S2 in int32.
constexpr int64_t kMaxLayerNormChannels = 32768;

inline bool isLegalLayerNorm(int64_t channels) {
  return channels > 0 && channels <= kMaxLayerNormChannels;
}

/// The offset of the variance, `epsilon * (C / inputScale)^2`: quotient, square
/// and product in double, then f32. Infinite where f32 cannot hold it.
float layerNormVarianceOffset(float epsilon, int64_t channels,
                              float inputScale);

/// A channel's multiplier, of the layer's scale, or its offset, of the layer's
/// offset: `parameter / outputScale` in f32. Infinite where f32 cannot hold it.
float layerNormRatio(float parameter, float outputScale);

/// r of a row. Requires a legal number of channels and a variance offset that
/// is not NaN.
float layerNormInverseDeviation(int64_t channels, int32_t sum,
                                int32_t sumOfSquares, float varianceOffset);

/// q' of one element with `deviation` d. Requires finite numbers and -128 <=
/// min
/// <= max <= 127.
inline int8_t layerNormElement(float deviation, float inverseDeviation,
                               float multiplier, float offset,
                               int32_t zeroPoint, int32_t min, int32_t max) {
  float y = deviation * inverseDeviation;
  y = y * multiplier;
  y = y + offset;
  y = std::max(y, static_cast<float>(min - zeroPoint));
  y = std::min(y, static_cast<float>(max - zeroPoint));
  return static_cast<int8_t>(roundToInt(y) + zeroPoint);
}

} // namespace npir_kernels

#endif // NPIR_KERNELS_LAYERNORM_H
