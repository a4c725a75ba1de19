// This file implements ranges from values that are all at hand, which need no
// statistics.
#include "AutoSearch.h"
#include "Divergence.h"
#include "ExactError.h"
#include "FloatBits.h"
#include "Percentile.h"
#include "ShrinkSearch.h"
#include "npir/Observers/Observer.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include "llvm/Support/MathExtras.h"
#include <algorithm>

namespace mlir::npir {

using Kind = ObserverParams::Kind;

namespace {

/// The finite values of a channel or a group; at least one.
class ExactSearch {
public:
  /// Reorders `values`.
  ExactSearch(llvm::MutableArrayRef<float> values, const QuantFormat &format,
              ParallelFor parallelFor)
      : values(values), format(format), parallelFor(parallelFor) {
    auto [least, greatest] = std::minmax_element(values.begin(), values.end());
    extrema = {*least, *greatest};
  }

  DerivedRange run(const ObserverParams &params) {
    switch (params.kind) {
    case Kind::MinMax:
    case Kind::EMA:
      return {extrema, params.kind, 0};
    case Kind::Percentile:
      return {rangeOfPercentiles(
                  {quantile(1.0 - params.alpha), quantile(params.alpha)},
                  float(extrema.lo), float(extrema.hi)),
              params.kind, 0};
    case Kind::OMSE: {
      ShrunkRange found = searchShrunkRange(
          extrema, params.twoSided && format.scheme == QuantScheme::Affine,
          [this](auto ranges, auto errors) { getErrors(ranges, errors); });
      return {found.range, params.kind, found.k};
    }
    case Kind::KL:
      return runKL(params.bins);
    case Kind::Auto:
      return runAuto();
    }
    llvm_unreachable("unknown observer");
  }

private:
  /// The value below which the share `p` of the values lies.
  double quantile(double p) {
    double position = double(values.size() - 1) * p;
    auto rank = size_t(position);
    auto at = values.begin() + rank;
    std::nth_element(values.begin(), at, values.end());
    if (rank + 1 >= values.size())
      return *at;
    double next = *std::min_element(at + 1, values.end());
    return double(*at) + (position - double(rank)) * (next - double(*at));
  }

  void getErrors(llvm::ArrayRef<RealRange> ranges,
                 llvm::MutableArrayRef<double> errors) {
    llvm::SmallVector<LevelGrid> grids;
    for (RealRange range : ranges)
      grids.emplace_back(computeQuantParams(range, format.grid, format.scheme),
                         format.grid);
    sumSquaredErrors(values, grids, errors, parallelFor);
  }

  DerivedRange runKL(unsigned bins) {
    // As many bins as the search would leave of more.
    Histogram histogram(llvm::Log2_32(2 * bins));
    histogram.cover(float(extrema.lo), float(extrema.hi));
    histogram.count(values);
    Threshold found = searchThreshold(histogram, extrema, bins, format);
    return {cutRange(extrema, found, format.scheme), Kind::KL,
            unsigned(found.bin)};
  }

  DerivedRange runAuto() {
    llvm::SmallVector<DerivedRange> found;
    for (ObserverParams params :
         getAutoParams(values.size(), format, ObserverParams::kWeightAlpha))
      found.push_back(run(params));
    llvm::SmallVector<RealRange> ranges = llvm::map_to_vector(
        found, [](const DerivedRange &one) { return one.range; });
    llvm::SmallVector<double> errors(ranges.size());
    getErrors(ranges, errors);
    return found[findLeast(errors)];
  }

  llvm::MutableArrayRef<float> values;
  const QuantFormat &format;
  ParallelFor parallelFor;
  RealRange extrema;
};

/// The values of one channel, in the order of memory.
void gather(const float *data, ChannelView view, size_t channel,
            std::vector<float> &values) {
  values.clear();
  for (size_t outer = 0; outer < view.outer; ++outer) {
    const float *row = data + (outer * view.channels + channel) * view.inner;
    values.insert(values.end(), row, row + view.inner);
  }
}

/// Moves the finite ones of `values` to the front, and says how many there are.
size_t keepFinite(llvm::MutableArrayRef<float> values) {
  size_t kept = 0;
  for (float x : values) {
    values[kept] = flushDenormal(x);
    kept += isFiniteValue(x) ? 1 : 0;
  }
  return kept;
}

/// The ranges of runs of `length` values of each channel.
llvm::SmallVector<std::optional<DerivedRange>>
explainRuns(const float *data, ChannelView view, size_t length,
            const ObserverParams &params, const QuantFormat &format,
            ParallelFor parallelFor) {
  size_t size = view.outer * view.inner;
  size_t runs = length == 0 ? 1 : (size + length - 1) / length;
  llvm::SmallVector<std::optional<DerivedRange>> ranges(view.channels * runs);
  // One channel shares out its values.
  ParallelFor within =
      view.channels == 1 ? parallelFor : ParallelFor(serialFor);
  auto runChannel = [&](size_t channel, std::vector<float> &values) {
    gather(data, view, channel, values);
    llvm::MutableArrayRef<float> rest = values;
    for (size_t run = 0; run < runs; ++run) {
      auto all = rest.take_front(length);
      rest = rest.drop_front(all.size());
      if (auto finite = all.take_front(keepFinite(all)); !finite.empty())
        ranges[channel * runs + run] =
            ExactSearch(finite, format, within).run(params);
    }
  };
  // Tasks of several channels each, which share their copy of the values.
  constexpr size_t kTasks = 64;
  size_t tasks = std::min(view.channels, kTasks);
  auto runTask = [&](size_t task) {
    std::vector<float> values;
    values.reserve(size);
    for (size_t channel = task; channel < view.channels; channel += tasks)
      runChannel(channel, values);
  };
  if (tasks == 1)
    runTask(0);
  else
    parallelFor(tasks, runTask);
  return ranges;
}

llvm::SmallVector<std::optional<RealRange>>
withoutReasons(llvm::ArrayRef<std::optional<DerivedRange>> ranges) {
  return llvm::map_to_vector(
      ranges, [](const std::optional<DerivedRange> &range) {
        return range ? std::optional(range->range) : std::nullopt;
      });
}

} // namespace

llvm::SmallVector<std::optional<DerivedRange>>
explainExactRanges(const float *data, ChannelView view,
                   const ObserverParams &params, const QuantFormat &format,
                   ParallelFor parallelFor) {
  return explainRuns(data, view, view.outer * view.inner, params, format,
                     parallelFor);
}

llvm::SmallVector<std::optional<RealRange>>
deriveExactRanges(const float *data, ChannelView view,
                  const ObserverParams &params, const QuantFormat &format,
                  ParallelFor parallelFor) {
  return withoutReasons(
      explainExactRanges(data, view, params, format, parallelFor));
}

llvm::SmallVector<std::optional<RealRange>>
deriveGroupRanges(const float *data, ChannelView view, size_t groupSize,
                  const ObserverParams &params, const QuantFormat &format,
                  ParallelFor parallelFor) {
  return withoutReasons(
      explainRuns(data, view, groupSize, params, format, parallelFor));
}

} // namespace mlir::npir
