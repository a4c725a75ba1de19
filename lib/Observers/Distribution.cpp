// This file implements what tensor statistics record of the distribution of
// values, and how statistics merge.
#include "npir/Observers/TensorRecorder.h"
#include "llvm/ADT/Twine.h"
#include <algorithm>
#include <cassert>

namespace mlir::npir {

static TensorStatistics recordBatch(const float *data, ChannelView view,
                                    BatchPart part, bool withHistograms) {
  RecordOptions options;
  options.channelHistograms = withHistograms;
  TensorRecorder recorder(options);
  SampleBlock block;
  block.data = data;
  block.samples = 1;
  block.sample = view;
  recorder.record(block);
  recorder.endBatch(part);
  TensorStatistics batch = recorder.take();
  // Where a sample begins is not known here.
  batch.moments = Moments();
  return batch;
}

void TensorStatistics::record(llvm::ArrayRef<float> values, BatchPart part) {
  llvm::cantFail(merge(recordBatch(values.data(), {values.size(), 1, 1}, part,
                                   /*withHistograms=*/false)));
}

void TensorStatistics::record(const float *data, ChannelView view,
                              BatchPart part, bool withHistograms) {
  TensorStatistics batch = recordBatch(data, view, part, withHistograms);
  // The recorder has no use for a single channel.
  if (view.channels == 1) {
    batch.channelMin = {batch.minVal};
    batch.channelMax = {batch.maxVal};
  }
  if (view.channels == 1 && withHistograms) {
    Histogram channel(Histogram::kChannelLogBins);
    if (batch.isObserved())
      channel.cover(batch.minVal, batch.maxVal);
    channel.count({data, view.size()});
    batch.channelHistograms = {channel};
  }
  llvm::cantFail(merge(batch));
}

//===----------------------------------------------------------------------===//
// Merging
//===----------------------------------------------------------------------===//

/// An error where a batch of `other` that it holds is in `batches`.
template <typename Batches>
static llvm::Error checkBatches(const TensorStatistics &statistics,
                                const Batches &others) {
  for (const auto &[index, batch] : others)
    if (statistics.batches.count(index) ||
        (std::is_same_v<Batches, decltype(statistics.batches)> &&
         statistics.openBatches.count(index)))
      return llvm::createStringError("batch " + llvm::Twine(index) +
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

/// Before counts are merged.
static void mergeBatchHistograms(TensorStatistics &to,
                                 const TensorStatistics &from) {
  if (to.count == 0)
    to.keepsBatchHistograms = from.keepsBatchHistograms;
  else if (from.count != 0)
    to.keepsBatchHistograms &= from.keepsBatchHistograms;
  if (to.keepsBatchHistograms)
    to.batchHistograms.insert(from.batchHistograms.begin(),
                              from.batchHistograms.end());
  else
    to.batchHistograms.clear();
}

static void mergeCounts(TensorStatistics &to, const TensorStatistics &from) {
  if (to.hasMoments() && from.hasMoments())
    to.moments.add(from.moments);
  else
    to.moments = Moments();
  to.count += from.count;
  to.nanCount += from.nanCount;
  to.posInfCount += from.posInfCount;
  to.negInfCount += from.negInfCount;
  to.minVal = std::min(to.minVal, from.minVal);
  to.maxVal = std::max(to.maxVal, from.maxVal);
}

/// But for those of channels.
static void dropHistogram(TensorStatistics &statistics) {
  statistics.histogram = Histogram();
  statistics.sampledCount = statistics.finiteCount();
  statistics.batches.clear();
  statistics.batchHistograms.clear();
  statistics.openBatches.clear();
  statistics.batchedCount = 0;
}

void TensorStatistics::dropDistribution() {
  dropHistogram(*this);
  channelHistograms.clear();
}

llvm::Error TensorStatistics::checkMerge(const TensorStatistics &other) const {
  if (!channelMin.empty() && !other.channelMin.empty() &&
      channelMin.size() != other.channelMin.size())
    return llvm::createStringError(
        "expected " + llvm::Twine(channelMin.size()) + " channels, got " +
        llvm::Twine(other.channelMin.size()));
  // Neither a whole batch meets a part of it, nor itself.
  if (llvm::Error error = checkBatches(*this, other.batches))
    return error;
  return checkBatches(*this, other.openBatches);
}

llvm::Error TensorStatistics::merge(const TensorStatistics &other) {
  if (llvm::Error error = checkMerge(other))
    return error;
  bool keepDistribution = isDistributionWhole() && other.isDistributionWhole();
  mergeBatchHistograms(*this, other);
  mergeChannels(*this, other);
  mergeCounts(*this, other);
  if (!keepDistribution) {
    dropHistogram(*this);
    return llvm::Error::success();
  }
  sampledCount += other.sampledCount;
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

void TensorStatistics::addBatch(uint64_t index, const Histogram &values,
                                float least, float greatest) {
  batches[index] = BatchTails::get(values, least, greatest);
  if (keepsBatchHistograms)
    batchHistograms[index] = values.pack();
}

void TensorStatistics::closeBatches(
    llvm::function_ref<bool(uint64_t)> isWhole) {
  for (auto it = openBatches.begin(); it != openBatches.end();) {
    const auto &[index, open] = *it;
    if (!isWhole(index)) {
      ++it;
      continue;
    }
    addBatch(index, open.histogram, open.minVal, open.maxVal);
    it = openBatches.erase(it);
  }
}

void TensorStatistics::join(const TensorStatistics &other) {
  TensorStatistics closed = other;
  auto always = [](uint64_t) { return true; };
  closed.closeBatches(always);
  closeBatches(always);

  bool keepDistribution = isDistributionWhole() && closed.isDistributionWhole();
  dropBatchHistograms();
  channelMin.clear();
  channelMax.clear();
  channelHistograms.clear();
  mergeCounts(*this, closed);
  if (!keepDistribution)
    return dropDistribution();
  sampledCount += closed.sampledCount;
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
         moments == other.moments && sampledCount == other.sampledCount &&
         histogram == other.histogram &&
         keepsBatchHistograms == other.keepsBatchHistograms &&
         batchHistograms == other.batchHistograms &&
         channelHistograms == other.channelHistograms &&
         batches == other.batches && openBatches == other.openBatches;
}

} // namespace mlir::npir
