// This file implements the collection of counts and extrema. Distribution.cpp
// has that of histograms and batches, and the merging.
#include "npir/Observers/TensorStatistics.h"
#include "BatchRecord.h"
#include "llvm/ADT/STLExtras.h"
#include <cassert>

namespace mlir::npir {

/// Merges counts and extrema, which are all that `values` has brought.
static void add(const float *data, ChannelView view, bool channels,
                TensorStatistics &to) {
  BatchRecord record;
  BatchRecord::Options options;
  options.channels = channels;
  SampleBlock block;
  block.data = data;
  block.samples = 1;
  block.sample = view;
  size_t spans = BatchRecord::numSpans(block, options);
  record.add(block, options, view.size(), [&]() -> std::optional<size_t> {
    return spans > 0 ? std::optional(--spans) : std::nullopt;
  });
  TensorStatistics update = record.takeStatistics();
  update.moments = Moments();
  update.dropDistribution();
  to.dropDistribution();
  llvm::cantFail(to.merge(update));
}

void TensorStatistics::update(const float *data, ChannelView view) {
  // Values without channels came before: channels would be incomplete.
  if (count != 0 && channelMin.empty())
    return update({data, view.size()});
  assert((channelMin.empty() || channelMin.size() == view.channels) &&
         "number of channels changed");
  add(data, view, /*channels=*/true, *this);
}

void TensorStatistics::update(llvm::ArrayRef<float> values) {
  if (values.empty())
    return;
  add(values.data(), {values.size(), 1, 1}, /*channels=*/false, *this);
}

void TensorStatistics::packHistograms() {
  if (histogram.total() != 0) {
    packedHistogram = histogram.pack();
    histogram.clear();
  }
  for (const Histogram &channel : channelHistograms)
    packedChannels.push_back(channel.pack());
  channelHistograms = {};
}

TensorStatistics TensorStatistics::getUnpacked() const {
  TensorStatistics result;
  unpackInto(result);
  return result;
}

void TensorStatistics::unpackInto(TensorStatistics &result) const {
  result = *this;
  // What `pack` wrote is read without an error.
  bool isSampled = sampledCount != finiteCount();
  if (!packedHistogram.empty())
    llvm::cantFail(
        result.histogram.assign(packedHistogram, minVal, maxVal, isSampled));
  for (const auto &[channel, bytes] : llvm::enumerate(packedChannels))
    result.channelHistograms.push_back(llvm::cantFail(
        Histogram::unpack(bytes, channelMin[channel], channelMax[channel],
                          Histogram::kChannelLogBins, isSampled)));
  result.packedHistogram.clear();
  result.packedChannels.clear();
}

} // namespace mlir::npir
