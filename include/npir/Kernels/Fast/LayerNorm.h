// This file declares fast layer normalization; the runtime calls it.
#ifndef NPIR_KERNELS_FAST_LAYERNORM_H
#define NPIR_KERNELS_FAST_LAYERNORM_H

#include "npir/Kernels/Fast/InstructionSet.h"
#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// A layer over rows of `channels` floats; `scale` and `offset` have one value
/// per channel.
struct LayerNormF32 {
  int64_t channels;
  float epsilon;
  const float *scale, *offset;
};

/// `(x - mean) / sqrt(variance + epsilon) * scale + offset` for the rows
/// [begin, end). All in f32; the sums run in 16 lanes, so that the result does
/// not depend on the instruction set.
void layerNormF32(const LayerNormF32 &layer, const float *input, float *output,
                  size_t begin, size_t end,
                  InstructionSet set = bestInstructionSet());

/// A quantized layer: the numbers of npir/Kernels/LayerNorm.h, and up to
/// kMaxLayerNormChannels channels.
struct LayerNormI8 {
  int64_t channels;
  float varianceOffset;
  const float *multipliers, *offsets;
  int32_t zeroPoint, min, max;
};

/// The exact 8-bit form, for the rows [begin, end).
void layerNormI8(const LayerNormI8 &layer, const int8_t *input, int8_t *output,
                 size_t begin, size_t end,
                 InstructionSet set = bestInstructionSet());

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_LAYERNORM_H
