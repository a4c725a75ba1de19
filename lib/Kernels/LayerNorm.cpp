// This file defines the part of the 8-bit layer normalization that is computed
// once per layer or once per row.
#include "npir/Kernels/LayerNorm.h"
#include <cassert>
#include <cmath>

using namespace npir_kernels;

float npir_kernels::layerNormVarianceOffset(float epsilon, int64_t channels,
                                            float inputScale) {
  const double ratio =
      static_cast<double>(channels) / static_cast<double>(inputScale);
  return static_cast<float>(static_cast<double>(epsilon) * (ratio * ratio));
}

float npir_kernels::layerNormRatio(float parameter, float outputScale) {
  return parameter / outputScale;
}

float npir_kernels::layerNormInverseDeviation(int64_t channels, int32_t sum,
                                              int32_t sumOfSquares,
                                              float varianceOffset) {
  assert(isLegalLayerNorm(channels) && "too many channels");
  // At most 2^44 in magnitude: exact in int64 and in double.
  const int64_t scatter = channels * sumOfSquares - int64_t(sum) * sum;
  const double variance =
      static_cast<double>(scatter) + static_cast<double>(varianceOffset);
  return variance > 0 ? static_cast<float>(1 / std::sqrt(variance)) : 0.0f;
}
