// This file declares how fast kernels walk tensors with strides: dimensions
// that lie behind each other in all of them are walked as one.
#ifndef NPIR_KERNELS_FAST_STRIDED_H
#define NPIR_KERNELS_FAST_STRIDED_H

#include "npir/Kernels/TensorRef.h"

#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// Dimensions are not joined to longer rows: threads share rows.
constexpr int64_t maxJoinedRow = 1 << 14;

/// A box of elements, and how far apart they are in `NumOperands` tensors. The
/// innermost dimension is a row.
template <int NumOperands>
struct StridedBox {
  int rank = 0;
  int64_t shape[kMaxRank] = {};
  int64_t strides[NumOperands][kMaxRank] = {};

  int64_t rowLength() const { return rank ? shape[rank - 1] : 1; }
  int64_t rowStride(int operand) const {
    return rank ? strides[operand][rank - 1] : 0;
  }
  size_t rows() const {
    size_t count = 1;
    for (int i = 0; i + 1 < rank; ++i)
      count *= size_t(shape[i]);
    return count;
  }

  /// Adds a dimension inside of those that are there, or makes the innermost
  /// larger where it lies behind it everywhere.
  void addInner(int64_t size, const int64_t (&inner)[NumOperands]) {
    if (size == 1)
      return;
    bool follows = rank > 0 && shape[rank - 1] * size <= maxJoinedRow;
    for (int k = 0; k < NumOperands; ++k)
      follows = follows && strides[k][rank - 1] == inner[k] * size;
    const int at = follows ? rank - 1 : rank++;
    shape[at] = follows ? shape[at] * size : size;
    for (int k = 0; k < NumOperands; ++k)
      strides[k][at] = inner[k];
  }

  /// Calls `visit(offsets)` with the first element of each of the rows [begin,
  /// end) in every tensor.
  template <typename Visit>
  void forEachRow(size_t begin, size_t end, const Visit &visit) const {
    int64_t index[kMaxRank] = {};
    int64_t offsets[NumOperands] = {};
    size_t rest = begin;
    for (int i = rank - 2; i >= 0; --i) {
      index[i] = int64_t(rest % size_t(shape[i]));
      rest /= size_t(shape[i]);
      for (int k = 0; k < NumOperands; ++k)
        offsets[k] += index[i] * strides[k][i];
    }
    for (size_t row = begin; row < end; ++row) {
      visit(offsets);
      for (int i = rank - 2; i >= 0; --i) {
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
};

/// A shape in memory.
struct ShapeRef {
  const int64_t *sizes;
  int rank;
};

/// The box of `output`, whose tensor is the last one; the others are broadcast
/// to it.
template <int NumInputs>
StridedBox<NumInputs + 1> makeBroadcastBox(const ShapeRef (&inputs)[NumInputs],
                                           ShapeRef output) {
  int64_t strides[NumInputs + 1][kMaxRank] = {};
  for (int k = 0; k <= NumInputs; ++k) {
    const ShapeRef dims = k < NumInputs ? inputs[k] : output;
    int64_t stride = 1;
    for (int i = 1; i <= dims.rank; ++i) {
      const int64_t size = dims.sizes[dims.rank - i];
      strides[k][output.rank - i] = size == 1 ? 0 : stride;
      stride *= size;
    }
  }
  StridedBox<NumInputs + 1> box;
  for (int i = 0; i < output.rank; ++i) {
    int64_t inner[NumInputs + 1];
    for (int k = 0; k <= NumInputs; ++k)
      inner[k] = strides[k][i];
    box.addInner(output.sizes[i], inner);
  }
  return box;
}

/// Copies the rows [begin, end) of `box` from its first tensor to its second,
/// as elements of 1, 4 or 8 bytes.
void copyStrided(const StridedBox<2> &box, size_t elementSize,
                 const void *input, void *output, size_t begin, size_t end);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_STRIDED_H
