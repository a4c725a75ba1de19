// This file declares the reference kernels for normalizations in float only.
#ifndef NPIR_KERNELS_REFERENCE_GROUPNORM_H
#define NPIR_KERNELS_REFERENCE_GROUPNORM_H

#include "npir/Kernels/TensorRef.h"
#include <cstdint>

namespace npir_kernels::reference {

/// input [N,...,C]: `(x - mean) / sqrt(variance + epsilon) * scale + offset`
/// over one sample's elements in each of `groups` groups of C/groups
/// neighbouring channels; `scale` and `offset` have C values. In double,
/// rounded to f32 once.
void groupNorm(TensorRef<const float> input, const float *scale,
               const float *offset, int64_t groups, float epsilon,
               TensorRef<float> output);

/// `x / sqrt(mean(x*x) + epsilon) * scale` along the last dimension of size C;
/// `scale` has C values. In double, rounded to f32 once.
void rmsNorm(TensorRef<const float> input, const float *scale, float epsilon,
             TensorRef<float> output);

/// `x`, times the slope of its channel (the last dimension) where it is
/// negative.
void prelu(TensorRef<const float> input, const float *slope,
           TensorRef<float> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_GROUPNORM_H
