// This file defines the reference kernels for normalizations in float only.
#include "npir/Kernels/Reference/GroupNorm.h"
#include <cmath>

using namespace npir_kernels;

void reference::groupNorm(TensorRef<const float> input, const float *scale,
                          const float *offset, int64_t groups, float epsilon,
                          TensorRef<float> output) {
  assert(input.rank >= 2 && "expects samples and channels");
  assert(input.numElements() == output.numElements() && "sizes differ");
  const int64_t channels = input.dim(input.rank - 1);
  assert(groups > 0 && channels % groups == 0 && "uneven groups");
  const int64_t groupSize = channels / groups;
  int64_t pixels = 1;
  for (int i = 1; i + 1 < input.rank; ++i)
    pixels *= input.dim(i);
  const auto count = static_cast<double>(pixels * groupSize);
  for (int64_t n = 0; n < input.dim(0); ++n)
    for (int64_t first = 0; first < channels; first += groupSize) {
      const int64_t start = n * pixels * channels + first;
      auto forEachElement = [&](auto visit) {
        for (int64_t p = 0; p < pixels; ++p)
          for (int64_t c = 0; c < groupSize; ++c)
            visit(start + p * channels + c, first + c);
      };
      double mean = 0, variance = 0;
      forEachElement([&](int64_t i, int64_t) { mean += input.data[i]; });
      mean /= count;
      forEachElement([&](int64_t i, int64_t) {
        variance += (input.data[i] - mean) * (input.data[i] - mean);
      });
      const double deviation =
          std::sqrt(variance / count + static_cast<double>(epsilon));
      forEachElement([&](int64_t i, int64_t c) {
        output.data[i] = static_cast<float>(
            (input.data[i] - mean) / deviation * scale[c] + offset[c]);
      });
    }
}

void reference::rmsNorm(TensorRef<const float> input, const float *scale,
                        float epsilon, TensorRef<float> output) {
  assert(input.rank >= 1 && "expects rank 1 or more");
  assert(input.numElements() == output.numElements() && "sizes differ");
  const int64_t count = input.numElements();
  const int64_t channels = input.dim(input.rank - 1);
  for (int64_t row = 0; row < count; row += channels) {
    const float *x = input.data + row;
    double squares = 0;
    for (int64_t c = 0; c < channels; ++c)
      squares += static_cast<double>(x[c]) * x[c];
    const double root = std::sqrt(squares / static_cast<double>(channels) +
                                  static_cast<double>(epsilon));
    for (int64_t c = 0; c < channels; ++c)
      output.data[row + c] = static_cast<float>(x[c] / root * scale[c]);
  }
}

void reference::prelu(TensorRef<const float> input, const float *slope,
                      TensorRef<float> output) {
  assert(input.rank >= 1 && "expects rank 1 or more");
  assert(input.numElements() == output.numElements() && "sizes differ");
  const int64_t channels = input.dim(input.rank - 1);
  for (int64_t i = 0; i < input.numElements(); ++i) {
    const float x = input.data[i];
    output.data[i] = x < 0 ? x * slope[i % channels] : x;
  }
}
