// This file declares the view of a dense tensor that kernels work on.
#ifndef NPIR_KERNELS_TENSORREF_H
#define NPIR_KERNELS_TENSORREF_H

#include <cassert>
#include <cstdint>
#include <type_traits>

namespace npir_kernels {

/// The largest rank that kernels take. XNNPACK has 6 dimensions.
constexpr int kMaxRank = 16;

/// A dense row-major tensor that belongs to someone else. `shape` has `rank`
/// static sizes; rank 0 is one element.
template <typename T>
struct TensorRef {
  T *data = nullptr;
  const int64_t *shape = nullptr;
  int rank = 0;

  TensorRef() = default;
  TensorRef(T *data, const int64_t *shape, int rank)
      : data(data), shape(shape), rank(rank) {
    assert(rank >= 0 && rank <= kMaxRank && "rank is not supported");
  }
  /// A view to write through is also one to read through.
  template <typename U,
            typename = std::enable_if_t<std::is_same<const U, T>::value &&
                                        !std::is_const<U>::value>>
  TensorRef(TensorRef<U> other)
      : data(other.data), shape(other.shape), rank(other.rank) {}

  int64_t dim(int i) const {
    assert(i >= 0 && i < rank && "dimension is out of range");
    return shape[i];
  }
  int64_t numElements() const {
    int64_t count = 1;
    for (int i = 0; i < rank; ++i)
      count *= shape[i];
    return count;
  }
};

} // namespace npir_kernels

#endif // NPIR_KERNELS_TENSORREF_H
