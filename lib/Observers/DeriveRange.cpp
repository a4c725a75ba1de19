// This file implements the derivation of ranges from statistics.
#include "AutoSearch.h"
#include "Divergence.h"
#include "HistogramError.h"
#include "Percentile.h"
#include "RangeAverage.h"
#include "ShrinkSearch.h"
#include "npir/Observers/ClipWeight.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallVectorExtras.h"
#include "llvm/Support/ErrorHandling.h"
#include <cmath>

namespace mlir::npir {

using Kind = ObserverParams::Kind;

//===----------------------------------------------------------------------===//
// Averages over batches
//===----------------------------------------------------------------------===//

/// The average of the ranges of batches, in the order of the data set.
static RealRange
averageBatches(const TensorStatistics &statistics, double sigma,
               llvm::function_ref<RealRange(uint64_t)> getRange,
               llvm::function_ref<RealRange(const OpenBatch &)> getOpenRange) {
  std::optional<RealRange> average;
  // Two sorted sequences.
  auto open = statistics.openBatches.begin();
  auto addOpenBefore = [&](uint64_t index) {
    for (; open != statistics.openBatches.end() && open->first < index; ++open)
      moveAverage(average, getOpenRange(open->second), sigma);
  };
  for (const auto &entry : statistics.batches) {
    addOpenBefore(entry.first);
    moveAverage(average, getRange(entry.first), sigma);
  }
  addOpenBefore(std::numeric_limits<uint64_t>::max());
  return average.value_or(RealRange());
}

static RealRange averageExtrema(const TensorStatistics &statistics,
                                double sigma) {
  auto extrema = [](const auto &batch) {
    return RealRange{batch.minVal, batch.maxVal};
  };
  return averageBatches(
      statistics, sigma,
      [&](uint64_t index) { return extrema(statistics.batches.at(index)); },
      extrema);
}

/// The percentiles of a histogram.
static RealRange getPercentiles(const Histogram &histogram, double alpha,
                                float least, float greatest) {
  // A sample of rows may miss a batch.
  if (histogram.total() == 0)
    return {least, greatest};
  auto quantile = [&](Histogram::Side side) {
    return histogram.quantiles(side, 1.0 - alpha, least, greatest).front();
  };
  return rangeOfPercentiles(
      {quantile(Histogram::Side::Lower), quantile(Histogram::Side::Upper)},
      least, greatest);
}

/// From the histograms of batches where they were kept, else from their tails.
static RealRange averagePercentiles(const TensorStatistics &statistics,
                                    double alpha, double sigma) {
  double tail = 1.0 - alpha;
  return averageBatches(
      statistics, sigma,
      [&](uint64_t index) {
        const BatchTails &tails = statistics.batches.at(index);
        auto packed = statistics.batchHistograms.find(index);
        if (packed == statistics.batchHistograms.end())
          return tails.range(tail);
        Histogram histogram = llvm::cantFail(
            Histogram::unpack(packed->second, tails.minVal, tails.maxVal,
                              Histogram::kTensorLogBins, /*isSampled=*/true));
        return getPercentiles(histogram, alpha, tails.minVal, tails.maxVal);
      },
      [&](const OpenBatch &batch) {
        if (statistics.keepsBatchHistograms)
          return getPercentiles(batch.histogram, alpha, batch.minVal,
                                batch.maxVal);
        return BatchTails::get(batch.histogram, batch.minVal, batch.maxVal)
            .range(tail);
      });
}

//===----------------------------------------------------------------------===//
// Searches in a histogram
//===----------------------------------------------------------------------===//

namespace {

/// The values of a tensor or a channel, as its histogram has them.
class HistogramSearch {
public:
  /// `clipWeight`: how often the errors of cut values count, finite.
  /// Values beyond `extrema` count as if they were there.
  HistogramSearch(const Histogram &histogram, RealRange extrema,
                  const QuantFormat &format, double clipWeight = 1.0)
      : histogram(histogram), extrema(extrema), format(format),
        clipWeight(clipWeight) {}

