// This file declares calibration: running an observed network over samples and
// recording statistics of its tensors.
#ifndef NPIR_CALIBRATION_CALIBRATION_H
#define NPIR_CALIBRATION_CALIBRATION_H

#include "npir/Execution/Batches.h"
#include "npir/Observers/StatisticsFile.h"

namespace mlir::npir {

struct CalibrationOptions {
  /// Folder or .npz file with the samples.
  std::string data;
  SampleSpan samples;
  int64_t batch = 32;
  /// 0: the machine's, at most 8.
  unsigned threads = 1;
  bool quiet = false;
  /// NaN or infinities in a tensor are an error and not a warning.
  bool strict = false;
  /// The conversion of a dialect that is not NPIR's own (NetworkOptions).
  LowerFn lower = nullptr;
};

/// Run `module` (observed or calibrated) in float and record every observed
/// activation. Weights need no data. A tensor with NaN or infinities is a
/// warning (or, `strict`, an error) that names its layer. The result does not
/// depend on `threads`.
FailureOr<StatisticsFile> calibrate(ModuleOp module,
                                    const CalibrationOptions &options);

} // namespace mlir::npir

#endif // NPIR_CALIBRATION_CALIBRATION_H
