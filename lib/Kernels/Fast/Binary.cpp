// This file implements fast functions of two tensors.
#include "npir/Kernels/Fast/Binary.h"

#include <algorithm>

namespace npir_kernels::fast {

BroadcastPlan::BroadcastPlan(const std::vector<int64_t> &lhs,
                             const std::vector<int64_t> &rhs,
                             const std::vector<int64_t> &output) {
  int64_t lhsStride = 1, rhsStride = 1;
  for (size_t i = 1; i <= output.size(); ++i) {
    const int64_t size = output[output.size() - i];
    const int64_t a = i <= lhs.size() ? lhs[lhs.size() - i] : 1;
    const int64_t b = i <= rhs.size() ? rhs[rhs.size() - i] : 1;
    if (size == 1)
      continue;
    const Dim dim = {size, a == 1 ? 0 : lhsStride, b == 1 ? 0 : rhsStride};
    lhsStride *= a;
    rhsStride *= b;
    // Innermost first.
    if (!dims.empty() &&
        dim.lhsStride == dims.back().lhsStride * dims.back().size &&
        dim.rhsStride == dims.back().rhsStride * dims.back().size)
      dims.back().size *= size;
    else
      dims.push_back(dim);
  }
  if (dims.empty())
    dims.push_back({1, 0, 0});
  std::reverse(dims.begin(), dims.end());
}

/// Calls `run(lhs, rhs, output, count, lhsStride, rhsStride)` for parts of the
/// result that lie along its last dimension.
template <typename T, typename Run>
static void forEachPart(const BroadcastPlan &plan, const T *lhs, const T *rhs,
                        T *output, size_t begin, size_t end, Run run) {
  const BroadcastPlan::Dim inner = plan.dims.back();
  while (begin < end) {
    const auto column = static_cast<int64_t>(begin % size_t(inner.size));
    int64_t a = column * inner.lhsStride, b = column * inner.rhsStride;
    size_t row = begin / size_t(inner.size);
    for (size_t i = plan.dims.size() - 1; i-- > 0;) {
      const BroadcastPlan::Dim &dim = plan.dims[i];
      const auto index = static_cast<int64_t>(row % size_t(dim.size));
      a += index * dim.lhsStride;
      b += index * dim.rhsStride;
      row /= size_t(dim.size);
    }
    const size_t count = std::min(size_t(inner.size - column), end - begin);
    run(lhs + a, rhs + b, output + begin, count, inner.lhsStride,
        inner.rhsStride);
    begin += count;
  }
}

template <BinaryKind kind, typename T>
static void runKind(const BroadcastPlan &plan, const T *lhs, const T *rhs,
                    T min, T max, T *output, size_t begin, size_t end) {
  auto evaluate = [&](T a, T b) {
    const auto value = static_cast<T>(evaluateBinary(kind, a, b));
    return std::min(std::max(value, min), max);
  };
  forEachPart(
      plan, lhs, rhs, output, begin, end,
      [&](const T *__restrict a, const T *__restrict b, T *__restrict result,
          size_t count, int64_t lhsStride, int64_t rhsStride) {
        if (lhsStride == 0 || rhsStride == 0) {
          for (size_t i = 0; i < count; ++i)
            result[i] =
                evaluate(a[i * size_t(lhsStride)], b[i * size_t(rhsStride)]);
          return;
        }
        for (size_t i = 0; i < count; ++i)
          result[i] = evaluate(a[i], b[i]);
      });
}

void binaryF32(BinaryKind kind, const BroadcastPlan &plan, const float *lhs,
               const float *rhs, float min, float max, float *output,
               size_t begin, size_t end) {
  auto run = [&](auto run) {
    run(plan, lhs, rhs, min, max, output, begin, end);
  };
  switch (kind) {
  case BinaryKind::Add:
    return run(runKind<BinaryKind::Add, float>);
  case BinaryKind::Subtract:
    return run(runKind<BinaryKind::Subtract, float>);
  case BinaryKind::Multiply:
    return run(runKind<BinaryKind::Multiply, float>);
  case BinaryKind::Divide:
    return run(runKind<BinaryKind::Divide, float>);
  case BinaryKind::Maximum:
    return run(runKind<BinaryKind::Maximum, float>);
  case BinaryKind::Minimum:
    return run(runKind<BinaryKind::Minimum, float>);
  case BinaryKind::Power:
    return run(runKind<BinaryKind::Power, float>);
  }
}

void selectI8(BinaryKind kind, const BroadcastPlan &plan, const int8_t *lhs,
              const int8_t *rhs, int8_t min, int8_t max, int8_t *output,
              size_t begin, size_t end) {
  if (kind == BinaryKind::Maximum)
    runKind<BinaryKind::Maximum>(plan, lhs, rhs, min, max, output, begin, end);
  else
    runKind<BinaryKind::Minimum>(plan, lhs, rhs, min, max, output, begin, end);
}

} // namespace npir_kernels::fast
