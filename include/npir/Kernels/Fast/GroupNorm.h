// This file declares fast normalizations in float only; the runtime calls them.
#ifndef NPIR_KERNELS_FAST_GROUPNORM_H
#define NPIR_KERNELS_FAST_GROUPNORM_H

#include "npir/Kernels/Fast/InstructionSet.h"
#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// A layer over samples of `pixels` rows of `channels` floats in `groups` equal
/// groups; `scale` and `offset` have one value per channel.
struct GroupNormF32 {
  int64_t pixels, channels, groups;
  float epsilon;
  const float *scale, *offset;

  /// Groups that are computed together: enough channels for a vector.
  int64_t groupsPerUnit() const;
  /// Units of work in one sample.
  int64_t unitsPerSample() const {
    return (groups + groupsPerUnit() - 1) / groupsPerUnit();
  }
};

/// `(x - mean) / sqrt(variance + epsilon) * scale + offset` with the mean and
/// variance of each sample's group, for the units [begin, end) of all samples.
/// Sums are in double.
void groupNormF32(const GroupNormF32 &layer, const float *input, float *output,
                  size_t begin, size_t end,
                  InstructionSet set = bestInstructionSet());

/// `x / sqrt(mean(x*x) + epsilon) * scale` for the rows [begin, end) of
/// `channels` floats; all in f32, the sum in 16 lanes.
struct RMSNormF32 {
  int64_t channels;
  float epsilon;
  const float *scale;
};
void rmsNormF32(const RMSNormF32 &layer, const float *input, float *output,
                size_t begin, size_t end,
                InstructionSet set = bestInstructionSet());

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_GROUPNORM_H
