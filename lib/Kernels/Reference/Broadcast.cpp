// This file defines the reference kernel that repeats values.
#include "npir/Kernels/Reference/Broadcast.h"
#include "Loops.h"

using namespace npir_kernels;
using namespace npir_kernels::reference;

template <typename T>
void reference::broadcast(TensorRef<const T> input, TensorRef<T> output) {
  int64_t strides[1][kMaxRank] = {};
  computeBroadcastStrides(input.shape, input.rank, output.shape, output.rank,
                          strides[0]);
  forEachIndex(output.shape, output.rank, strides,
               [&](int64_t n, const int64_t (&offsets)[1]) {
                 output.data[n] = input.data[offsets[0]];
               });
}

#define INSTANTIATE(T)                                                         \
  template void reference::broadcast<T>(TensorRef<const T>, TensorRef<T>);
INSTANTIATE(float)
INSTANTIATE(int8_t)
INSTANTIATE(int16_t)
INSTANTIATE(int32_t)
INSTANTIATE(int64_t)
#undef INSTANTIATE
