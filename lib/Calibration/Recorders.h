// This file declares what calibration records of the tensors of a network.
// Private to this library.
#ifndef NPIR_LIB_CALIBRATION_RECORDERS_H
#define NPIR_LIB_CALIBRATION_RECORDERS_H

#include "SplitTensors.h"
#include "npir/Calibration/Calibration.h"
#include "npir/Observers/TensorRecorder.h"

#include "llvm/ADT/MapVector.h"

namespace mlir::npir {

/// The configuration needs statistics of the activation that `op` observes.
bool needsStatistics(ObserveOp op);

/// One tensor.
struct Recorder {
  ObserveOp op;
  RecordOptions options;
  /// Of channels, or -1.
  int64_t axis = -1;
  /// False: recorded for other configurations; this one needs nothing of it.
  bool isNeeded = true;
  /// One sample of the tensor, and a row of it.
  ChannelView sample;
  size_t rowLength = 1;
  /// True: its parts are recorded in its stead.
  bool isSplit = false;
  /// Of a part of a split tensor: the channels of that one which it has. They
  /// are recorded, and make its own when they are moved to a file.
  size_t channelsOfWhole = 0;
  /// False: the tensor is the same for any number of samples. It counts once
  /// per batch, with the batch's first sample, so that shards agree.
  bool followsBatch = true;
  TensorRecorder recorder;

  /// Channels that are recorded; 0: none.
  size_t channels() const { return sample.channels > 1 ? sample.channels : 0; }
  /// The sample with the channels that are recorded now.
  ChannelView getRecordedSample() const;
};

/// The part of the samples that a run of the network brings.
struct RunPart {
  int64_t begin = 0, end = 0;
  /// The first sample of the batch is among them.
  bool startsBatch = false;
};

/// The observed activations of a function.
class Recorders {
public:
  Recorders(func::FuncOp func, const CalibrationOptions &options);

  std::vector<std::string> getIds() const;
  size_t size() const { return recorders.size(); }

  /// Take the tensors' shapes from the program that runs.
  void setShapes(const npir_rt::Program &program);

  /// Record what a run shows.
  void record(const npir_rt::TensorView &view, RunPart part,
              npir_rt::Executor &executor);
  /// All runs since the last call were `part`.
  void endBatch(BatchPart part, npir_rt::Executor &executor);

  /// Move what was recorded to the tensors of `file`, or back.
  void moveTo(StatisticsFile &file);
  void moveFrom(StatisticsFile &file);

  /// How `file` differs from what these recorders would write, or an empty
  /// text.
  std::string findDifference(const StatisticsFile &file) const;

  /// The most that recorders of these tensors hold after `batches` batches.
  uint64_t maxBytes(uint64_t batches, size_t threads) const;

  /// By id, in the order of the program.
  const llvm::MapVector<StringRef, Recorder> &get() const { return recorders; }

private:
  /// Finds the tensors whose parts are recorded.
  void findSplits(func::FuncOp func);
  /// Ends the batch of the parts of a tensor, and that of the tensor.
  void endBatch(const SplitTensor &split, BatchPart part);
  /// Give the copies the statistics of their originals.
  void addCopies(StatisticsFile &file) const;

  llvm::MapVector<StringRef, Recorder> recorders;
  std::vector<SplitTensor> splits;
  /// Tensors that hold the values of a recorded one in another order, and that
  /// one: both have one scale, so the copy's channels are of no use.
  llvm::MapVector<StringRef, StringRef> copies;
};

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_RECORDERS_H