  /// What `params` says of all values together: sigma means nothing here.
  DerivedRange run(const ObserverParams &params) {
    switch (params.kind) {
    case Kind::MinMax:
    case Kind::EMA:
      return {extrema, params.kind, 0};
    case Kind::Percentile:
      return {getPercentiles(histogram, params.alpha, float(extrema.lo),
                             float(extrema.hi)),
              params.kind, 0};
    case Kind::OMSE: {
      ShrunkRange found = searchShrunkRange(
          extrema, params.twoSided && format.scheme == QuantScheme::Affine,
          [this](auto ranges, auto errors) { getErrors(ranges, errors); });
      return {found.range, params.kind, found.k};
    }
    case Kind::KL: {
      Threshold found =
          searchThreshold(histogram, extrema, params.bins, format);
      return {cutRange(extrema, found, format.scheme), params.kind,
              unsigned(found.bin)};
    }
    case Kind::Auto:
      break;
    }
    llvm_unreachable("an observer that chooses");
  }

  /// The one of `found` with the least error.
  DerivedRange choose(llvm::ArrayRef<DerivedRange> found) {
    llvm::SmallVector<double> errors;
    for (const DerivedRange &one : found)
      errors.push_back(getCost(getParams(one.range)));
    return found[findLeast(errors)];
  }

private:
  QuantParams getParams(RealRange range) const {
    return computeQuantParams(range, format.grid, format.scheme);
  }

  double getClippedCost(QuantParams params) {
    return clipWeight * getError().clippedNoise(params, format.grid);
  }

  double getCost(QuantParams params) {
    double noise = getError().noise(params, format.grid);
    if (clipWeight == 1.0)
      return noise;
    return noise +
           (clipWeight - 1.0) * getError().clippedNoise(params, format.grid);
  }

  void getErrors(llvm::ArrayRef<RealRange> ranges,
                 llvm::MutableArrayRef<double> errors) {
    constexpr double kInfinity = std::numeric_limits<double>::infinity();
    double least = kInfinity;
    for (auto [range, error] : llvm::zip_equal(ranges, errors)) {
      QuantParams params = getParams(range);
      // Not even a look at the values that it keeps.
      error = getClippedCost(params) > least ? kInfinity : getCost(params);
      least = std::min(least, error);
    }
  }

  /// Made when first asked for.
  const HistogramError &getError() {
    if (!error)
      error.emplace(histogram, extrema);
    return *error;
  }

