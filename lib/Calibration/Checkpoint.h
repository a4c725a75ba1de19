// This file declares the files of a calibration: the statistics, and those of
// the batches so far. Private to this library.
#ifndef NPIR_LIB_CALIBRATION_CHECKPOINT_H
#define NPIR_LIB_CALIBRATION_CHECKPOINT_H

#include "Recorders.h"

#include <chrono>

namespace mlir::npir {

/// Writes `<stats>` at the end, and `<stats>.partial` now and then before it.
class Checkpoint {
public:
  Checkpoint(const CalibrationOptions &options, Location loc);

  /// What an earlier run left, the partial file first; else `fresh`. A file of
  /// something else is an error that says what differs.
  FailureOr<StatisticsFile> load(StatisticsFile fresh,
                                 const Recorders &recorders) const;

  /// Whether `write` does anything, ever.
  bool isOn() const { return !partial.empty(); }
  /// Whether the time for a `write` has come.
  bool isDue() const;
  /// Write the partial file. Where that fails it warns, once, and the run goes
  /// on; false.
  bool write(const StatisticsFile &file);
  /// Write the statistics, and remove the partial file.
  LogicalResult finish(const StatisticsFile &file);

  /// The partial file's name; empty where there is none.
  StringRef getPath() const { return partial; }

private:
  using Clock = std::chrono::steady_clock;
  std::string stats, partial;
  bool resume;
  double interval;
  Location loc;
  Clock::time_point last = Clock::now();
  bool hasWarned = false;
};

/// The parts of [span.begin, span.end) that are not in `seen`, which is sorted.
std::vector<SampleSpan> subtract(SampleSpan span, ArrayRef<SampleRange> seen);

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_CHECKPOINT_H
