// This file implements ranges from values that are all at hand, which need no
// statistics.
#include "FloatBits.h"
#include "Percentile.h"
#include "npir/Observers/Observer.h"
#include <algorithm>

namespace mlir::npir {

/// The value below which the share `p` of `values` lies. Reorders them.
static double quantile(llvm::MutableArrayRef<float> values, double p) {
  double position = double(values.size() - 1) * p;
  auto rank = size_t(position);
  auto at = values.begin() + rank;
  std::nth_element(values.begin(), at, values.end());
  if (rank + 1 >= values.size())
    return *at;
  double next = *std::min_element(at + 1, values.end());
  return double(*at) + (position - double(rank)) * (next - double(*at));
}

static RealRange rangeOf(llvm::MutableArrayRef<float> values,
                         const ObserverParams &params) {
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  if (params.kind == ObserverParams::Kind::MinMax)
    return {*least, *greatest};
  // Now, since quantiles reorder the values.
  float extrema[] = {*least, *greatest};
  return rangeOfPercentiles(
      {quantile(values, 1.0 - params.alpha), quantile(values, params.alpha)},
      extrema[0], extrema[1]);
}

llvm::SmallVector<std::optional<RealRange>>
deriveExactRanges(const float *data, ChannelView view,
                  const ObserverParams &params, const QuantFormat &format,
                  ParallelFor parallelFor) {
  llvm::SmallVector<std::optional<RealRange>> ranges(view.channels);
  std::vector<float> values;
  values.reserve(view.outer * view.inner);
  for (size_t channel = 0; channel < view.channels; ++channel) {
    values.clear();
    for (size_t outer = 0; outer < view.outer; ++outer) {
      const float *row = data + (outer * view.channels + channel) * view.inner;
      for (size_t i = 0; i < view.inner; ++i)
        if (isFiniteValue(row[i]))
          values.push_back(flushDenormal(row[i]));
    }
    if (!values.empty())
      ranges[channel] = rangeOf(values, params);
  }
  return ranges;
}

} // namespace mlir::npir
