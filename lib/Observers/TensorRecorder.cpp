// This file implements the recording of a tensor while a network runs.
#include "npir/Observers/TensorRecorder.h"
#include "BatchRecord.h"
#include "WorkShares.h"
#include "llvm/ADT/STLExtras.h"
#include <algorithm>

namespace mlir::npir {

TensorRecorder::TensorRecorder(RecordOptions options, TensorStatistics seen)
    : options(options), statistics(std::move(seen)),
      channels(std::move(statistics.channelHistograms)) {
  parts.push_back(std::make_unique<BatchRecord>());
  statistics.channelHistograms.clear();
  statistics.keepsBatchHistograms = options.batchHistograms;
}
TensorRecorder::TensorRecorder(TensorRecorder &&) = default;
TensorRecorder &TensorRecorder::operator=(TensorRecorder &&) = default;
TensorRecorder::~TensorRecorder() = default;

/// Values that are worth a task: waking a thread costs as much as counting a
/// few thousand of them.
static constexpr size_t kTaskValues = size_t(1) << 14;

void TensorRecorder::record(const SampleBlock &block, ParallelFor parallelFor,
                            size_t threads) {
  BatchRecord::Options recorded;
  recorded.channels = block.sample.channels > 1;
  recorded.rowSample = options.rowSample;
  size_t size = block.samples * block.sample.size();
  if (size == 0)
    return;
  size_t spans = BatchRecord::numSpans(block, recorded);
  size_t tasks = std::clamp<size_t>(size / kTaskValues, 1,
                                    std::min({spans, threads, kMostParts}));
  for (; parts.size() < tasks;)
    parts.push_back(std::make_unique<BatchRecord>());
  // Each task has a record of its own, up to the end of the batch: to add them
  // up after each block would cost as much as the counting.
  WorkShares<kMostParts> shares(spans, tasks);
  parallelFor(tasks, [&](size_t task) {
    parts[task]->add(block, recorded, size / tasks,
                     [&] { return shares.take(task); });
  });
  if (options.channelHistograms && recorded.channels)
    recordChannels(block, parallelFor);
}

/// Counts values which lie at `offset` in their sample: run after run of one
/// channel's.
static void countRuns(const float *values, size_t size, size_t offset,
                      const ChannelView &view,
                      llvm::MutableArrayRef<Histogram> channels) {
  for (size_t i = 0; i < size;) {
    size_t row = (offset + i) / view.inner;
    size_t length = std::min(size - i, (row + 1) * view.inner - (offset + i));
    channels[row % view.channels].count({values + i, length});
    i += length;
  }
}

void TensorRecorder::recordChannels(const SampleBlock &block,
                                    ParallelFor parallelFor) {
  const ChannelView &view = block.sample;
  channels.resize(view.channels, Histogram(Histogram::kChannelLogBins));
  for (const auto &part : parts)
    for (auto [channel, least, greatest] :
         llvm::zip(channels, part->channelMins(), part->channelMaxs()))
      if (least <= greatest)
        channel.cover(least, greatest);
  std::vector<llvm::ArrayRef<float>> rows;
  for (size_t sample = 0; sample < block.samples; ++sample)
    forEachCountedRow(
        0, view.size(), block.rowLength, block.firstSample + sample,
        options.rowSample, [&](size_t first, size_t length) {
          const float *values = block.data + sample * view.size() + first;
          if (view.inner == 1 && first % view.channels == 0 &&
              length % view.channels == 0)
            rows.push_back({values, length});
          else
            countRuns(values, length, first, view, channels);
        });
  Histogram::countRows(channels, rows, parallelFor);
}

TensorStatistics TensorRecorder::takeBatch() {
  BatchRecord *batch = parts.front().get();
  for (const auto &part : llvm::drop_begin(parts))
    batch->take(*part);
  TensorStatistics ended = batch->takeStatistics();
  ended.keepsBatchHistograms = options.batchHistograms;
  ended.histogram = batch->takeHistogram();
  ended.batchedCount = ended.histogram.total();
  return ended;
}

void TensorRecorder::addBatch(TensorStatistics batch, BatchPart part) {
  if (batch.isObserved()) {
    if (part.isWhole)
      batch.addBatch(part.index, batch.histogram, batch.minVal, batch.maxVal);
    else
      batch.openBatches[part.index] = {batch.minVal, batch.maxVal,
                                       batch.histogram};
  }
  // What was not seen yet has no part in the sum.
  if (statistics.count == 0)
    statistics = std::move(batch);
  else
    llvm::cantFail(statistics.merge(batch));
}

TensorStatistics TensorRecorder::getStatistics() const {
  TensorStatistics result = statistics;
  result.channelHistograms = channels;
  return result;
}

TensorStatistics TensorRecorder::take() {
  TensorStatistics result = std::exchange(statistics, {});
  result.channelHistograms = std::exchange(channels, {});
  statistics.keepsBatchHistograms = options.batchHistograms;
  // Their counters are no longer of use.
  parts.clear();
  parts.push_back(std::make_unique<BatchRecord>());
  return result;
}

size_t TensorRecorder::memoryBytes() const {
  auto bytesOf = [](const Histogram &histogram) {
    return histogram.bins().size() * sizeof(uint64_t);
  };
  size_t bytes = bytesOf(statistics.histogram) +
                 statistics.channelMin.size() * 2 * sizeof(float);
  for (const auto &part : parts)
    bytes += part->memoryBytes();
  for (const Histogram &channel : channels)
    bytes += sizeof(channel) + bytesOf(channel);
  return bytes;
}

/// The bins of both sides of zero in full.
static size_t maxBins(unsigned logBins) { return (size_t(2) << logBins) + 1; }

size_t TensorRecorder::maxBytes(const RecordOptions &options, size_t channels,
                                size_t threads) {
  // Of all batches, and of the open one, by each task.
  size_t bins = maxBins(Histogram::kTensorLogBins);
  size_t part = bins * (sizeof(uint32_t) + sizeof(uint16_t)) +
                kCopies * kCopySize * sizeof(uint16_t) +
                channels * 2 * sizeof(float);
  size_t bytes = bins * sizeof(uint64_t) + channels * 2 * sizeof(float) +
                 std::min(threads, kMostParts) * part;
  if (options.channelHistograms)
    bytes +=
        channels * (sizeof(Histogram) +
                    maxBins(Histogram::kChannelLogBins) * sizeof(uint64_t));
  return bytes;
}

size_t TensorRecorder::maxBytesPerBatch(const RecordOptions &options) {
  // The node of a map: pointers and color before the entry.
  constexpr size_t kNode = 6 * sizeof(void *);
  size_t bytes = sizeof(std::pair<uint64_t, BatchTails>) + kNode;
  // Counts below 2^28 take four bytes at most.
  if (options.batchHistograms)
    bytes += sizeof(std::pair<uint64_t, std::string>) + kNode +
             4 * maxBins(Histogram::kTensorLogBins);
  return bytes;
}

} // namespace mlir::npir
