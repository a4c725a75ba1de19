// This file implements observers as objects.
#include "npir/Observers/Observer.h"
#include "RangeAverage.h"
#include "npir/Observers/ObserverName.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/ErrorHandling.h"

namespace mlir::npir {

using Kind = ObserverParams::Kind;

llvm::StringRef stringifyObserver(Kind kind) {
  switch (kind) {
  case Kind::MinMax:
    return "minmax";
  case Kind::EMA:
    return "ema";
  case Kind::Percentile:
    return "percentile";
  case Kind::OMSE:
    return "omse";
  case Kind::KL:
    return "kl";
  case Kind::Auto:
    return "auto";
  }
  llvm_unreachable("unknown observer");
}

bool Observer::isAverage() const {
  return params.kind == Kind::EMA ||
         (params.kind == Kind::Percentile && params.sigma.has_value());
}

double Observer::getSigma() const {
  return params.kind == Kind::EMA ? params.emaSigma() : *params.sigma;
}

void Observer::average(
    const float *data, ChannelView view,
    llvm::SmallVectorImpl<std::optional<RealRange>> &averages) const {
  averages.resize(view.channels);
  for (auto [average, range] : llvm::zip_equal(
           averages, deriveExactRanges(data, view, params, {grid, scheme})))
    if (range)
      moveAverage(average, *range, getSigma());
}

void Observer::keep(llvm::ArrayRef<float> values, ChannelView view) {
  if (!keptView)
    return;
  if (keptView->outer == 0)
    keptView = ChannelView{0, view.channels, view.inner};
  bool fits = keptView->channels == view.channels &&
              keptView->inner == view.inner &&
              values.size() <= kKeptValues - kept.size();
  if (!fits) {
    kept = std::vector<float>();
    keptView.reset();
    return;
  }
  kept.insert(kept.end(), values.begin(), values.end());
  keptView->outer += view.outer;
}

void Observer::update(llvm::ArrayRef<float> values) {
  channelAverages.clear();
  if (isAverage())
    average(values.data(), {1, 1, values.size()}, tensorAverage);
  if (params.kind == Kind::MinMax) {
    statistics.update(values);
    return;
  }
  statistics.record(values, {updates++, true});
  if (!isAverage())
    keep(values, {values.size(), 1, 1});
}

void Observer::update(llvm::ArrayRef<float> values, ChannelView view) {
  assert(values.size() == view.size() && "the view covers the values");
  if (isAverage()) {
    average(values.data(), {1, 1, values.size()}, tensorAverage);
    average(values.data(), view, channelAverages);
  }
  if (params.kind == Kind::MinMax) {
    statistics.update(values.data(), view);
    return;
  }
  statistics.record(values.data(), view, {updates++, true},
                    /*withHistograms=*/true);
  if (!isAverage())
    keep(values, view);
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
  RealRange range;
  if (isAverage())
    range = *tensorAverage[0];
  else if (!kept.empty())
    range = *deriveExactRanges(kept.data(), {1, 1, kept.size()}, params,
                               {grid, scheme})[0];
  else
    range = deriveRange(statistics, params, {grid, scheme});
  return computeQuantParams(range, grid, scheme);
}

llvm::Expected<llvm::SmallVector<QuantParams>>
Observer::getChannelQuantizationParams() const {
  if (llvm::Error error = checkObserved(statistics))
    return std::move(error);
  if (statistics.channelMin.empty())
    return llvm::createStringError(
        "channels were not recorded, give a channel view to every update()");
  llvm::SmallVector<std::optional<RealRange>> ranges;
  if (isAverage())
    ranges = channelAverages;
  else if (!kept.empty())
    ranges = deriveExactRanges(kept.data(), *keptView, params, {grid, scheme});
  else
    for (RealRange range :
         deriveChannelRanges(statistics, params, {grid, scheme}))
      ranges.push_back(range);
  llvm::SmallVector<QuantParams> result;
  for (const std::optional<RealRange> &range : ranges)
    result.push_back(
        computeQuantParams(range.value_or(RealRange()), grid, scheme));
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
