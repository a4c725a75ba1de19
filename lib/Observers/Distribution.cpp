// This file implements what tensor statistics record of the distribution of
// values, and how statistics merge.
#include "npir/Observers/TensorStatistics.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>
#include <cassert>

namespace mlir::npir {

/// Adds the distribution of the values that were counted in `statistics`.
static void addDistribution(llvm::ArrayRef<float> values, BatchPart part,
                            TensorStatistics &statistics) {
  if (!statistics.isObserved())
    return;
  Histogram &histogram = statistics.histogram;
  histogram.cover(statistics.minVal, statistics.maxVal);
  histogram.count(values);
  if (part.isWhole)
    statistics.batches[part.index] =
        BatchTails::get(histogram, statistics.minVal, statistics.maxVal);
  else
    statistics.openBatches[part.index] = {statistics.minVal, statistics.maxVal,
                                          histogram};
  statistics.batchedCount = histogram.total();
}

/// Counts a batch whose channels' extrema are known already.
static void addChannelHistograms(const float *data, ChannelView view,
                                 TensorStatistics &statistics) {
  std::vector<Histogram> &channels = statistics.channelHistograms;
  for (size_t i = 0; i < view.channels; ++i)
    if (statistics.channelMin[i] <= statistics.channelMax[i])
      channels[i].cover(statistics.channelMin[i], statistics.channelMax[i]);
  if (view.inner == 1 && view.channels > 1) {
    Histogram::countRows(channels, {data, view.size()});
    return;
  }
  for (size_t row = 0; row < view.outer * view.channels; ++row)
    channels[row % view.channels].count({data + row * view.inner, view.inner});
}

void TensorStatistics::record(llvm::ArrayRef<float> values, BatchPart part) {
  TensorStatistics batch;
  batch.update(values);
  addDistribution(values, part, batch);
  llvm::cantFail(merge(batch));
}

void TensorStatistics::record(const float *data, ChannelView view,
                              BatchPart part, bool withHistograms) {
  TensorStatistics batch;
  batch.update(data, view);
  addDistribution({data, view.size()}, part, batch);
  // Counted where they stay: a histogram of every channel is not made, and
  // merged, for every batch.
  std::vector<Histogram> channels = std::move(channelHistograms);
  channelHistograms.clear();
  if (count == 0)
    channels.assign(view.channels, Histogram(Histogram::kChannelLogBins));
  llvm::cantFail(merge(batch));
  if (!withHistograms || channelMin.empty() || channels.empty())
    return;
  channelHistograms = std::move(channels);
  addChannelHistograms(data, view, *this);
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

/// An error where `batches` of one and either kind of the other meet.
static llvm::Error checkBatches(const TensorStatistics &lhs,
                                const TensorStatistics &rhs) {
  for (const auto &entry : lhs.batches)
    if (rhs.batches.count(entry.first) || rhs.openBatches.count(entry.first))
      return llvm::createStringError("batch " + llvm::Twine(entry.first) +
                                     " was recorded already");
  return llvm::Error::success();
}

static void mergeChannels(TensorStatistics &to, const TensorStatistics &from) {
  // Nothing seen is the neutral element; else channels need both sides.
  if (from.count == 0)
    return;
  if (to.count == 0) {
    to.channelMin = from.channelMin;
    to.channelMax = from.channelMax;
    to.channelHistograms = from.channelHistograms;
    return;
  }
  if (to.channelMin.empty() || from.channelMin.empty()) {
    to.channelMin.clear();
    to.channelMax.clear();
  }
  if (to.channelMin.empty() || from.channelHistograms.empty())
    to.channelHistograms.clear();
  for (size_t i = 0; i < to.channelMin.size(); ++i) {
    to.channelMin[i] = std::min(to.channelMin[i], from.channelMin[i]);
    to.channelMax[i] = std::max(to.channelMax[i], from.channelMax[i]);
  }
  for (size_t i = 0; i < to.channelHistograms.size(); ++i)
    to.channelHistograms[i].merge(from.channelHistograms[i]);
}

static void mergeCounts(TensorStatistics &to, const TensorStatistics &from) {
  to.count += from.count;
  to.nanCount += from.nanCount;
  to.posInfCount += from.posInfCount;
  to.negInfCount += from.negInfCount;
  to.minVal = std::min(to.minVal, from.minVal);
  to.maxVal = std::max(to.maxVal, from.maxVal);
}

static void dropBatches(TensorStatistics &statistics) {
  statistics.batches.clear();
  statistics.openBatches.clear();
  statistics.batchedCount = 0;
}

void TensorStatistics::dropDistribution() {
  histogram = Histogram();
  channelHistograms.clear();
  dropBatches(*this);
}

llvm::Error TensorStatistics::merge(const TensorStatistics &other) {
  if (!channelMin.empty() && !other.channelMin.empty() &&
      channelMin.size() != other.channelMin.size())
    return llvm::createStringError(
        "expected " + llvm::Twine(channelMin.size()) + " channels, got " +
        llvm::Twine(other.channelMin.size()));
  if (llvm::Error error = checkBatches(*this, other))
    return error;
  if (llvm::Error error = checkBatches(other, *this))
    return error;

  bool keepDistribution = hasDistribution() && other.hasDistribution();
  mergeChannels(*this, other);
  mergeCounts(*this, other);
  if (!keepDistribution) {
    histogram = Histogram();
    dropBatches(*this);
    return llvm::Error::success();
  }
  histogram.merge(other.histogram);
  batches.insert(other.batches.begin(), other.batches.end());
  for (const auto &[index, part] : other.openBatches) {
    OpenBatch &open = openBatches[index];
    open.minVal = std::min(open.minVal, part.minVal);
    open.maxVal = std::max(open.maxVal, part.maxVal);
    open.histogram.merge(part.histogram);
  }
  batchedCount += other.batchedCount;
  return llvm::Error::success();
}

void TensorStatistics::closeBatches(
    llvm::function_ref<bool(uint64_t)> isWhole) {
  for (auto it = openBatches.begin(); it != openBatches.end();) {
    const auto &[index, open] = *it;
    if (!isWhole(index)) {
      ++it;
      continue;
    }
    batches[index] = BatchTails::get(open.histogram, open.minVal, open.maxVal);
    it = openBatches.erase(it);
  }
}

void TensorStatistics::join(const TensorStatistics &other) {
  TensorStatistics closed = other;
  auto always = [](uint64_t) { return true; };
  closed.closeBatches(always);
  closeBatches(always);

  bool keepDistribution = hasDistribution() && closed.hasDistribution();
  channelMin.clear();
  channelMax.clear();
  channelHistograms.clear();
  mergeCounts(*this, closed);
  if (!keepDistribution)
    return dropDistribution();
  histogram.merge(closed.histogram);
  for (const auto &[index, tails] : closed.batches) {
    auto [it, isNew] = batches.try_emplace(index, tails);
    if (!isNew)
      it->second.widen(tails);
  }
  batchedCount += closed.batchedCount;
}

bool TensorStatistics::operator==(const TensorStatistics &other) const {
  return count == other.count && nanCount == other.nanCount &&
         posInfCount == other.posInfCount && negInfCount == other.negInfCount &&
         minVal == other.minVal && maxVal == other.maxVal &&
         channelMin == other.channelMin && channelMax == other.channelMax &&
         histogram == other.histogram &&
         channelHistograms == other.channelHistograms &&
         batches == other.batches && openBatches == other.openBatches;
}

} // namespace mlir::npir
