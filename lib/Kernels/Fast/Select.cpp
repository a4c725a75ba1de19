// This file implements the fast kernels of indices and truth values.
#include "npir/Kernels/Fast/Select.h"

#include <algorithm>

namespace npir_kernels::fast {
namespace {

template <int Stride>
struct Step {
  static constexpr int64_t value = Stride;
};

/// Calls `body(Step)` with the stride, 0 or 1, as a constant, so that loops
/// over a row are vectorized.
template <typename Body>
void withStep(int64_t stride, const Body &body) {
  if (stride == 0)
    body(Step<0>());
  else
    body(Step<1>());
}

/// `function` of the elements of two broadcast operands.
template <typename T, typename Function>
void forEachPair(const StridedBox<3> &box, const T *lhs, const T *rhs,
                 Truth *output, size_t begin, size_t end,
                 const Function &function) {
  const int64_t length = box.rowLength();
  withStep(box.rowStride(0), [&](auto a) {
    withStep(box.rowStride(1), [&](auto b) {
      box.forEachRow(begin, end, [&](const int64_t (&offsets)[3]) {
        const T *x = lhs + offsets[0], *y = rhs + offsets[1];
        Truth *out = output + offsets[2];
        for (int64_t i = 0; i < length; ++i)
          out[i] = toTruth(
              function(x[i * decltype(a)::value], y[i * decltype(b)::value]));
      });
    });
  });
}

template <typename T>
void whereAs(const StridedBox<4> &box, const Truth *condition,
             const void *onTrue, const void *onFalse, void *output,
             size_t begin, size_t end) {
  const int64_t length = box.rowLength();
  withStep(box.rowStride(0), [&](auto a) {
    withStep(box.rowStride(1), [&](auto b) {
      withStep(box.rowStride(2), [&](auto c) {
        box.forEachRow(begin, end, [&](const int64_t (&offsets)[4]) {
          const Truth *chosen = condition + offsets[0];
          const T *x = static_cast<const T *>(onTrue) + offsets[1];
          const T *y = static_cast<const T *>(onFalse) + offsets[2];
          T *out = static_cast<T *>(output) + offsets[3];
          for (int64_t i = 0; i < length; ++i)
            out[i] = isTrue(chosen[i * decltype(a)::value])
                         ? x[i * decltype(b)::value]
                         : y[i * decltype(c)::value];
        });
      });
    });
  });
}

/// A kind as a type, so that the loop over a row has no branches.
template <CompareKind Kind>
struct Relation {
  template <typename T>
  bool operator()(T a, T b) const {
    if constexpr (std::is_same_v<T, Truth>)
      return evaluateCompare(Kind, isTrue(a), isTrue(b));
    else
      return evaluateCompare(Kind, a, b);
  }
};

template <LogicalKind Kind>
struct Logical {
  bool operator()(Truth a, Truth b) const {
    return evaluateLogical(Kind, isTrue(a), isTrue(b));
  }
};

} // namespace

void where(const StridedBox<4> &box, size_t elementSize, const Truth *condition,
           const void *onTrue, const void *onFalse, void *output, size_t begin,
           size_t end) {
  if (elementSize == 1)
    whereAs<uint8_t>(box, condition, onTrue, onFalse, output, begin, end);
  else if (elementSize == 4)
    whereAs<uint32_t>(box, condition, onTrue, onFalse, output, begin, end);
  else
    whereAs<uint64_t>(box, condition, onTrue, onFalse, output, begin, end);
}

template <typename T>
void compare(const StridedBox<3> &box, CompareKind kind, const T *lhs,
             const T *rhs, Truth *output, size_t begin, size_t end) {
  auto run = [&](const auto &relation) {
    forEachPair(box, lhs, rhs, output, begin, end, relation);
  };
  switch (kind) {
  case CompareKind::Eq:
    return run(Relation<CompareKind::Eq>());
  case CompareKind::Ne:
    return run(Relation<CompareKind::Ne>());
  case CompareKind::Lt:
    return run(Relation<CompareKind::Lt>());
  case CompareKind::Le:
    return run(Relation<CompareKind::Le>());
  case CompareKind::Gt:
    return run(Relation<CompareKind::Gt>());
  case CompareKind::Ge:
    return run(Relation<CompareKind::Ge>());
  }
}

void logical(const StridedBox<3> &box, LogicalKind kind, const Truth *lhs,
             const Truth *rhs, Truth *output, size_t begin, size_t end) {
  auto run = [&](const auto &function) {
    forEachPair(box, lhs, rhs, output, begin, end, function);
  };
  switch (kind) {
  case LogicalKind::And:
    return run(Logical<LogicalKind::And>());
  case LogicalKind::Or:
    return run(Logical<LogicalKind::Or>());
  case LogicalKind::Xor:
    return run(Logical<LogicalKind::Xor>());
  }
}

template <typename To, typename From>
void cast(const From *input, To *output, size_t size) {
  std::transform(input, input + size, output,
                 [](From x) { return castNumber<To>(x); });
}

void argmax(const AxisView &view, bool last, const float *input,
            int64_t *output, size_t begin, size_t end) {
  for (size_t outer = begin; outer < end; ++outer) {
    const float *slice = input + int64_t(outer) * view.size * view.inner;
    int64_t *best = output + int64_t(outer) * view.inner;
    std::fill_n(best, view.inner, 0);
    // Along memory; the indices so far tell where the largest values are.
    for (int64_t i = 1; i < view.size; ++i)
      for (int64_t j = 0; j < view.inner; ++j)
        if (isNewMaximum(slice[i * view.inner + j],
                         slice[best[j] * view.inner + j], last))
          best[j] = i;
  }
}

#define INSTANTIATE(T)                                                         \
  template void compare<T>(const StridedBox<3> &, CompareKind, const T *,      \
                           const T *, Truth *, size_t, size_t);                \
  template void cast<float, T>(const T *, float *, size_t);                    \
  template void cast<Truth, T>(const T *, Truth *, size_t);                    \
  template void cast<int32_t, T>(const T *, int32_t *, size_t);                \
  template void cast<int64_t, T>(const T *, int64_t *, size_t);
INSTANTIATE(float)
INSTANTIATE(Truth)
INSTANTIATE(int32_t)
INSTANTIATE(int64_t)
#undef INSTANTIATE

} // namespace npir_kernels::fast
