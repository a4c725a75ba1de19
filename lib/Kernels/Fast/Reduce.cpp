// This file implements fast reductions: a walk over the dimensions, at whose
// end a row is combined with a row of results, or into one result.
#include "npir/Kernels/Fast/Reduce.h"

#include <algorithm>
#include <limits>

namespace npir_kernels::fast {
namespace {

template <typename T, typename Combine>
class Reducer {
public:
  Reducer(const std::vector<ReduceDim> &dims, T first, Combine combine)
      : dims(dims), first(first), combine(combine), inputSizes(dims.size()),
        outputSizes(dims.size()) {
    for (size_t i = dims.size(); i-- > 0;) {
      inputSizes[i] = inputElements;
      outputSizes[i] = outputElements;
      inputElements *= dims[i].size;
      outputElements *= dims[i].isReduced ? 1 : dims[i].size;
    }
  }

  void run(const T *input, T *output, size_t begin, size_t end) const {
    for (size_t sample = begin; sample < end; ++sample) {
      T *results = output + int64_t(sample) * outputElements;
      std::fill_n(results, outputElements, first);
      reduce(0, input + int64_t(sample) * inputElements, results);
    }
  }

private:
  void reduce(size_t i, const T *__restrict input, T *__restrict output) const {
    const ReduceDim dim = dims[i];
    if (i + 1 < dims.size()) {
      for (int64_t k = 0; k < dim.size; ++k)
        reduce(i + 1, input + k * inputSizes[i],
               output + (dim.isReduced ? 0 : k * outputSizes[i]));
    } else if (dim.isReduced) {
      T result = *output;
      for (int64_t k = 0; k < dim.size; ++k)
        result = combine(result, input[k]);
      *output = result;
    } else {
      for (int64_t k = 0; k < dim.size; ++k)
        output[k] = combine(output[k], input[k]);
    }
  }

  const std::vector<ReduceDim> &dims;
  const T first;
  const Combine combine;
  /// Elements of the dimensions behind each, and of a sample.
  std::vector<int64_t> inputSizes, outputSizes;
  int64_t inputElements = 1, outputElements = 1;
};

template <typename T, typename Combine>
void reduce(const std::vector<ReduceDim> &dims, T first, Combine combine,
            const T *input, T *output, size_t begin, size_t end) {
  Reducer<T, Combine>(dims, first, combine).run(input, output, begin, end);
}

} // namespace

// Only NaN is unequal to itself.
void reduceMaxF32(const std::vector<ReduceDim> &dims, const float *input,
                  float *output, size_t begin, size_t end) {
  reduce(
      dims, -std::numeric_limits<float>::infinity(),
      [](float a, float b) { return (b > a) | (b != b) ? b : a; }, input,
      output, begin, end);
}

void reduceMinF32(const std::vector<ReduceDim> &dims, const float *input,
                  float *output, size_t begin, size_t end) {
  reduce(
      dims, std::numeric_limits<float>::infinity(),
      [](float a, float b) { return (b < a) | (b != b) ? b : a; }, input,
      output, begin, end);
}

void reduceProdF32(const std::vector<ReduceDim> &dims, const float *input,
                   float *output, size_t begin, size_t end) {
  reduce(
      dims, 1.0f, [](float a, float b) { return a * b; }, input, output, begin,
      end);
}

void reduceMaxI8(const std::vector<ReduceDim> &dims, const int8_t *input,
                 int8_t *output, size_t begin, size_t end) {
  reduce(
      dims, int8_t(-128), [](int8_t a, int8_t b) { return std::max(a, b); },
      input, output, begin, end);
}

void reduceMinI8(const std::vector<ReduceDim> &dims, const int8_t *input,
                 int8_t *output, size_t begin, size_t end) {
  reduce(
      dims, int8_t(127), [](int8_t a, int8_t b) { return std::min(a, b); },
      input, output, begin, end);
}

} // namespace npir_kernels::fast
