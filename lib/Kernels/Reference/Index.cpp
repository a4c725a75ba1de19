// This file defines the reference kernels of indices and truth values.
#include "npir/Kernels/Reference/Index.h"
#include "Loops.h"

using namespace npir_kernels;
using namespace npir_kernels::reference;

namespace {
/// Elements before, along and behind one dimension.
struct AxisView {
  template <typename T>
  AxisView(TensorRef<T> tensor, int axis) : size(tensor.dim(axis)) {
    for (int i = 0; i < axis; ++i)
      outer *= tensor.dim(i);
    for (int i = axis + 1; i < tensor.rank; ++i)
      inner *= tensor.dim(i);
  }
  int64_t outer = 1, size, inner = 1;
};
} // namespace

template <typename T>
void reference::gather(TensorRef<const T> data, int axis,
                       const int64_t *indices, int64_t count,
                       TensorRef<T> output) {
  const AxisView view(data, axis);
  assert(output.numElements() == view.outer * count * view.inner &&
         "the output has another size");
  T *out = output.data;
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (int64_t i = 0; i < count; ++i) {
      const int64_t index = resolveIndex(indices[i], view.size);
      assert(index >= 0 && index < view.size && "index is out of range");
      const T *slice = data.data + (outer * view.size + index) * view.inner;
      out = std::copy_n(slice, view.inner, out);
    }
}

template <typename T>
void reference::where(TensorRef<const Truth> condition,
                      TensorRef<const T> onTrue, TensorRef<const T> onFalse,
                      TensorRef<T> output) {
  int64_t strides[3][kMaxRank] = {};
  computeBroadcastStrides(condition.shape, condition.rank, output.shape,
                          output.rank, strides[0]);
  computeBroadcastStrides(onTrue.shape, onTrue.rank, output.shape, output.rank,
                          strides[1]);
  computeBroadcastStrides(onFalse.shape, onFalse.rank, output.shape,
                          output.rank, strides[2]);
  forEachIndex(output.shape, output.rank, strides,
               [&](int64_t n, const int64_t (&offsets)[3]) {
                 output.data[n] = isTrue(condition.data[offsets[0]])
                                      ? onTrue.data[offsets[1]]
                                      : onFalse.data[offsets[2]];
               });
}

/// `function` of each pair of elements.
template <typename T, typename Function>
static void forEachPair(TensorRef<const T> lhs, TensorRef<const T> rhs,
                        TensorRef<Truth> output, Function function) {
  int64_t strides[2][kMaxRank] = {};
  computeBroadcastStrides(lhs.shape, lhs.rank, output.shape, output.rank,
                          strides[0]);
  computeBroadcastStrides(rhs.shape, rhs.rank, output.shape, output.rank,
                          strides[1]);
  forEachIndex(output.shape, output.rank, strides,
               [&](int64_t n, const int64_t (&offsets)[2]) {
                 output.data[n] = toTruth(
                     function(lhs.data[offsets[0]], rhs.data[offsets[1]]));
               });
}

template <typename T>
void reference::compare(CompareKind kind, TensorRef<const T> lhs,
                        TensorRef<const T> rhs, TensorRef<Truth> output) {
  forEachPair(lhs, rhs, output, [&](T a, T b) {
    if constexpr (std::is_same_v<T, Truth>)
      return evaluateCompare(kind, isTrue(a), isTrue(b));
    else
      return evaluateCompare(kind, a, b);
  });
}

void reference::logical(LogicalKind kind, TensorRef<const Truth> lhs,
                        TensorRef<const Truth> rhs, TensorRef<Truth> output) {
  forEachPair(lhs, rhs, output, [&](Truth a, Truth b) {
    return evaluateLogical(kind, isTrue(a), isTrue(b));
  });
}

void reference::logicalNot(TensorRef<const Truth> input,
                           TensorRef<Truth> output) {
  for (int64_t i = 0, e = output.numElements(); i < e; ++i)
    output.data[i] = toTruth(!isTrue(input.data[i]));
}

void reference::argmax(TensorRef<const float> input, int axis, bool last,
                       int64_t *output) {
  const AxisView view(input, axis);
  for (int64_t outer = 0; outer < view.outer; ++outer)
    for (int64_t inner = 0; inner < view.inner; ++inner) {
      const float *first = input.data + outer * view.size * view.inner + inner;
      int64_t best = 0;
      for (int64_t i = 1; i < view.size; ++i)
        if (isNewMaximum(first[i * view.inner], first[best * view.inner], last))
          best = i;
      *output++ = best;
    }
}

template <typename To, typename From>
void reference::cast(TensorRef<const From> input, TensorRef<To> output) {
  for (int64_t i = 0, e = output.numElements(); i < e; ++i)
    output.data[i] = castNumber<To>(input.data[i]);
}

#define INSTANTIATE_MOVES(T)                                                   \
  template void reference::gather<T>(TensorRef<const T>, int, const int64_t *, \
                                     int64_t, TensorRef<T>);                   \
  template void reference::where<T>(TensorRef<const Truth>,                    \
                                    TensorRef<const T>, TensorRef<const T>,    \
                                    TensorRef<T>);
INSTANTIATE_MOVES(float)
INSTANTIATE_MOVES(int8_t)
INSTANTIATE_MOVES(int16_t)
INSTANTIATE_MOVES(int32_t)
INSTANTIATE_MOVES(int64_t)
#undef INSTANTIATE_MOVES

#define INSTANTIATE_NUMBERS(T)                                                 \
  template void reference::compare<T>(CompareKind, TensorRef<const T>,         \
                                      TensorRef<const T>, TensorRef<Truth>);   \
  template void reference::cast<float, T>(TensorRef<const T>,                  \
                                          TensorRef<float>);                   \
  template void reference::cast<Truth, T>(TensorRef<const T>,                  \
                                          TensorRef<Truth>);                   \
  template void reference::cast<int32_t, T>(TensorRef<const T>,                \
                                            TensorRef<int32_t>);               \
  template void reference::cast<int64_t, T>(TensorRef<const T>,                \
                                            TensorRef<int64_t>);
INSTANTIATE_NUMBERS(float)
INSTANTIATE_NUMBERS(Truth)
INSTANTIATE_NUMBERS(int32_t)
INSTANTIATE_NUMBERS(int64_t)
#undef INSTANTIATE_NUMBERS
