// This file implements the recording of a tensor while a network runs.
#include "npir/Observers/TensorRecorder.h"
#include <algorithm>

namespace mlir::npir {

void TensorRecorder::record(const SampleBlock &block, ParallelFor) {
  llvm::ArrayRef<float> values(block.data, block.samples * block.sample.size());
  ChannelView view = block.sample;
  view.outer *= block.samples;
  if (view.channels > 1)
    batch.update(block.data, view);
  else
    batch.update(values);
  if (!batch.isObserved())
    return;
  histogram.cover(batch.minVal, batch.maxVal);
  histogram.count(values);
  if (!options.channelHistograms || view.channels <= 1)
    return;
  channels.resize(view.channels, Histogram(Histogram::kChannelLogBins));
  for (size_t i = 0; i < view.channels; ++i)
    if (batch.channelMin[i] <= batch.channelMax[i])
      channels[i].cover(batch.channelMin[i], batch.channelMax[i]);
  if (view.inner == 1) {
    Histogram::countRows(channels, values);
    return;
  }
  for (size_t row = 0; row < view.outer * view.channels; ++row)
    channels[row % view.channels].count(
        values.slice(row * view.inner, view.inner));
}

void TensorRecorder::endBatch(BatchPart part) {
  if (batch.isObserved()) {
    if (part.isWhole)
      batch.batches[part.index] =
          BatchTails::get(histogram, batch.minVal, batch.maxVal);
    else
      batch.openBatches[part.index] = {batch.minVal, batch.maxVal, histogram};
    batch.histogram = std::move(histogram);
    batch.channelHistograms = std::move(channels);
    batch.batchedCount = batch.histogram.total();
  }
  llvm::cantFail(statistics.merge(batch));
  batch = TensorStatistics();
  histogram = Histogram();
  channels.clear();
}

size_t TensorRecorder::memoryBytes() const {
  size_t bins = histogram.bins().size() + statistics.histogram.bins().size();
  for (const Histogram &channel : channels)
    bins += channel.bins().size();
  for (const Histogram &channel : statistics.channelHistograms)
    bins += channel.bins().size();
  return bins * sizeof(uint64_t) +
         (batch.channelMin.size() + statistics.channelMin.size()) * 2 *
             sizeof(float);
}

size_t TensorRecorder::maxBytes(const RecordOptions &options, size_t channels) {
  // Both sides of zero in full, of all batches and of the open one.
  auto bins = [](unsigned logBins) { return (size_t(2) << logBins) + 1; };
  size_t count = bins(Histogram::kTensorLogBins);
  if (options.channelHistograms)
    count += channels * bins(Histogram::kChannelLogBins);
  return 2 * (count * sizeof(uint64_t) + channels * 2 * sizeof(float));
}

size_t TensorRecorder::maxBytesPerBatch() {
  // The node of a map: pointers and color before the entry.
  return sizeof(std::pair<uint64_t, BatchTails>) + 6 * sizeof(void *);
}

} // namespace mlir::npir
