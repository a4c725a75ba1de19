// This file defines the reference kernels that move values.
#include "npir/Kernels/Reference/DataMovement.h"
#include "Loops.h"

using namespace npir_kernels;
using namespace npir_kernels::reference;

/// Elements from one index of a dimension to the next.
template <typename T>
static void computeStrides(TensorRef<const T> tensor,
                           int64_t (&strides)[kMaxRank]) {
  int64_t stride = 1;
  for (int i = tensor.rank - 1; i >= 0; --i) {
    strides[i] = stride;
    stride *= tensor.dim(i);
  }
}

template <typename T>
void reference::transpose(TensorRef<const T> input, const int64_t *perm,
                          TensorRef<T> output) {
  assert(input.rank == output.rank && "ranks differ");
  int64_t inputStrides[kMaxRank] = {};
  computeStrides(input, inputStrides);
  int64_t strides[1][kMaxRank] = {};
  for (int i = 0; i < output.rank; ++i) {
    assert(output.dim(i) == input.dim(perm[i]) && "the output has another "
                                                  "shape");
    strides[0][i] = inputStrides[perm[i]];
  }
  forEachIndex(output.shape, output.rank, strides,
               [&](int64_t n, const int64_t (&offsets)[1]) {
                 output.data[n] = input.data[offsets[0]];
               });
}

template <typename T>
void reference::copy(TensorRef<const T> input, TensorRef<T> output) {
  assert(input.numElements() == output.numElements() && "sizes differ");
  std::copy_n(input.data, input.numElements(), output.data);
}

template <typename T>
void reference::slice(TensorRef<const T> input, const int64_t *offsets,
                      TensorRef<T> output) {
  assert(input.rank == output.rank && "ranks differ");
  int64_t strides[1][kMaxRank] = {};
  computeStrides(input, strides[0]);
  const T *first = input.data;
  for (int i = 0; i < input.rank; ++i) {
    assert(offsets[i] >= 0 && offsets[i] + output.dim(i) <= input.dim(i) &&
           "the box is not inside of the input");
    first += offsets[i] * strides[0][i];
  }
  forEachIndex(output.shape, output.rank, strides,
               [&](int64_t n, const int64_t (&position)[1]) {
                 output.data[n] = first[position[0]];
               });
}

template <typename T>
void reference::concat(const TensorRef<const T> *inputs, int64_t numInputs,
                       int axis, TensorRef<T> output) {
  assert(axis >= 0 && axis < output.rank && "axis is out of range");
  int64_t strides[1][kMaxRank] = {};
  computeStrides(TensorRef<const T>(output), strides[0]);
  T *first = output.data;
  for (int64_t i = 0; i < numInputs; ++i) {
    const TensorRef<const T> input = inputs[i];
    assert(input.rank == output.rank && "ranks differ");
    forEachIndex(input.shape, input.rank, strides,
                 [&](int64_t n, const int64_t (&position)[1]) {
                   first[position[0]] = input.data[n];
                 });
    first += input.dim(axis) * strides[0][axis];
  }
}

#define INSTANTIATE(T)                                                         \
  template void reference::transpose<T>(TensorRef<const T>, const int64_t *,   \
                                        TensorRef<T>);                         \
  template void reference::copy<T>(TensorRef<const T>, TensorRef<T>);          \
  template void reference::slice<T>(TensorRef<const T>, const int64_t *,       \
                                    TensorRef<T>);                             \
  template void reference::concat<T>(const TensorRef<const T> *, int64_t, int, \
                                     TensorRef<T>);
INSTANTIATE(float)
INSTANTIATE(int8_t)
INSTANTIATE(int16_t)
INSTANTIATE(int32_t)
INSTANTIATE(int64_t)
#undef INSTANTIATE
