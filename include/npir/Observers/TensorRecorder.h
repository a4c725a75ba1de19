// This file declares how the values of a tensor become statistics while a
// network runs: part by part, with several threads, one pass while they are in
// the cache.
#ifndef NPIR_OBSERVERS_TENSORRECORDER_H
#define NPIR_OBSERVERS_TENSORRECORDER_H

#include "npir/Observers/TensorStatistics.h"
#include "npir/Support/ParallelFor.h"
#include <memory>

namespace mlir::npir {

class BatchRecord;

/// What is recorded of a tensor, besides what always is: counts, extrema, those
/// of channels, moments, histogram, and the tails of batches.
struct RecordOptions {
  /// A histogram of each channel.
  bool channelHistograms = false;
  /// The whole histogram of each batch, for exact averages of percentiles.
  bool batchHistograms = false;
  /// R: histograms hold only rows for which (index of the row in its sample +
  /// index of the sample) % R == 0. At least 1, which is all rows.
  uint64_t rowSample = 1;
};

/// Samples of a tensor, one after the other, row-major.
struct SampleBlock {
  const float *data = nullptr;
  /// Which sample of the data set is the first.
  uint64_t firstSample = 0;
  size_t samples = 0;
  /// One sample of them; one channel: channels are not recorded.
  ChannelView sample;
  /// Elements of a row, which a sample is made of.
  size_t rowLength = 1;
};

/// Records one tensor. What comes out depends on the values, the batches and
/// the options only, not on the blocks or the threads.
class TensorRecorder {
public:
  /// Goes on from `seen`, which `take` of a recorder with these options gave.
  explicit TensorRecorder(RecordOptions options = {},
                          TensorStatistics seen = {});
  TensorRecorder(TensorRecorder &&);
  TensorRecorder &operator=(TensorRecorder &&);
  ~TensorRecorder();

  /// Adds a block of the batch that is open. Blocks of one recorder have one
  /// shape of samples. Linear time; allocates only when the range grows. Large
  /// blocks are shared out by `parallelFor`, which has so many `threads`.
  void record(const SampleBlock &block, ParallelFor parallelFor = serialFor,
              size_t threads = 1);

  /// Ends the batch: all blocks since the last call were `part`.
  void endBatch(BatchPart part) { addBatch(takeBatch(), part); }

  /// The two halves of it: what the blocks since the last call hold, which then
  /// are no longer here, and the addition of a batch. Batches of tensors that
  /// are parts of another one merge to that one's.
  TensorStatistics takeBatch();
  void addBatch(TensorStatistics batch, BatchPart part);

  /// What the ended batches hold. Call neither while a batch is open.
  TensorStatistics getStatistics() const;
  TensorStatistics take();

  /// Bytes that the recorder holds, but for what it keeps of each batch (about
  /// 400, more with batch histograms).
  size_t memoryBytes() const;
  /// The most that a recorder of a tensor with so many channels holds, whatever
  /// the values are; and what each batch adds to it.
  static size_t maxBytes(const RecordOptions &options, size_t channels,
                         size_t threads = 1);
  static size_t maxBytesPerBatch(const RecordOptions &options = {});

private:
  /// More of them would cost more memory than they save time.
  static constexpr size_t kMostParts = 4;

  void recordChannels(const SampleBlock &block, ParallelFor parallelFor);

  RecordOptions options;
  /// Without the histograms of channels, which are counted where they stay.
  TensorStatistics statistics;
  std::vector<Histogram> channels;
  /// Of the open batch, one for each task that has recorded some of it.
  std::vector<std::unique_ptr<BatchRecord>> parts;
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_TENSORRECORDER_H
