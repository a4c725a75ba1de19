// This file defines the reference pooling and reduction kernels.
#include "npir/Kernels/Reference/Pooling.h"
#include "Loops.h"
#include <cmath>
#include <functional>
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

/// Calls `finish(sum, number of covered elements)` for every result, with the
/// sum of `term` over the covered elements.
template <typename Sum, typename T, typename Term, typename Finish>
static void poolSum(TensorRef<const T> input, std::array<int64_t, 2> kernel,
                    const Window2D &window, TensorRef<T> output, Term term,
                    Finish finish) {
  checkWindowedShape(input, window, kernel[0], kernel[1], output);
  const int64_t height = input.dim(1), width = input.dim(2);
  const int64_t channels = input.dim(3);
  assert(output.dim(3) == channels && "channels differ");
  T *out = output.data;
  for (int64_t n = 0; n < output.dim(0); ++n)
    for (int64_t oh = 0; oh < output.dim(1); ++oh)
      for (int64_t ow = 0; ow < output.dim(2); ++ow)
        for (int64_t c = 0; c < channels; ++c) {
          Sum sum = 0;
          int64_t count = 0;
          forEachTap(
              window, height, width, kernel[0], kernel[1], oh, ow,
              [&](int64_t h, int64_t w, int64_t, int64_t) {
                sum += term(
                    input.data[((n * height + h) * width + w) * channels + c]);
                ++count;
              });
          *out++ = finish(sum, count);
        }
}

void reference::avgPool2d(TensorRef<const float> input,
                          std::array<int64_t, 2> kernel, const Window2D &window,
                          bool countPadding, TensorRef<float> output) {
  poolSum<double>(
      input, kernel, window, output,
      [](float x) { return static_cast<double>(x); },
      [&](double sum, int64_t covered) {
        const int64_t count = countPadding ? kernel[0] * kernel[1] : covered;
        return static_cast<float>(
            sum / static_cast<double>(std::max<int64_t>(count, 1)));
      });
}

void reference::avgPool2d(TensorRef<const int8_t> input,
                          std::array<int64_t, 2> kernel, const Window2D &window,
                          bool countPadding, const WindowMeanParams &params,
                          TensorRef<int8_t> output) {
  assert(isLegalWindowMean(kernel[0] * kernel[1]) && "too large a window");
  poolSum<int32_t>(
      input, kernel, window, output,
      [&](int8_t q) { return q - params.inputZeroPoint; },
      [&](int32_t sum, int64_t covered) {
        const int64_t count = countPadding ? kernel[0] * kernel[1] : covered;
        return npir_kernels::requantize(
            sum, params.multipliers[std::max<int64_t>(count, 1) - 1],
            params.outputZeroPoint, params.bounds.min, params.bounds.max);
      });
}

/// Combines the elements of `input` into one result per output element, each
/// `first` before, in row-major order of the input. Returns how many elements
/// went into each.
template <typename T, typename Sum, typename Combine>
static int64_t fold(TensorRef<const T> input, const int64_t *axes, int numAxes,
                    Sum first, std::vector<Sum> &results, Combine combine) {
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
  results.assign(kept, first);
  forEachIndex(input.shape, input.rank, strides,
               [&](int64_t n, const int64_t (&offsets)[1]) {
                 Sum &result = results[offsets[0]];
                 result = combine(result, static_cast<Sum>(input.data[n]));
               });
  return count;
}

void reference::reduce(ReduceKind kind, TensorRef<const float> input,
                       const int64_t *axes, int numAxes,
                       TensorRef<float> output) {
  std::vector<double> results;
  constexpr double infinity = std::numeric_limits<double>::infinity();
  auto combineAll = [&](double first, auto combine) {
    return fold(input, axes, numAxes, first, results, combine);
  };
  double divisor = 1;
  switch (kind) {
  case ReduceKind::Mean:
    divisor = static_cast<double>(combineAll(0, std::plus<double>()));
    assert(divisor > 0 && "nothing to reduce");
    break;
  case ReduceKind::Sum:
    combineAll(0, std::plus<double>());
    break;
  case ReduceKind::Max:
    combineAll(-infinity, [](double a, double b) {
      return std::isnan(b) || b > a ? b : a;
    });
    break;
  case ReduceKind::Min:
    combineAll(infinity, [](double a, double b) {
      return std::isnan(b) || b < a ? b : a;
    });
    break;
  case ReduceKind::Prod:
    combineAll(1, std::multiplies<double>());
    break;
  }
  assert(static_cast<int64_t>(results.size()) == output.numElements() &&
         "the output has another size");
  for (size_t i = 0; i < results.size(); ++i)
    output.data[i] = static_cast<float>(results[i] / divisor);
}

void reference::reduce(TensorRef<const int8_t> input, const int64_t *axes,
                       int numAxes, const ReduceParams &params,
                       TensorRef<int8_t> output) {
  std::vector<int32_t> sums;
  const int64_t count =
      fold(input, axes, numAxes, int32_t(0), sums, std::plus<int32_t>());
  assert(static_cast<int64_t>(sums.size()) == output.numElements() &&
         "the output has another size");
  assert(isLegalReduction(count) && "too many elements in one sum");
  for (size_t i = 0; i < sums.size(); ++i)
    output.data[i] = applyReduce(sums[i], count, params.inputZeroPoint,
                                 params.multiplier, params.outputZeroPoint,
                                 params.bounds.min, params.bounds.max);
}

void reference::reduce(ReduceKind kind, TensorRef<const int8_t> input,
                       const int64_t *axes, int numAxes, QuantizedBounds bounds,
                       TensorRef<int8_t> output) {
  assert((kind == ReduceKind::Max || kind == ReduceKind::Min) &&
         "not a selection");
  const bool larger = kind == ReduceKind::Max;
  std::vector<int32_t> results;
  fold(input, axes, numAxes, larger ? kInt8Min : kInt8Max, results,
       [&](int32_t a, int32_t b) {
         return larger ? std::max(a, b) : std::min(a, b);
       });
  for (size_t i = 0; i < results.size(); ++i)
    output.data[i] = applyBounds(static_cast<int8_t>(results[i]), bounds);
}
