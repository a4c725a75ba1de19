// This file implements the inner loops of threshold searches with Highway,
// which compiles the part between HWY_BEFORE_NAMESPACE and HWY_AFTER_NAMESPACE
// once for every instruction set.
#include "SearchKernels.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>
#include <cassert>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "SearchKernels.cpp"
#include "hwy/foreach_target.h"
// After foreach_target.h.
#include "hwy/contrib/math/math-inl.h"
#include "hwy/highway.h"
#include <cmath>

HWY_BEFORE_NAMESPACE();
namespace mlir::npir::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// Value i goes to sum i % kLanes: that many on every machine, so that sums
/// are the same on all. Enough to keep the widest vectors busy.
constexpr size_t kLanes = 16;
using Tag = hn::CappedTag<double, kLanes>;

/// The squared errors of `size` values, a multiple of kLanes.
double sumSquaredErrors(const double *values, size_t size,
                        const LevelGrid &grid) {
  const Tag tag;
  const auto inverse = hn::Set(tag, grid.inverse);
  const auto scale = hn::Set(tag, grid.scale);
  const auto lowest = hn::Set(tag, grid.lowest);
  const auto highest = hn::Set(tag, grid.highest);
  // The errors of `x` are exact; a fused product and sum would give the same.
  const auto squaredError = [&](auto x) {
    auto level = hn::Round(hn::Mul(x, inverse));
    level = hn::Min(hn::Max(level, lowest), highest);
    const auto error = hn::Sub(x, hn::Mul(level, scale));
    return hn::Mul(error, error);
  };
  HWY_ALIGN double lanes[kLanes];
  const size_t width = hn::Lanes(tag);
  if (width * 4 == kLanes) {
    auto s0 = hn::Zero(tag), s1 = s0, s2 = s0, s3 = s0;
    for (size_t i = 0; i < size; i += kLanes) {
      const double *x = values + i;
      s0 = hn::Add(s0, squaredError(hn::Load(tag, x)));
      s1 = hn::Add(s1, squaredError(hn::Load(tag, x + width)));
      s2 = hn::Add(s2, squaredError(hn::Load(tag, x + 2 * width)));
      s3 = hn::Add(s3, squaredError(hn::Load(tag, x + 3 * width)));
    }
    hn::Store(s0, tag, lanes);
    hn::Store(s1, tag, lanes + width);
    hn::Store(s2, tag, lanes + 2 * width);
    hn::Store(s3, tag, lanes + 3 * width);
  } else if (width * 2 == kLanes) {
    auto s0 = hn::Zero(tag), s1 = s0;
    for (size_t i = 0; i < size; i += kLanes) {
      s0 = hn::Add(s0, squaredError(hn::Load(tag, values + i)));
      s1 = hn::Add(s1, squaredError(hn::Load(tag, values + i + width)));
    }
    hn::Store(s0, tag, lanes);
    hn::Store(s1, tag, lanes + width);
  } else {
    for (size_t lane = 0; lane < kLanes; lane += width) {
      auto sum = hn::Zero(tag);
      for (size_t i = lane; i < size; i += kLanes)
        sum = hn::Add(sum, squaredError(hn::Load(tag, values + i)));
      hn::Store(sum, tag, lanes + lane);
    }
  }
  double total = 0.0;
  for (double lane : lanes)
    total += lane;
  return total;
}

void addSquaredErrors(llvm::ArrayRef<float> values,
                      llvm::ArrayRef<LevelGrid> grids,
                      llvm::MutableArrayRef<double> sums) {
  constexpr size_t kBlock = 1024;
  HWY_ALIGN double block[kBlock];
  for (; !values.empty();
       values = values.drop_front(std::min(kBlock, values.size()))) {
    llvm::ArrayRef<float> part = values.take_front(kBlock);
    std::copy(part.begin(), part.end(), block);
    // Zeros have no error.
    size_t size = (part.size() + kLanes - 1) / kLanes * kLanes;
    std::fill(block + part.size(), block + size, 0.0);
    for (size_t i = 0; i < grids.size(); ++i)
      sums[i] += sumSquaredErrors(block, size, grids[i]);
  }
}

double sumLogarithms(const double *mass, const double *sum, const double *bins,
                     size_t size) {
  const hn::ScalableTag<double> tag;
  const size_t width = hn::Lanes(tag);
  const auto one = hn::Set(tag, 1.0);
  auto total = hn::Zero(tag);
  size_t i = 0;
  for (; i + width <= size; i += width) {
    const auto s = hn::LoadU(tag, sum + i);
    const auto isEmpty = hn::Eq(s, hn::Zero(tag));
    const auto ratio =
        hn::IfThenElse(isEmpty, one, hn::Div(s, hn::LoadU(tag, bins + i)));
    total =
        hn::Add(total, hn::Mul(hn::LoadU(tag, mass + i), hn::Log(tag, ratio)));
  }
  double result = hn::GetLane(hn::SumOfLanes(tag, total));
  for (; i < size; ++i)
    if (sum[i] != 0.0)
      result += mass[i] * std::log(sum[i] / bins[i]);
  return result;
}

} // namespace mlir::npir::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace mlir::npir {

HWY_EXPORT(addSquaredErrors);
HWY_EXPORT(sumLogarithms);

void addSquaredErrors(llvm::ArrayRef<float> values,
                      llvm::ArrayRef<LevelGrid> grids,
                      llvm::MutableArrayRef<double> sums) {
  assert(grids.size() == sums.size());
  HWY_DYNAMIC_DISPATCH(addSquaredErrors)(values, grids, sums);
}

double sumLogarithms(llvm::ArrayRef<double> mass, llvm::ArrayRef<double> sum,
                     llvm::ArrayRef<double> bins) {
  return HWY_DYNAMIC_DISPATCH(sumLogarithms)(mass.data(), sum.data(),
                                             bins.data(), mass.size());
}

} // namespace mlir::npir
#endif // HWY_ONCE
