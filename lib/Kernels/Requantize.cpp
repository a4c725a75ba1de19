// This file defines the part of the 8-bit arithmetic that derives parameters.
// It is compiled without floating-point contraction.
#include "npir/Kernels/Requantize.h"
#include <cassert>

using namespace npir_kernels;

float npir_kernels::requantMultiplier(float inputScale, float weightScale,
                                      float outputScale) {
  return inputScale * weightScale / outputScale;
}

QuantizedBias npir_kernels::quantizeBias(float bias, float inputScale,
                                         float weightScale) {
  // The product of two f32 numbers is exact in double.
  const double scale =
      static_cast<double>(inputScale) * static_cast<double>(weightScale);
  const double rounded = std::nearbyint(static_cast<double>(bias) / scale);
  if (std::isnan(rounded))
    return {0, true};
  constexpr int32_t lowest = std::numeric_limits<int32_t>::min();
  constexpr int32_t highest = std::numeric_limits<int32_t>::max();
  if (rounded < lowest)
    return {lowest, true};
  if (rounded > highest)
    return {highest, true};
  return {static_cast<int32_t>(rounded), false};
}

ShiftAdd npir_kernels::computeShiftAdd(float lhsRatio, float rhsRatio) {
  assert(isLegalAddRatio(lhsRatio) && isLegalAddRatio(rhsRatio) &&
         "ratio of scales is out of range");
  // The larger multiplier uses all 21 bits; ilogb is its exponent.
  const int exponent =
      std::ilogb(std::max(std::fabs(lhsRatio), std::fabs(rhsRatio)));
  const int shift = 20 - exponent;
  return {static_cast<int32_t>(std::lrintf(std::ldexp(lhsRatio, shift))),
          static_cast<int32_t>(std::lrintf(std::ldexp(rhsRatio, shift))),
          shift};
}

float npir_kernels::meanMultiplier(float inputScale, float outputScale,
                                   int64_t count) {
  return inputScale / outputScale * (1.0f / static_cast<float>(count));
}

float npir_kernels::sumMultiplier(float inputScale, float outputScale) {
  return inputScale / outputScale;
}

int32_t npir_kernels::q8Multiplier(float inputScale, float outputScale) {
  const float ratio = inputScale / outputScale;
  assert(isLegalConvertRatio(ratio) && "ratio of scales is out of range");
  return static_cast<int32_t>(std::lrintf(256.0f * ratio));
}

int32_t npir_kernels::quantizedBound(float bound, float scale,
                                     int32_t zeroPoint) {
  const float stored = bound / scale + static_cast<float>(zeroPoint);
  return static_cast<int32_t>(
      std::lrintf(std::fmin(std::fmax(stored, -128.0f), 127.0f)));
}

Table npir_kernels::buildTable(UnaryFunction function, float inputScale,
                               int32_t inputZeroPoint, float outputScale,
                               int32_t zeroPoint) {
  const float inverseScale = 1.0f / outputScale;
  Table table;
  for (int32_t q = kInt8Min; q <= kInt8Max; ++q) {
    const float x =
        dequantizeValue(static_cast<int8_t>(q), inputScale, inputZeroPoint);
    const float y = evaluateUnary(function, x) * inverseScale +
                    static_cast<float>(zeroPoint);
    const float rounded = std::isnan(y) ? 0.0f : std::round(y);
    table[static_cast<uint8_t>(q)] =
        static_cast<int8_t>(std::min(std::max(rounded, -128.0f), 127.0f));
  }
  return table;
}
