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

template <typename T>
void reference::pad(TensorRef<const T> input, const int64_t *before,
                    PadMode mode, T value, TensorRef<T> output) {
  assert(input.rank == output.rank && "ranks differ");
  int64_t inputStrides[kMaxRank] = {};
  computeStrides(input, inputStrides);
  std::vector<int64_t> indices[kMaxRank];
  for (int i = 0; i < input.rank; ++i)
    indices[i] = padIndices(mode, input.dim(i), before[i],
                            output.dim(i) - input.dim(i) - before[i]);
  const int64_t strides[1][kMaxRank] = {};
  int64_t index[kMaxRank] = {};
  forEachIndex(output.shape, output.rank, strides,
               [&](int64_t n, const int64_t (&)[1]) {
                 int64_t offset = 0;
                 bool isInside = true;
                 for (int i = 0; i < input.rank; ++i) {
                   const int64_t source = indices[i][index[i]];
                   isInside &= source >= 0;
                   offset += source * inputStrides[i];
                 }
                 output.data[n] = isInside ? input.data[offset] : value;
                 for (int i = output.rank - 1; i >= 0; --i) {
                   if (++index[i] < output.dim(i))
                     break;
                   index[i] = 0;
                 }
               });
}

/// Calls `visit(index in depth, index in space)` for every element.
template <typename Visit>
static void forEachInBlocks(const int64_t *spaceShape, int64_t block,
                            Visit visit) {
  const int64_t height = spaceShape[1], width = spaceShape[2];
  const int64_t channels = spaceShape[3];
  int64_t space = 0;
  for (int64_t n = 0; n < spaceShape[0]; ++n)
    for (int64_t h = 0; h < height; ++h)
      for (int64_t w = 0; w < width; ++w)
        for (int64_t c = 0; c < channels; ++c, ++space) {
          const int64_t pixel =
              (n * (height / block) + h / block) * (width / block) + w / block;
          const int64_t part = h % block * block + w % block;
          visit((pixel * block * block + part) * channels + c, space);
        }
}

template <typename T>
void reference::depthToSpace(TensorRef<const T> input, int64_t block,
                             TensorRef<T> output) {
  assert(input.numElements() == output.numElements() && "sizes differ");
  forEachInBlocks(output.shape, block, [&](int64_t depth, int64_t space) {
    output.data[space] = input.data[depth];
  });
}

template <typename T>
void reference::spaceToDepth(TensorRef<const T> input, int64_t block,
                             TensorRef<T> output) {
  assert(input.numElements() == output.numElements() && "sizes differ");
  forEachInBlocks(input.shape, block, [&](int64_t depth, int64_t space) {
    output.data[depth] = input.data[space];
  });
}

template <typename T>
void reference::gatherPixels(TensorRef<const T> input, const int64_t *rows,
                             const int64_t *columns, TensorRef<T> output) {
  const int64_t height = input.dim(1), width = input.dim(2);
  const int64_t channels = input.dim(3);
  T *out = output.data;
  for (int64_t n = 0; n < output.dim(0); ++n)
    for (int64_t h = 0; h < output.dim(1); ++h)
      for (int64_t w = 0; w < output.dim(2); ++w) {
        const int64_t pixel = (n * height + rows[h]) * width + columns[w];
        out = std::copy_n(input.data + pixel * channels, channels, out);
      }
}

#define INSTANTIATE(T)                                                         \
  template void reference::pad<T>(TensorRef<const T>, const int64_t *,         \
                                  PadMode, T, TensorRef<T>);                   \
  template void reference::depthToSpace<T>(TensorRef<const T>, int64_t,        \
                                           TensorRef<T>);                      \
  template void reference::spaceToDepth<T>(TensorRef<const T>, int64_t,        \
                                           TensorRef<T>);                      \
  template void reference::gatherPixels<T>(                                    \
      TensorRef<const T>, const int64_t *, const int64_t *, TensorRef<T>);
INSTANTIATE(uint8_t)
INSTANTIATE(uint16_t)
INSTANTIATE(uint32_t)
INSTANTIATE(uint64_t)
#undef INSTANTIATE

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
#undef INSTANTIATE
