// This file defines the reference kernels that move values.
#include "npir/Kernels/Reference/DataMovement.h"
#include "Loops.h"

using namespace npir_kernels;
using namespace npir_kernels::reference;

template <typename T>
void reference::transpose(TensorRef<const T> input, const int64_t *perm,
                          TensorRef<T> output) {
  assert(input.rank == output.rank && "ranks differ");
  int64_t inputStrides[kMaxRank] = {};
  int64_t stride = 1;
  for (int i = input.rank - 1; i >= 0; --i) {
    inputStrides[i] = stride;
    stride *= input.dim(i);
  }
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

#define INSTANTIATE(T)                                                         \
  template void reference::transpose<T>(TensorRef<const T>, const int64_t *,   \
                                        TensorRef<T>);                         \
  template void reference::copy<T>(TensorRef<const T>, TensorRef<T>);
INSTANTIATE(float)
INSTANTIATE(int8_t)
INSTANTIATE(int32_t)
#undef INSTANTIATE
