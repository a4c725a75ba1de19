// This file defines the loops that several reference kernels share.
#ifndef NPIR_LIB_KERNELS_REFERENCE_LOOPS_H
#define NPIR_LIB_KERNELS_REFERENCE_LOOPS_H

#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/TensorRef.h"
#include <algorithm>

namespace npir_kernels::reference {

/// NaN passes through: it is neither below nor above a bound.
inline float applyBounds(float x, FloatBounds bounds) {
  return std::min(std::max(x, bounds.min), bounds.max);
}

inline int8_t applyBounds(int8_t q, QuantizedBounds bounds) {
  return static_cast<int8_t>(
      std::min(std::max(int32_t(q), bounds.min), bounds.max));
}

/// Calls `visit(h, w, kh, kw)` for each tap of the window at output position
/// (oh, ow) that is inside of the input.
template <typename Visit>
void forEachTap(const Window2D &window, int64_t height, int64_t width,
                int64_t kernelHeight, int64_t kernelWidth, int64_t oh,
                int64_t ow, Visit visit) {
  for (int64_t kh = 0; kh < kernelHeight; ++kh) {
    const int64_t h =
        oh * window.strides[0] - window.pads[0] + kh * window.dilations[0];
    if (h < 0 || h >= height)
      continue;
    for (int64_t kw = 0; kw < kernelWidth; ++kw) {
      const int64_t w =
          ow * window.strides[1] - window.pads[2] + kw * window.dilations[1];
      if (w >= 0 && w < width)
        visit(h, w, kh, kw);
    }
  }
}

/// Asserts that `output` is the result of moving the window over `input`.
template <typename T, typename U>
void checkWindowedShape(TensorRef<const T> input, const Window2D &window,
                        int64_t kernelHeight, int64_t kernelWidth,
                        TensorRef<U> output) {
  (void)input, (void)window, (void)kernelHeight, (void)kernelWidth;
  (void)output;
  assert(input.rank == 4 && output.rank == 4 && "expects rank 4");
  assert(input.dim(0) == output.dim(0) && "batch sizes differ");
  assert(output.dim(1) == windowedSize(input.dim(1), kernelHeight,
                                       window.strides[0], window.dilations[0],
                                       window.pads[0], window.pads[1]) &&
         "the output has another height");
  assert(output.dim(2) == windowedSize(input.dim(2), kernelWidth,
                                       window.strides[1], window.dilations[1],
                                       window.pads[2], window.pads[3]) &&
         "the output has another width");
}

/// Calls `visit(output index, offset in a tensor with these strides...)` for
/// every index of `shape` in row-major order, with one offset per row of
/// `strides`.
template <int NumOperands, typename Visit>
void forEachIndex(const int64_t *shape, int rank,
                  const int64_t (&strides)[NumOperands][kMaxRank],
                  Visit visit) {
  int64_t count = 1;
  for (int i = 0; i < rank; ++i)
    count *= shape[i];
  int64_t index[kMaxRank] = {};
  int64_t offsets[NumOperands] = {};
  for (int64_t n = 0; n < count; ++n) {
    visit(n, offsets);
    for (int i = rank - 1; i >= 0; --i) {
      for (int k = 0; k < NumOperands; ++k)
        offsets[k] += strides[k][i];
      if (++index[i] < shape[i])
        break;
      for (int k = 0; k < NumOperands; ++k)
        offsets[k] -= strides[k][i] * shape[i];
      index[i] = 0;
    }
  }
}

/// The strides by which an operand with `shape` is read while the index runs
/// over a result of `outputShape`, which it broadcasts to: 0 where it repeats.
/// `strides` is all zero before.
inline void computeBroadcastStrides(const int64_t *shape, int rank,
                                    const int64_t *outputShape, int outputRank,
                                    int64_t (&strides)[kMaxRank]) {
  (void)outputShape;
  assert(rank <= outputRank && "the output has too few dimensions");
  int64_t stride = 1;
  for (int i = 1; i <= rank; ++i) {
    const int64_t size = shape[rank - i];
    assert((size == 1 || size == outputShape[outputRank - i]) &&
           "shapes do not broadcast");
    strides[outputRank - i] = size == 1 ? 0 : stride;
    stride *= size;
  }
}

} // namespace npir_kernels::reference

#endif // NPIR_LIB_KERNELS_REFERENCE_LOOPS_H
