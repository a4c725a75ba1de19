// This file declares what a calibration cost. Private to this library.
#ifndef NPIR_LIB_CALIBRATION_TIMING_H
#define NPIR_LIB_CALIBRATION_TIMING_H

#include "MemoryPlan.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <chrono>

namespace mlir::npir {

/// Seconds by part of the work, and memory in bytes.
struct Timing {
  using Clock = std::chrono::steady_clock;

  /// Conversion of the module and packing of the weights; opening and checking
  /// of the samples; runs of the network without taps (over the same samples,
  /// with the same threads and samples per run); runs with recording; the
  /// recording in them; the writing of checkpoints.
  double load = 0, check = 0, plain = 0, run = 0, record = 0, write = 0;
  int64_t samples = 0, batch = 0;
  unsigned threads = 1;
  MemoryPlan plan;

  /// Write it as JSON.
  llvm::Error save(llvm::StringRef path) const;
};

/// Adds the seconds of its life to a number.
class Stopwatch {
public:
  explicit Stopwatch(double &seconds) : seconds(seconds) {}
  Stopwatch(const Stopwatch &) = delete;
  Stopwatch &operator=(const Stopwatch &) = delete;
  ~Stopwatch() {
    seconds +=
        std::chrono::duration<double>(Timing::Clock::now() - start).count();
  }

private:
  double &seconds;
  Timing::Clock::time_point start = Timing::Clock::now();
};

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_TIMING_H
