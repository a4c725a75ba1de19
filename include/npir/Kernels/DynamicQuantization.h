// This file declares the scalar arithmetic of rows that are quantized to 8 bits
// at run time. It is XNNPACK 20241108's (f32 to qd8), to the bit; `Reference`
// and `Fast` share it. All of it is f32 in the written order, without
// contraction.
#ifndef NPIR_KERNELS_DYNAMICQUANTIZATION_H
#define NPIR_KERNELS_DYNAMICQUANTIZATION_H

#include "npir/Kernels/Requantize.h"
#include "npir/Kernels/Rounding.h"
#include <cmath>
#include <cstdint>
#include <limits>

namespace npir_kernels {

/// The grid of one row: `x = (q - zeroPoint) * scale`.
struct RowGrid {
  float scale = 1.0f;
  int32_t zeroPoint = 0;
  /// What a value is multiplied by before it is rounded: 1 / scale.
  float inverse = 1.0f;
};

/// The grid for values in [min, max], which holds zero: with r = 255 / (max -
/// min), scale 1/r, and the zero point that of the two ends which has the
/// smaller error. 1 and 0 for a row of zeros. Finite for max - min in [2^-118,
/// 2^127]; beyond that XNNPACK computes infinities, and nobody claims anything.
RowGrid computeRowGrid(float min, float max);

/// The extrema of `count` values and zero, where denormal numbers count as
/// zero and NaN does not count; and their grid.
RowGrid computeRowGrid(const float *row, int64_t count);

/// XNNPACK flushes denormal numbers.
inline float flushDenormal(float x) {
  return std::fabs(x) < std::numeric_limits<float>::min() ? 0.0f : x;
}

/// `clamp(rne(x * inverse) + zeroPoint, -128, 127)`; NaN gives 127.
inline int8_t quantizeInRow(float x, RowGrid grid) {
  float scaled = flushDenormal(x) * grid.inverse;
  const auto high = static_cast<float>(kInt8Max - grid.zeroPoint);
  const auto low = static_cast<float>(kInt8Min - grid.zeroPoint);
  scaled = scaled < high ? scaled : high;
  scaled = scaled > low ? scaled : low;
  return static_cast<int8_t>(roundToInt(scaled) + grid.zeroPoint);
}

/// The real value that `x` is rounded to.
inline float roundInRow(float x, RowGrid grid) {
  return static_cast<float>(quantizeInRow(x, grid) - grid.zeroPoint) *
         grid.scale;
}

/// A scale as one of 8 significant bits (bfloat16), which is what XNNPACK
/// stores for groups of weights. Rounded up, so that no weight is clipped.
float roundUpToBfloat16(float scale);
/// Nothing is lost in 8 significant bits.
bool isBfloat16(float value);

} // namespace npir_kernels

#endif // NPIR_KERNELS_DYNAMICQUANTIZATION_H
