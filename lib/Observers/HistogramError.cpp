// This file implements the error of a quantizer on the values of a histogram.
#include "HistogramError.h"
#include <algorithm>
#include <cmath>

namespace mlir::npir {

/// Steps of fewer bins take too long to look at one by one.
static constexpr double kFewBins = 2.0;

HistogramError::HistogramError(const Histogram &histogram, RealRange extrema)
    : width(histogram.binWidth()), zeroBin(histogram.zeroBin()),
      least(extrema.lo / width), greatest(extrema.hi / width),
      zeros(double(histogram.bins()[zeroBin])) {
  llvm::ArrayRef<uint64_t> bins = histogram.bins();
  before.resize(bins.size() + 1);
  for (size_t bin = 0; bin < bins.size(); ++bin) {
    RealRange bounds = boundsOf(bin);
    before[bin + 1] =
        before[bin] + Moments::ofEven(double(bins[bin]), bounds.lo, bounds.hi);
  }
}

RealRange HistogramError::boundsOf(size_t bin) const {
  if (bin == zeroBin)
    return {0.0, 0.0};
  double from = double(bin) - double(zeroBin) - (bin > zeroBin ? 1.0 : 0.0);
  double lo = std::min(least, 0.0), hi = std::max(greatest, 0.0);
  return {std::clamp(from, lo, hi), std::clamp(from + 1.0, lo, hi)};
}

HistogramError::Moments HistogramError::below(double x) const {
  if (x > std::max(greatest, 0.0))
    return before.back();
  // As a distance from the first bin it is rounded down by a conversion.
  double position = x + double(zeroBin);
  if (position < 0.0)
    return before.front();
  if (position >= double(before.size() - 2))
    return before.back();
  auto index = size_t(position) + (x > 0.0 ? 1 : 0);
  RealRange bounds = boundsOf(index);
  if (x <= bounds.lo)
    return before[index];
  if (x >= bounds.hi)
    return before[index + 1];
  double count = before[index + 1].count - before[index].count;
  double part = (x - bounds.lo) / (bounds.hi - bounds.lo);
  return before[index] + Moments::ofEven(part * count, bounds.lo, x);
}

double HistogramError::clippedSquares(const Levels &levels) const {
  double lowest = levels.lowest * levels.step;
  double highest = levels.highest * levels.step;
  return below(lowest).distancesTo(lowest) +
         (before.back() - below(highest)).distancesTo(highest);
}

double HistogramError::clippedNoise(QuantParams params,
                                    IntegerGrid grid) const {
  return clippedSquares(Levels(params, grid, width)) * width * width;
}

double HistogramError::noise(QuantParams params, IntegerGrid grid) const {
  Levels levels(params, grid, width);
  if (levels.step < kFewBins) {
    // Zeros are exact; none is below zero.
    double beyond = before.back().count -
                    below(levels.highest * levels.step).count -
                    (levels.highest == 0.0 ? zeros : 0.0);
    double inside = before.back().count - zeros - beyond -
                    below(levels.lowest * levels.step).count;
    double spread = levels.step * levels.step / 12.0 * std::max(0.0, inside);
    return (clippedSquares(levels) + spread) * width * width;
  }
  auto levelOf = [&](double x) {
    return int64_t(std::clamp(std::nearbyint(x / levels.step), levels.lowest,
                              levels.highest));
  };
  int64_t last = levelOf(std::max(greatest, 0.0));
  double squares = 0.0;
  Moments from;
  for (int64_t level = levelOf(std::min(least, 0.0)); level < last; ++level) {
    Moments to = below((double(level) + 0.5) * levels.step);
    squares += (to - from).distancesTo(double(level) * levels.step);
    from = to;
  }
  squares += (before.back() - from).distancesTo(double(last) * levels.step);
  return squares * width * width;
}

QuantizationError HistogramError::error(QuantParams params,
                                        IntegerGrid grid) const {
  Levels levels(params, grid, width);
  Moments all = before.back();
  double inside = below((levels.highest + 0.5) * levels.step).count -
                  below((levels.lowest - 0.5) * levels.step).count;
  QuantizationError result;
  result.count = uint64_t(all.count);
  result.clipped = uint64_t(std::nearbyint(std::max(0.0, all.count - inside)));
  result.signal = all.squares * width * width;
  result.noise = noise(params, grid);
  return result;
}

} // namespace mlir::npir
