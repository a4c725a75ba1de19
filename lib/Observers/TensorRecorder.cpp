// This file implements the recording of a tensor while a network runs.
#include "npir/Observers/TensorRecorder.h"
#include "BatchRecord.h"
#include <algorithm>
#include <mutex>

namespace mlir::npir {

TensorRecorder::TensorRecorder(RecordOptions options, TensorStatistics seen)
    : options(options), statistics(std::move(seen)),
      channels(std::move(statistics.channelHistograms)),
      batch(std::make_unique<BatchRecord>()) {
  statistics.channelHistograms.clear();
  statistics.keepsBatchHistograms = options.batchHistograms;
}
TensorRecorder::TensorRecorder(TensorRecorder &&) = default;
TensorRecorder &TensorRecorder::operator=(TensorRecorder &&) = default;
TensorRecorder::~TensorRecorder() = default;

/// Values that are worth a task: adding up what tasks counted costs as much as
/// a few thousand of them.
static constexpr size_t kTaskValues = size_t(1) << 18;

void TensorRecorder::record(const SampleBlock &block, ParallelFor parallelFor) {
  BatchRecord::Options parts;
  parts.channels = block.sample.channels > 1;
  parts.bins = true;
  parts.rowSample = options.rowSample;
  size_t size = block.samples * block.sample.size();
  if (size == 0)
    return;
  size_t chunks = block.samples * BatchRecord::chunksPerSample(block);
  size_t tasks = std::clamp<size_t>(size / kTaskValues, 1, chunks);
  if (tasks == 1) {
    batch->add(block, 0, chunks, parts);
  } else {
    std::mutex mutex;
    parallelFor(tasks, [&](size_t task) {
      // Kept, so that it need not grow again, and emptied each time.
      static thread_local BatchRecord part;
      part.add(block, chunks * task / tasks, chunks * (task + 1) / tasks,
               parts);
      std::lock_guard<std::mutex> lock(mutex);
      batch->take(part);
    });
  }
  if (options.channelHistograms && parts.channels)
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
  llvm::ArrayRef<float> mins = batch->channelMins(),
                        maxs = batch->channelMaxs();
  for (size_t i = 0; i < view.channels; ++i)
    if (mins[i] <= maxs[i])
      channels[i].cover(mins[i], maxs[i]);
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

void TensorRecorder::endBatch(BatchPart part) {
  TensorStatistics ended = batch->takeStatistics();
  ended.keepsBatchHistograms = options.batchHistograms;
  ended.histogram = batch->takeHistogram();
  ended.batchedCount = ended.histogram.total();
  if (ended.isObserved()) {
    if (part.isWhole)
      ended.addBatch(part.index, ended.histogram, ended.minVal, ended.maxVal);
    else
      ended.openBatches[part.index] = {ended.minVal, ended.maxVal,
                                       ended.histogram};
  }
  llvm::cantFail(statistics.merge(ended));
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
  return result;
}

size_t TensorRecorder::memoryBytes() const {
  auto bytesOf = [](const Histogram &histogram) {
    return histogram.bins().size() * sizeof(uint64_t);
  };
  size_t bytes = batch->memoryBytes() + bytesOf(statistics.histogram) +
                 statistics.channelMin.size() * 2 * sizeof(float);
  for (const Histogram &channel : channels)
    bytes += sizeof(channel) + bytesOf(channel);
  return bytes;
}

/// The bins of both sides of zero in full.
static size_t maxBins(unsigned logBins) { return (size_t(2) << logBins) + 1; }

size_t TensorRecorder::maxBytes(const RecordOptions &options, size_t channels) {
  // Of all batches, and of the open one.
  size_t bins = maxBins(Histogram::kTensorLogBins);
  size_t bytes = bins * (sizeof(uint64_t) + sizeof(uint32_t)) +
                 kCopies * kCopySize * sizeof(uint32_t) +
                 2 * channels * 2 * sizeof(float);
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
