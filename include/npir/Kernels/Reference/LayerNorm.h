// This file declares the reference kernels for layer normalization.
#ifndef NPIR_KERNELS_REFERENCE_LAYERNORM_H
#define NPIR_KERNELS_REFERENCE_LAYERNORM_H

#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/TensorRef.h"
#include <cstdint>

namespace npir_kernels::reference {

/// `(x - mean) / sqrt(variance + epsilon) * scale + offset` along the last
/// dimension of size C, in double, rounded to f32 once. `scale` and `offset`
/// have C values; the variance is the mean squared deviation.
void layerNorm(TensorRef<const float> input, const float *scale,
               const float *offset, float epsilon, TensorRef<float> output);

/// The numbers of a quantized layer normalization (npir/Kernels/LayerNorm.h).
struct LayerNormParams {
  float varianceOffset = 0;
  const float *multipliers = nullptr; ///< C values
  const float *offsets = nullptr;     ///< C values
  int32_t outputZeroPoint = 0;
  QuantizedBounds bounds;
};

/// Quantized, with C <= kMaxLayerNormChannels. The zero point of the input
/// cancels.
void layerNorm(TensorRef<const int8_t> input, const LayerNormParams &params,
               TensorRef<int8_t> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_LAYERNORM_H
