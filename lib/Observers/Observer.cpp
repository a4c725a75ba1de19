// This file implements the derivation of ranges from statistics.
#include "npir/Observers/Observer.h"
#include "llvm/Support/ErrorHandling.h"

namespace mlir::npir {

RealRange deriveRange(const TensorStatistics &statistics,
                      const ObserverParams &params) {
  if (!statistics.isObserved())
    return {};
  switch (params.kind) {
  case ObserverParams::Kind::MinMax:
    return {statistics.minVal, statistics.maxVal};
  }
  llvm_unreachable("unknown observer");
}

llvm::SmallVector<RealRange>
deriveChannelRanges(const TensorStatistics &statistics,
                    const ObserverParams &params) {
  llvm::SmallVector<RealRange> ranges(statistics.channelMin.size());
  for (size_t i = 0; i < ranges.size(); ++i) {
    // A channel without a finite value keeps (0, 0).
    if (statistics.channelMin[i] > statistics.channelMax[i])
      continue;
    switch (params.kind) {
    case ObserverParams::Kind::MinMax:
      ranges[i] = {statistics.channelMin[i], statistics.channelMax[i]};
      break;
    }
  }
  return ranges;
}

void Observer::update(llvm::ArrayRef<float> values) {
  statistics.update(values);
}

void Observer::update(llvm::ArrayRef<float> values, ChannelView view) {
  assert(values.size() == view.size() && "the view covers the values");
  statistics.update(values.data(), view);
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
  return computeQuantParams(deriveRange(statistics, params), grid, scheme);
}

llvm::Expected<llvm::SmallVector<QuantParams>>
Observer::getChannelQuantizationParams() const {
  if (llvm::Error error = checkObserved(statistics))
    return std::move(error);
  if (statistics.channelMin.empty())
    return llvm::createStringError(
        "channels were not recorded, give a channel view to every update()");
  llvm::SmallVector<QuantParams> result;
  for (RealRange range : deriveChannelRanges(statistics, params))
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
