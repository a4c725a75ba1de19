// This file defines the reference pooling and reduction kernels.
#include "npir/Kernels/Reference/Pooling.h"
#include "Loops.h"
#include <cmath>
#include <limits>
#include <vector>

using namespace npir_kernels;
using namespace npir_kernels::reference;

static bool isNaN(float x) { return std::isnan(x); }
static bool isNaN(int8_t) { return false; }

template <typename T, typename Bounds>
static void poolMax(TensorRef<const T> input, std::array<int64_t, 2> kernel,
                    const Window2D &window, Bounds bounds, T lowest,
                    TensorRef<T> output) {
  checkWindowedShape(input, window, kernel[0], kernel[1], output);
  const int64_t height = input.dim(1), width = input.dim(2);
  const int64_t channels = input.dim(3);
  assert(output.dim(3) == channels && "channels differ");

  T *out = output.data;
  for (int64_t n = 0; n < output.dim(0); ++n)
    for (int64_t oh = 0; oh < output.dim(1); ++oh)
      for (int64_t ow = 0; ow < output.dim(2); ++ow)
        for (int64_t c = 0; c < channels; ++c) {
          T best = lowest;
          forEachTap(
              window, height, width, kernel[0], kernel[1], oh, ow,
              [&](int64_t h, int64_t w, int64_t, int64_t) {
                const T x =
                    input.data[((n * height + h) * width + w) * channels + c];
                if (x > best || isNaN(x))
                  best = x;
              });
          *out++ = applyBounds(best, bounds);
        }
}

void reference::maxPool2d(TensorRef<const float> input,
                          std::array<int64_t, 2> kernel, const Window2D &window,
                          FloatBounds bounds, TensorRef<float> output) {
  poolMax(input, kernel, window, bounds,
          -std::numeric_limits<float>::infinity(), output);
}

void reference::maxPool2d(TensorRef<const int8_t> input,
                          std::array<int64_t, 2> kernel, const Window2D &window,
                          QuantizedBounds bounds, TensorRef<int8_t> output) {
  poolMax(input, kernel, window, bounds, static_cast<int8_t>(kInt8Min), output);
}

/// Adds the elements of `input` into one sum per output element, in row-major
/// order of the input. Returns how many elements went into each sum.
template <typename T, typename Sum>
static int64_t sumOver(TensorRef<const T> input, const int64_t *axes,
                       int numAxes, std::vector<Sum> &sums) {
  bool isReduced[kMaxRank] = {};
  for (int i = 0; i < numAxes; ++i) {
    assert(axes[i] >= 0 && axes[i] < input.rank && "axis is out of range");
    assert(!isReduced[axes[i]] && "axis is given twice");
    isReduced[axes[i]] = true;
  }
  // A reduced dimension does not move the output offset.
  int64_t strides[1][kMaxRank] = {};
  int64_t kept = 1, count = 1;
  for (int i = input.rank - 1; i >= 0; --i) {
    if (isReduced[i]) {
      count *= input.dim(i);
      continue;
    }
    strides[0][i] = kept;
    kept *= input.dim(i);
  }
  sums.assign(kept, Sum(0));
  forEachIndex(input.shape, input.rank, strides,
               [&](int64_t n, const int64_t (&offsets)[1]) {
                 sums[offsets[0]] += static_cast<Sum>(input.data[n]);
               });
  return count;
}

void reference::reduce(ReduceKind kind, TensorRef<const float> input,
                       const int64_t *axes, int numAxes,
                       TensorRef<float> output) {
  std::vector<double> sums;
  const int64_t count = sumOver(input, axes, numAxes, sums);
  assert(static_cast<int64_t>(sums.size()) == output.numElements() &&
         "the output has another size");
  assert(count > 0 && "nothing to reduce");
  const double divisor =
      kind == ReduceKind::Mean ? static_cast<double>(count) : 1.0;
  for (size_t i = 0; i < sums.size(); ++i)
    output.data[i] = static_cast<float>(sums[i] / divisor);
}

void reference::reduce(TensorRef<const int8_t> input, const int64_t *axes,
                       int numAxes, const ReduceParams &params,
                       TensorRef<int8_t> output) {
  std::vector<int32_t> sums;
  const int64_t count = sumOver(input, axes, numAxes, sums);
  assert(static_cast<int64_t>(sums.size()) == output.numElements() &&
         "the output has another size");
  assert(isLegalReduction(count) && "too many elements in one sum");
  for (size_t i = 0; i < sums.size(); ++i)
    output.data[i] = applyReduce(sums[i], count, params.inputZeroPoint,
                                 params.multiplier, params.outputZeroPoint,
                                 params.bounds.min, params.bounds.max);
}
