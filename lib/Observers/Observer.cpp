// This file implements the derivation of ranges from statistics.
#include "npir/Observers/Observer.h"
#include "Percentile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

namespace mlir::npir {

/// Moves `average` by the share `sigma` of the way to `range`.
static void moveAverage(std::optional<RealRange> &average, RealRange range,
                        double sigma) {
  if (!average) {
    average = range;
    return;
  }
  average->lo += sigma * (range.lo - average->lo);
  average->hi += sigma * (range.hi - average->hi);
}

static RealRange getPercentiles(const Histogram &histogram, float least,
                                float greatest, double alpha) {
  auto quantile = [&](Histogram::Side side) {
    return histogram.quantiles(side, 1.0 - alpha, least, greatest).front();
  };
  return rangeOfPercentiles(
      {quantile(Histogram::Side::Lower), quantile(Histogram::Side::Upper)},
      least, greatest);
}

/// The batches' percentiles, averaged in the order of the data set.
static RealRange averageBatches(const TensorStatistics &statistics,
                                double alpha, double sigma) {
  std::optional<RealRange> average;
  // Two sorted sequences.
  auto open = statistics.openBatches.begin();
  auto addOpenBefore = [&](uint64_t index) {
    for (; open != statistics.openBatches.end() && open->first < index; ++open)
      moveAverage(average,
                  BatchTails::get(open->second.histogram, open->second.minVal,
                                  open->second.maxVal)
                      .range(1.0 - alpha),
                  sigma);
  };
  for (const auto &[index, tails] : statistics.batches) {
    addOpenBefore(index);
    moveAverage(average, tails.range(1.0 - alpha), sigma);
  }
  addOpenBefore(std::numeric_limits<uint64_t>::max());
  return average.value_or(RealRange());
}

llvm::StringRef getMissing(const TensorStatistics &statistics,
                           const ObserverParams &params, bool channels) {
  if (channels && statistics.channelMin.empty())
    return "channels";
  if (params.kind == ObserverParams::Kind::MinMax)
    return "";
  if (!statistics.hasDistribution())
    return "a histogram";
  if (channels && statistics.channelHistograms.empty())
    return "histograms of channels";
  return "";
}

RealRange deriveRange(const TensorStatistics &statistics,
                      const ObserverParams &params, const QuantFormat &format) {
  if (!statistics.isObserved())
    return {};
  assert(getMissing(statistics, params, false).empty());
  switch (params.kind) {
  case ObserverParams::Kind::MinMax:
    return {statistics.minVal, statistics.maxVal};
  case ObserverParams::Kind::Percentile:
    if (params.sigma)
      return averageBatches(statistics, params.alpha, *params.sigma);
    return getPercentiles(statistics.histogram, statistics.minVal,
                          statistics.maxVal, params.alpha);
  }
  llvm_unreachable("unknown observer");
}

/// Fewer than 4 values are expected beyond a percentile.
static bool hasFewValues(const Histogram &channel, double alpha) {
  return double(channel.total()) * (1.0 - alpha) < 4.0;
}

llvm::SmallVector<RealRange>
deriveChannelRanges(const TensorStatistics &statistics,
                    const ObserverParams &params, const QuantFormat &format) {
  if (!statistics.channelMin.empty())
    assert(getMissing(statistics, params, true).empty());
  llvm::SmallVector<RealRange> ranges(statistics.channelMin.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    float least = statistics.channelMin[i], greatest = statistics.channelMax[i];
    // A channel without a finite value keeps (0, 0).
    if (least > greatest)
      continue;
    if (params.kind == ObserverParams::Kind::MinMax ||
        hasFewValues(statistics.channelHistograms[i], params.alpha))
      ranges[i] = {least, greatest};
    else
      ranges[i] = getPercentiles(statistics.channelHistograms[i], least,
                                 greatest, params.alpha);
  }
  return ranges;
}

size_t countChannelsOfFewValues(const TensorStatistics &statistics,
                                const ObserverParams &params) {
  if (params.kind == ObserverParams::Kind::MinMax)
    return 0;
  return llvm::count_if(
      statistics.channelHistograms, [&](const Histogram &channel) {
        return channel.total() != 0 && hasFewValues(channel, params.alpha);
      });
}

//===----------------------------------------------------------------------===//
// Observer
//===----------------------------------------------------------------------===//

void Observer::average(
    const float *data, ChannelView view,
    llvm::SmallVectorImpl<std::optional<RealRange>> &averages) const {
  averages.resize(view.channels);
  for (auto [average, range] : llvm::zip_equal(
           averages, deriveExactRanges(data, view, params, {grid, scheme})))
    if (range)
      moveAverage(average, *range, *params.sigma);
}

void Observer::update(llvm::ArrayRef<float> values) {
  channelAverages.clear();
  if (hasSigma())
    average(values.data(), {1, 1, values.size()}, tensorAverage);
  if (params.kind == ObserverParams::Kind::MinMax)
    statistics.update(values);
  else
    statistics.record(values, {updates++, true});
}

void Observer::update(llvm::ArrayRef<float> values, ChannelView view) {
  assert(values.size() == view.size() && "the view covers the values");
  if (hasSigma()) {
    average(values.data(), {1, 1, values.size()}, tensorAverage);
    average(values.data(), view, channelAverages);
  }
  if (params.kind == ObserverParams::Kind::MinMax)
    statistics.update(values.data(), view);
  else
    statistics.record(values.data(), view, {updates++, true},
                      /*withHistograms=*/true);
}

/// The error before there is a range.
static llvm::Error checkObserved(const TensorStatistics &statistics) {
  if (statistics.isObserved())
    return llvm::Error::success();
  return llvm::createStringError(
      "no finite value was observed, call update() with data before asking "
      "for quantization parameters");
}

llvm::Expected<QuantParams> Observer::getQuantizationParams() const {
  if (llvm::Error error = checkObserved(statistics))
    return std::move(error);
  RealRange range = hasSigma()
                        ? *tensorAverage[0]
                        : deriveRange(statistics, params, {grid, scheme});
  return computeQuantParams(range, grid, scheme);
}

llvm::Expected<llvm::SmallVector<QuantParams>>
Observer::getChannelQuantizationParams() const {
  if (llvm::Error error = checkObserved(statistics))
    return std::move(error);
  if (statistics.channelMin.empty())
    return llvm::createStringError(
        "channels were not recorded, give a channel view to every update()");
  llvm::SmallVector<RealRange> ranges;
  if (hasSigma())
    for (const std::optional<RealRange> &average : channelAverages)
      ranges.push_back(average.value_or(RealRange()));
  else
    ranges = deriveChannelRanges(statistics, params, {grid, scheme});
  llvm::SmallVector<QuantParams> result;
  for (RealRange range : ranges)
    result.push_back(computeQuantParams(range, grid, scheme));
  return result;
}

std::optional<float> Observer::minVal() const {
  if (!statistics.isObserved())
    return std::nullopt;
  return statistics.minVal;
}

std::optional<float> Observer::maxVal() const {
  if (!statistics.isObserved())
    return std::nullopt;
  return statistics.maxVal;
}

} // namespace mlir::npir
