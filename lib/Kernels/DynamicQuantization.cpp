// This file defines the part of dynamic quantization that is computed once per
// row or once per weight. It is compiled without floating-point contraction.
#include "npir/Kernels/DynamicQuantization.h"
#include <algorithm>
#include <cstring>

using namespace npir_kernels;

RowGrid npir_kernels::computeRowGrid(float min, float max) {
  constexpr float qmin = kInt8Min, qmax = kInt8Max;
  const float rmin = std::min(0.0f, min), rmax = std::max(0.0f, max);
  const float ratio = rmin == rmax ? 1.0f : (qmax - qmin) / (rmax - rmin);
  const float low = rmin * ratio, high = rmax * ratio;
  const float lowError = qmin + low, highError = qmax + high;
  float zeroPoint = lowError + highError > 0 ? qmin - low : qmax - high;
  zeroPoint = std::min(std::max(zeroPoint, qmin), qmax);
  RowGrid grid;
  grid.scale = 1.0f / ratio;
  grid.zeroPoint = static_cast<int32_t>(std::lrintf(zeroPoint));
  grid.inverse = 1.0f / grid.scale;
  return grid;
}

RowGrid npir_kernels::computeRowGrid(const float *row, int64_t count) {
  float min = 0.0f, max = 0.0f;
  for (int64_t i = 0; i < count; ++i) {
    min = row[i] < min ? row[i] : min;
    max = row[i] > max ? row[i] : max;
  }
  return computeRowGrid(flushDenormal(min), flushDenormal(max));
}

static uint32_t toBits(float value) {
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return bits;
}

float npir_kernels::roundUpToBfloat16(float scale) {
  const uint32_t bits = (toBits(scale) + 0xFFFFu) & 0xFFFF0000u;
  float rounded;
  std::memcpy(&rounded, &bits, sizeof(rounded));
  return rounded;
}

bool npir_kernels::isBfloat16(float value) {
  return (toBits(value) & 0xFFFFu) == 0;
}
