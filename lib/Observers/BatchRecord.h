// This file declares what is recorded of the batch that is open.
#ifndef NPIR_LIB_OBSERVERS_BATCHRECORD_H
#define NPIR_LIB_OBSERVERS_BATCHRECORD_H

#include "OpenBins.h"
#include "RecordKernels.h"
#include "npir/Observers/TensorRecorder.h"
#include <array>
#include <limits>
#include <optional>

namespace mlir::npir {

/// Counts, extrema, sums and bins of values as they come.
class BatchRecord {
public:
  /// What of them is recorded, besides counts and extrema.
  struct Options {
    /// Extrema of channels.
    bool channels = false;
    /// Which rows are in the bins and sums.
    uint64_t rowSample = 1;
  };

  /// Adds the spans of the block that `next` gives, until it gives none, in
  /// about the order of falling indices. They have about `size` values.
  using NextSpan = llvm::function_ref<std::optional<size_t>()>;
  void add(const SampleBlock &block, const Options &options, size_t size,
           NextSpan next);
  /// Spans are counted over all samples of a block.
  static size_t numSpans(const SampleBlock &block, const Options &options);

  /// Adds what `other` recorded, and empties it. Both recorded the same.
  void take(BatchRecord &other);

  /// What was recorded, without bins; empties the record, but for its bins.
  TensorStatistics takeStatistics();
  Histogram takeHistogram() { return bins.takeHistogram(); }

  bool isObserved() const { return extrema.least <= extrema.greatest; }
  llvm::ArrayRef<float> channelMins() const { return mins; }
  llvm::ArrayRef<float> channelMaxs() const { return maxs; }
  size_t memoryBytes() const;

private:
  /// Chunks of a sample that are looked at together: the more rows, the less
  /// channels cost.
  static constexpr size_t kSpanChunks = 4;
  /// How many there are in a span of this block.
  static size_t chunksPerSpan(const SampleBlock &block, const Options &options);
  static size_t spansPerSample(const SampleBlock &block,
                               const Options &options);
  struct Span {
    const float *values = nullptr;
    /// Where they lie in their sample.
    size_t offset = 0;
    size_t size = 0;
    /// Of the span before, which is likely to be next; null: there is none.
    const float *next = nullptr;
    /// By chunk: bins and sums need no look at each value.
    std::array<bool, kSpanChunks> isFinite;
  };
  /// Finite values of short rows, to be counted together.
  struct Gathered {
    /// Rows of fewer values are not worth a call of their own.
    static constexpr size_t kLongRow = 2048;
    size_t size = 0;
    /// A chunk's, beside less than what is counted at a time.
    float values[2 * kChunk];
  };

  /// Adds counts and extrema, and the sums if every row is counted; fills in
  /// `span.isFinite`.
  void addSpan(Span &span, const ChannelView &view, const Options &options);
  /// Adds the rows of a span that are counted to the bins, and to the sums if
  /// there are others.
  void addRows(const Span &span, const SampleBlock &block, uint64_t sample,
               const Options &options, Gathered &gathered);
  /// Adds to the sums a chunk's values, or those of them that are counted.
  void addSums(const float *values, size_t size);
  void addSums(const ChunkScan &scan, size_t size);
  /// The same where some of them may not be finite.
  void addSumsSlowly(const float *values, size_t size);
  /// Adds finite values to the bins; `next`: what will be looked at next, as
  /// many.
  void addBins(const float *values, size_t size, const float *next = nullptr);
  /// Add the extrema of values which lie at `offset` in their sample, those of
  /// channels included; `addSlowly` also counts what is not finite, and
  /// `addChannels` is false where there may be such values: then what was added
  /// is right, and not all. The values at `next`, as many, are fetched.
  void addSlowly(const float *values, size_t size, size_t offset,
                 const ChannelView &view, const Options &options);
  bool addChannels(const float *values, size_t size, size_t offset,
                   const ChannelView &view, const float *next = nullptr);

  static constexpr float kInfinity = std::numeric_limits<float>::infinity();
  uint64_t count = 0, nanCount = 0, posInfCount = 0, negInfCount = 0;
  /// Finite values in the bins, and in the sums.
  uint64_t sampled = 0;
  /// Denormals count as +0 when they are taken, not before.
  Extrema extrema;
  /// The square root of the last chunk's mean of squares.
  float deviation = 0.0f;
  std::vector<float> mins, maxs;
  FixedSum sum, squares;
  OpenBins bins;
};

/// Calls `body(begin, size)` for the parts of `size` values, which lie at
/// `offset` in the sample of index `sample`, whose rows are counted: those of
/// which the index in the sample, plus that of the sample, is a multiple of
/// `rowSample`.
template <typename Body>
void forEachCountedRow(size_t offset, size_t size, size_t rowLength,
                       uint64_t sample, uint64_t rowSample, Body body) {
  if (rowSample <= 1)
    return body(size_t(0), size);
  size_t end = offset + size;
  for (size_t row = offset / rowLength; row * rowLength < end; ++row) {
    // The next row to count.
    row += size_t((rowSample - (row + sample % rowSample) % rowSample) %
                  rowSample);
    size_t first = std::max(offset, row * rowLength);
    size_t last = std::min(end, (row + 1) * rowLength);
    if (first < last)
      body(first - offset, last - first);
  }
}

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_BATCHRECORD_H
