// This file implements what a person wants to know of recorded statistics.
#include "npir/Observers/StatisticsSummary.h"
#include <algorithm>
#include <cmath>
#include <tuple>

namespace mlir::npir {

/// What the bins hold: `fn(begin, end, share)` for each that is not empty, in
/// ascending order; `begin` == `end` for zeros.
template <typename Fn>
static void forEachShare(const TensorStatistics &statistics, const Fn &fn) {
  const Histogram &histogram = statistics.histogram;
  double least = statistics.minVal, greatest = statistics.maxVal;
  for (size_t i = 0; i < histogram.bins().size(); ++i) {
    double share = double(histogram.bins()[i]) / double(histogram.total());
    if (share == 0.0)
      continue;
    double offset = double(i) - double(histogram.zeroBin());
    double begin =
        (offset > 0.0 ? offset - 1.0 : offset) * histogram.binWidth();
    double end = offset == 0.0 ? begin : begin + histogram.binWidth();
    fn(std::clamp(begin, least, greatest), std::clamp(end, least, greatest),
       share);
  }
}

/// Whether the sums of values of this size at most are exact: they end at 2^130
/// for up to 4096 squares, and their unit is 2^-80.
static bool hasExactSums(double size) {
  return size == 0.0 || (size >= 0x1p-30 && size <= 0x1p59);
}

/// Mean and standard deviation, to about a bin's width: of the bins' centres.
static std::pair<double, double>
getMomentsOfBins(const TensorStatistics &statistics) {
  double mean = 0.0, variance = 0.0;
  forEachShare(statistics, [&](double begin, double end, double share) {
    mean += share * (begin + end) / 2;
  });
  forEachShare(statistics, [&](double begin, double end, double share) {
    double distance = (begin + end) / 2 - mean;
    variance += share * distance * distance;
  });
  return {mean, std::sqrt(variance)};
}

TensorSummary TensorSummary::get(const TensorStatistics &statistics) {
  TensorSummary result;
  result.count = statistics.count;
  result.nonFinite = statistics.nonFiniteCount();
  if (!statistics.isObserved())
    return result;
  float least = statistics.minVal, greatest = statistics.maxVal;
  result.min = least;
  result.max = greatest;
  if (!hasExactSums(std::max(std::fabs(least), std::fabs(greatest)))) {
    if (statistics.hasDistribution())
      std::tie(result.mean, result.deviation) = getMomentsOfBins(statistics);
  } else if (statistics.hasMoments() && statistics.moments.count != 0) {
    result.mean = statistics.moments.mean();
    result.deviation = statistics.moments.deviation();
  }
  if (!statistics.hasDistribution())
    return result;
  const Histogram &histogram = statistics.histogram;
  result.zeroShare =
      double(histogram.bins()[histogram.zeroBin()]) / double(histogram.total());
  auto quantile = [&](Histogram::Side side) {
    return histogram.quantiles(side, 1e-3, least, greatest).front();
  };
  result.middle = RealRange{quantile(Histogram::Side::Lower),
                            quantile(Histogram::Side::Upper)};
  double size =
      std::max(std::fabs(result.middle->lo), std::fabs(result.middle->hi));
  if (size > 0.0)
    result.stretch = std::max(
        1.0, double(std::max(std::fabs(least), std::fabs(greatest))) / size);
  return result;
}

std::optional<double> getDistance(const TensorStatistics &lhs,
                                  const TensorStatistics &rhs) {
  if (!lhs.isObserved() || !rhs.isObserved() || !lhs.hasDistribution() ||
      !rhs.hasDistribution())
    return std::nullopt;
  // One grid for both.
  Histogram a = lhs.histogram, b = rhs.histogram;
  a.cover(rhs.minVal, rhs.maxVal);
  b.cover(lhs.minVal, lhs.maxVal);
  double distance = 0.0;
  uint64_t belowA = 0, belowB = 0;
  for (size_t i = 0; i < a.bins().size(); ++i) {
    belowA += a.bins()[i];
    belowB += b.bins()[i];
    distance =
        std::max(distance, std::fabs(double(belowA) / double(a.total()) -
                                     double(belowB) / double(b.total())));
  }
  return distance;
}

std::vector<double> getShares(const TensorStatistics &statistics,
                              size_t parts) {
  if (!statistics.isObserved() || !statistics.hasDistribution())
    return {};
  std::vector<double> shares(parts, 0.0);
  double least = statistics.minVal, greatest = statistics.maxVal;
  double width = (greatest - least) / double(parts);
  auto partOf = [&](double value) {
    double part = width > 0.0 ? std::floor((value - least) / width) : 0.0;
    return size_t(std::clamp(part, 0.0, double(parts - 1)));
  };
  forEachShare(statistics, [&](double begin, double end, double share) {
    size_t first = partOf(begin), last = partOf(end);
    for (size_t part = first; part <= last; ++part) {
      double from = std::max(begin, least + double(part) * width);
      double to = part == last ? end : least + double(part + 1) * width;
      shares[part] += first == last
                          ? share
                          : share * std::max(0.0, to - from) / (end - begin);
    }
  });
  return shares;
}

} // namespace mlir::npir
