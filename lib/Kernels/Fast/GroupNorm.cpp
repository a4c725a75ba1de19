// This file implements fast normalizations in float only. The loops are written
// for the compiler's vectorizer; -ffp-contract=off keeps the float order.
#include "npir/Kernels/Fast/GroupNorm.h"
#include "Lanes.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace npir_kernels::fast {
namespace {

struct GroupKernel {
  /// Replaces the sums of the channels of each group by their sum over `count`.
  NPIR_ALWAYS_INLINE static void average(std::vector<double> &sums,
                                         int64_t groupSize, double count) {
    for (size_t first = 0; first < sums.size(); first += size_t(groupSize)) {
      double sum = 0;
      for (int64_t c = 0; c < groupSize; ++c)
        sum += sums[first + size_t(c)];
      std::fill_n(sums.begin() + int64_t(first), groupSize, sum / count);
    }
  }

  NPIR_ALWAYS_INLINE static void runUnit(const GroupNormF32 &layer,
                                         const float *__restrict input,
                                         float *__restrict output,
                                         int64_t first, int64_t width) {
    const int64_t groupSize = layer.channels / layer.groups;
    const auto count = static_cast<double>(layer.pixels * groupSize);
    const auto size = static_cast<size_t>(width);
    std::vector<double> means(size), variances(size);
    double *__restrict mean = means.data();
    double *__restrict variance = variances.data();
    for (int64_t p = 0; p < layer.pixels; ++p)
      for (int64_t c = 0; c < width; ++c)
        mean[c] += static_cast<double>(input[p * layer.channels + c]);
    average(means, groupSize, count);
    for (int64_t p = 0; p < layer.pixels; ++p)
      for (int64_t c = 0; c < width; ++c) {
        const double deviation =
            static_cast<double>(input[p * layer.channels + c]) - mean[c];
        variance[c] += deviation * deviation;
      }
    average(variances, groupSize, count);
    for (int64_t c = 0; c < width; ++c)
      variance[c] = layer.scale[first + c] /
                    std::sqrt(variance[c] + static_cast<double>(layer.epsilon));
    for (int64_t p = 0; p < layer.pixels; ++p)
      for (int64_t c = 0; c < width; ++c) {
        const int64_t i = p * layer.channels + c;
        output[i] = static_cast<float>(
            (static_cast<double>(input[i]) - mean[c]) * variance[c] +
            static_cast<double>(layer.offset[first + c]));
      }
  }

  NPIR_ALWAYS_INLINE static void run(const GroupNormF32 *layer,
                                     const float *input, float *output,
                                     size_t begin, size_t end) {
    const int64_t units = layer->unitsPerSample();
    const int64_t unitSize =
        layer->channels / layer->groups * layer->groupsPerUnit();
    for (size_t unit = begin; unit < end; ++unit) {
      const int64_t first = int64_t(unit) % units * unitSize;
      const int64_t start =
          int64_t(unit) / units * layer->pixels * layer->channels + first;
      runUnit(*layer, input + start, output + start, first,
              std::min(unitSize, layer->channels - first));
    }
  }
};

struct RMSKernel {
  NPIR_ALWAYS_INLINE static void run(const RMSNormF32 *layer,
                                     const float *input, float *output,
                                     size_t begin, size_t end) {
    const int64_t channels = layer->channels;
    for (size_t row = begin; row < end; ++row) {
      const float *__restrict x = input + int64_t(row) * channels;
      float *__restrict y = output + int64_t(row) * channels;
      const float *__restrict scale = layer->scale;
      const float mean =
          sumInLanes(channels, [&](int64_t c) { return x[c] * x[c]; }) /
          static_cast<float>(channels);
      const float inverse = 1.0f / std::sqrt(mean + layer->epsilon);
      for (int64_t c = 0; c < channels; ++c)
        y[c] = x[c] * inverse * scale[c];
    }
  }
};

} // namespace

int64_t GroupNormF32::groupsPerUnit() const {
  constexpr int64_t channelsPerUnit = 64;
  const int64_t groupSize = channels / groups;
  return std::min(groups, std::max<int64_t>(1, channelsPerUnit / groupSize));
}

void groupNormF32(const GroupNormF32 &layer, const float *input, float *output,
                  size_t begin, size_t end, InstructionSet set) {
  runVariant<GroupKernel>(set, &layer, input, output, begin, end);
}

void rmsNormF32(const RMSNormF32 &layer, const float *input, float *output,
                size_t begin, size_t end, InstructionSet set) {
  runVariant<RMSKernel>(set, &layer, input, output, begin, end);
}

} // namespace npir_kernels::fast