  const Histogram &histogram;
  RealRange extrema;
  const QuantFormat &format;
  double clipWeight;
  std::optional<HistogramError> error;
};

} // namespace

//===----------------------------------------------------------------------===//
// Tensors
//===----------------------------------------------------------------------===//

llvm::StringRef getMissing(const TensorStatistics &statistics,
                           const ObserverParams &params, bool channels) {
  if (channels && statistics.channelMin.empty())
    return "channels";
  if (params.kind == Kind::MinMax || (channels && params.kind == Kind::EMA))
    return "";
  if (!statistics.hasDistribution())
    return "a histogram";
  if (channels && statistics.channelHistograms.empty())
    return "histograms of channels";
  return "";
}

static RealRange intersect(RealRange range, RealRange limits) {
  return {std::clamp(range.lo, limits.lo, limits.hi),
          std::clamp(range.hi, limits.lo, limits.hi)};
}

DerivedRange explainRange(const TensorStatistics &statistics,
                          const ObserverParams &params,
                          const QuantFormat &format, const ClipRule &rule) {
  if (!statistics.isObserved())
    return {RealRange(), params.kind, 0};
  assert(getMissing(statistics, params, false).empty());
  bool isAuto = params.kind == Kind::Auto;
  RealRange extrema{statistics.minVal, statistics.maxVal};
  if (isAuto)
    extrema = intersect(extrema, rule.limits);
  if (isAuto && std::isinf(rule.weight)) {
    if (rule.share == 0.0)
      return {extrema, Kind::MinMax, 0};
    RealRange kept = getPercentiles(statistics.histogram, 1.0 - rule.share,
                                    statistics.minVal, statistics.maxVal);
    return {intersect(kept, rule.limits), Kind::Percentile, 0};
  }
  HistogramSearch search(statistics.histogram, extrema, format,
                         isAuto ? rule.weight : 1.0);
  auto run = [&](const ObserverParams &params) -> DerivedRange {
    if (params.kind == Kind::EMA)
      return {averageExtrema(statistics, params.emaSigma()), params.kind, 0};
    if (params.kind == Kind::Percentile && params.sigma)
      return {averagePercentiles(statistics, params.alpha, *params.sigma),
              params.kind, 0};
    return search.run(params);
  };
  if (!isAuto)
    return run(params);
  llvm::SmallVector<DerivedRange> found;
  for (const ObserverParams &one :
       getAutoParams(statistics.histogram.total(), format,
                     ObserverParams::kActivationAlpha)) {
    found.push_back(run(one));
    found.back().range = intersect(found.back().range, rule.limits);
  }
  return search.choose(found);
}

DerivedRange explainRange(const TensorStatistics &statistics,
                          const ObserverParams &params,
                          const QuantFormat &format) {
  return explainRange(statistics, params, format, ClipRule());
}

RealRange deriveRange(const TensorStatistics &statistics,
                      const ObserverParams &params, const QuantFormat &format) {
  return explainRange(statistics, params, format).range;
}

//===----------------------------------------------------------------------===//
// Channels
//===----------------------------------------------------------------------===//

/// Fewer than 4 values are expected beyond a percentile, or there are fewer
/// than 10 for a bin of KL.
static bool hasFewValues(const Histogram &channel,
                         const ObserverParams &params) {
  switch (params.kind) {
  case Kind::Percentile:
    return double(channel.total()) * (1.0 - params.alpha) < 4.0;
  case Kind::KL:
    return channel.total() < kValuesPerBin * ObserverParams::kLeastBins;
  default:
    return false;
  }
}

static DerivedRange explainChannel(const Histogram &channel, float least,
                                   float greatest, const ObserverParams &params,
                                   const QuantFormat &format,
                                   double clipWeight) {
  bool isAuto = params.kind == Kind::Auto;
  if (isAuto && std::isinf(clipWeight))
    return {{least, greatest}, Kind::MinMax, 0};
  HistogramSearch search(channel, {least, greatest}, format,
                         isAuto ? clipWeight : 1.0);
  if (!isAuto) {
    if (hasFewValues(channel, params))
      return {{least, greatest}, params.kind, 0};
    return search.run(params);
  }
  llvm::SmallVector<DerivedRange> found;
  for (const ObserverParams &one :
       getAutoParams(channel.total(), format, ObserverParams::kActivationAlpha))
    if (!hasFewValues(channel, one))
      found.push_back(search.run(one));
  return search.choose(found);
}

llvm::SmallVector<DerivedRange>
explainChannelRanges(const TensorStatistics &statistics,
                     const ObserverParams &params, const QuantFormat &format,
                     double clipWeight) {
  llvm::SmallVector<DerivedRange> ranges(statistics.channelMin.size());
  if (ranges.empty())
    return ranges;
  assert(getMissing(statistics, params, true).empty());
  // Extrema need no histogram.
  const Histogram none;
  bool hasHistograms = !statistics.channelHistograms.empty();
  for (size_t i = 0; i < ranges.size(); ++i) {
    float least = statistics.channelMin[i], greatest = statistics.channelMax[i];
    // A channel without a finite value keeps (0, 0).
    if (least <= greatest)
      ranges[i] =
          explainChannel(hasHistograms ? statistics.channelHistograms[i] : none,
                         least, greatest, params, format, clipWeight);
    else
      ranges[i].winner = params.kind;
  }
  return ranges;
}

llvm::SmallVector<DerivedRange>
explainChannelRanges(const TensorStatistics &statistics,
                     const ObserverParams &params, const QuantFormat &format) {
  return explainChannelRanges(statistics, params, format, /*clipWeight=*/1.0);
}

llvm::SmallVector<RealRange>
deriveChannelRanges(const TensorStatistics &statistics,
                    const ObserverParams &params, const QuantFormat &format) {
  return llvm::map_to_vector(
      explainChannelRanges(statistics, params, format),
      [](const DerivedRange &range) { return range.range; });
}

size_t countChannelsOfFewValues(const TensorStatistics &statistics,
                                const ObserverParams &params) {
  return llvm::count_if(
      statistics.channelHistograms, [&](const Histogram &channel) {
        return channel.total() != 0 && hasFewValues(channel, params);
      });
}

} // namespace mlir::npir
