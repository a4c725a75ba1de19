// This file declares calibration: running an observed network over samples and
// recording statistics of its tensors.
#ifndef NPIR_CALIBRATION_CALIBRATION_H
#define NPIR_CALIBRATION_CALIBRATION_H

#include "npir/Execution/Batches.h"
#include "npir/Observers/StatisticsFile.h"

namespace mlir::npir {

struct CalibrationOptions {
  DataSource data;
  SampleSpan samples;
  /// Samples per batch of the statistics, which is part of what they mean.
  int64_t batch = 32;
  /// Samples per run of the network; 0: as many as keep tensors in the cache.
  int64_t runBatch = 0;
  /// 0: the machine's, at most 8.
  unsigned threads = 1;
  /// Bytes that the process may have; 0: no limit.
  uint64_t maxMemory = 0;
  /// Histograms of channels for every tensor that has channels; else only where
  /// a spec per channel has an observer that needs them.
  bool channelHistograms = false;
  /// R: histograms count one row in R, by the indices of row and sample
  /// (`RecordOptions::rowSample`); part of what the statistics mean.
  int64_t rowSample = 1;
  /// Record activations, too, that the configuration leaves in float or
  /// quantizes at run time: then the statistics serve any other one.
  bool recordAll = false;
  /// The whole histogram of each batch, for exact averages of percentiles.
  bool batchHistograms = false;
  bool quiet = false;
  /// NaN or infinities in a tensor are an error and not a warning.
  bool strict = false;
  /// Where the statistics are written; empty: nowhere. Beside it lie, until it
  /// is written, those of the batches so far: `<stats>.partial`.
  std::string stats;
  /// Go on from `<stats>.partial` or `stats`; samples that are there are not
  /// run again.
  bool resume = false;
  /// Seconds between two writes of `<stats>.partial`; 0: never.
  double checkpoint = 60;
  /// JSON with times and memory is written here; empty: nowhere. The plain
  /// network is run over the same samples, too, for comparison.
  std::string timing;
  /// Asked after each run of the network; true ends the calibration.
  std::function<bool()> isCancelled;
  /// The conversion of a dialect that is not NPIR's own (NetworkOptions).
  LowerFn lower = nullptr;
};

/// Run `module` (observed or calibrated) in float and record every observed
/// activation. Weights need no data. Tensors without information (constant, all
/// zero, never reached) and those with NaN or infinities are warnings (the
/// latter, `strict`, errors) that name their layer. The result depends on the
/// model, the samples, `batch` and what is recorded only.
FailureOr<StatisticsFile> calibrate(ModuleOp module,
                                    const CalibrationOptions &options);

} // namespace mlir::npir

#endif // NPIR_CALIBRATION_CALIBRATION_H
