// This file declares how much memory a calibration needs, and how many samples
// a run of the network takes. Private to this library.
#ifndef NPIR_LIB_CALIBRATION_MEMORYPLAN_H
#define NPIR_LIB_CALIBRATION_MEMORYPLAN_H

#include "npir/Runtime/Executor.h"

#include "mlir/IR/Location.h"
#include "mlir/Support/LLVM.h"

#include <algorithm>
#include <string>

namespace mlir::npir {

/// What the plan starts from.
struct MemoryRequest {
  /// Samples per batch, and per run as the user wants it (0: no wish).
  int64_t batch = 1;
  int64_t runBatch = 0;
  /// 0: no limit.
  uint64_t maxBytes = 0;
  /// The most that statistics take, and of how many tensors they are.
  uint64_t statisticsBytes = 0;
  size_t tensors = 0;
  /// One sample of all inputs.
  uint64_t sampleBytes = 0;
};

/// What a calibration will hold, in bytes.
struct MemoryPlan {
  int64_t runBatch = 1;
  /// This process as it is: the program with packed weights, the module.
  uint64_t held = 0;
  /// The most so far; loading takes more for a while.
  uint64_t heldAtMost = 0;
  /// Tensors of one run and XNNPACK's workspace.
  uint64_t tensors = 0;
  uint64_t statistics = 0;
  /// Pages of the samples' file.
  uint64_t samples = 0;

  /// What is in memory while the network runs.
  uint64_t getRunning() const;
  /// The most over the whole life of the process.
  uint64_t getPeak() const { return std::max(getRunning(), heldAtMost); }
  /// One line for the user.
  std::string str(size_t numTensors) const;
};

/// Choose the samples per run and make room for them in `executors`, which all
/// run the same network; that it is chosen for is the first. An error at `loc`
/// where even one sample does not fit.
FailureOr<MemoryPlan> planMemory(ArrayRef<npir_rt::Executor *> executors,
                                 const MemoryRequest &request, Location loc);

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_MEMORYPLAN_H
