// This file declares what is recorded of a tensor during calibration. It is
// free of any observer's method, and it merges exactly, in any order.
#ifndef NPIR_OBSERVERS_TENSORSTATISTICS_H
#define NPIR_OBSERVERS_TENSORSTATISTICS_H

#include "npir/Observers/BatchTails.h"
#include "npir/Observers/FixedSum.h"
#include "npir/Observers/Histogram.h"
#include "npir/Observers/QuantParams.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace mlir::npir {

/// The part of a batch that an update brings.
struct BatchPart {
  /// Which batch, counted over the whole data set.
  uint64_t index = 0;
  /// False: some of the batch's samples are elsewhere, in another shard, say.
  bool isWhole = true;
};

/// A batch of which samples may still come.
struct OpenBatch {
  float minVal = std::numeric_limits<float>::infinity();
  float maxVal = -std::numeric_limits<float>::infinity();
  Histogram histogram;

  bool operator==(const OpenBatch &other) const {
    return minVal == other.minVal && maxVal == other.maxVal &&
           histogram == other.histogram;
  }
};

/// Counts, extrema and distribution of f32 values. NaN and infinities are
/// counted and left out of the extrema; a value below 2^-126 in size counts as
/// +0, so builds that flush denormals agree.
struct TensorStatistics {
  /// Elements seen, non-finite ones included.
  uint64_t count = 0;
  uint64_t nanCount = 0;
  uint64_t posInfCount = 0;
  uint64_t negInfCount = 0;
  /// Extrema of the finite values; +inf and -inf where there are none.
  float minVal = std::numeric_limits<float>::infinity();
  float maxVal = -std::numeric_limits<float>::infinity();
  /// Extrema per channel, as above; empty where channels are not recorded.
  std::vector<float> channelMin;
  std::vector<float> channelMax;

  /// Finite values of the rows that moments and distribution were recorded of:
  /// all, unless rows were sampled.
  uint64_t sampledCount = 0;
  /// Sums over these; ask `hasMoments`.
  Moments moments;
  /// The distribution of these, empty where it was not recorded of all of
  /// them: the histogram, and by index the batches with finite values. Of an
  /// open batch only a part was seen; the rest can be added to it. The extrema
  /// of batches are those of all rows.
  Histogram histogram;
  std::map<uint64_t, BatchTails> batches;
  std::map<uint64_t, OpenBatch> openBatches;
  /// Values in all batches.
  uint64_t batchedCount = 0;
  /// The histograms of `batches`, packed, where they were asked for.
  bool keepsBatchHistograms = false;
  std::map<uint64_t, std::string> batchHistograms;
  /// By channel; empty where not recorded.
  std::vector<Histogram> channelHistograms;
  /// `histogram` and `channelHistograms` as `Histogram::pack` writes them, in
  /// their stead: a hundredth of their size. Of tensors that wait in memory.
  std::string packedHistogram;
  std::vector<std::string> packedChannels;

  /// Packs the histograms; only `getUnpacked` may then ask for them.
  void packHistograms();
  /// With its histograms, packed or not.
  TensorStatistics getUnpacked() const;
  /// The same in the memory that `result` has: of many tensors, asked for one
  /// after the other, the dense histograms would leave the heap in pieces.
  void unpackInto(TensorStatistics &result) const;

  uint64_t nonFiniteCount() const {
    return nanCount + posInfCount + negInfCount;
  }
  uint64_t finiteCount() const { return count - nonFiniteCount(); }
  /// True when at least one finite value was seen: a range exists.
  bool isObserved() const { return finiteCount() != 0; }

  /// True where histogram and batches hold every value that they should, and
  /// at least one if there is one. A sample of rows may miss all values.
  bool hasDistribution() const {
    return isDistributionWhole() && (sampledCount != 0 || !isObserved());
  }
  /// The same, though there may be none.
  bool isDistributionWhole() const {
    return histogram.total() == sampledCount && batchedCount == sampledCount;
  }
  /// True where the moments are those of all values that they should be of.
  bool hasMoments() const { return moments.count == sampledCount; }

  /// Adds counts and extrema of the `view.size()` values at `data`, channels
  /// included; recorded distribution and moments are dropped. All updates of
  /// one object must have the same number of channels (asserted). Linear time;
  /// memory-bound where all values are finite.
  void update(const float *data, ChannelView view);

  /// Adds the values without recording channels.
  void update(llvm::ArrayRef<float> values);

  /// As `update`, with the distribution, as `TensorRecorder` records it.
  /// `part` was not recorded before.
  void record(llvm::ArrayRef<float> values, BatchPart part);

  /// The same with the channels' extrema, and their histograms if
  /// `withHistograms`.
  void record(const float *data, ChannelView view, BatchPart part,
              bool withHistograms);

  /// Adds what `other` has seen of other samples: the result is that of one
  /// object that saw both, bit for bit, once the batches that are whole now
  /// are closed. Fails, changing nothing, when both recorded channels and
  /// their numbers differ, or a batch that is whole in one is in the other,
  /// too. What one of them did not record (channels, distribution) the result
  /// has not.
  llvm::Error merge(const TensorStatistics &other);

  /// The error of `merge`.
  llvm::Error checkMerge(const TensorStatistics &other) const;

  /// Closes the open batches for which `isWhole(index)` holds: only their tails
  /// stay, and the packed histogram where it is kept.
  void closeBatches(llvm::function_ref<bool(uint64_t)> isWhole);

  /// Keeps what is kept of a batch that was seen whole.
  void addBatch(uint64_t index, const Histogram &values, float least,
                float greatest);

  /// Adds what `other`, of another tensor that must share the scale, has seen
  /// of the same samples. Histograms add up; a batch is widened
  /// (`BatchTails::widen`). The result has no channels, no open batch and no
  /// histograms of batches.
  void join(const TensorStatistics &other);

  void dropDistribution();
  void dropBatchHistograms() {
    keepsBatchHistograms = false;
    batchHistograms.clear();
  }

  bool operator==(const TensorStatistics &other) const;
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_TENSORSTATISTICS_H
