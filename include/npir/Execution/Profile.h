// This file declares the profiling of a quantized network: what each tensor's
// rounding costs by itself, and what all of it costs together.
#ifndef NPIR_EXECUTION_PROFILE_H
#define NPIR_EXECUTION_PROFILE_H

#include "npir/Execution/Batches.h"
#include "npir/Report/QuantizationProfile.h"

namespace mlir::npir {

struct ProfileOptions {
  DataSource data;
  SampleSpan samples;
  /// Samples per run at most; fewer where a network is so large that a batch of
  /// its tensors would not fit well in memory.
  int64_t batch = 64;
  /// 0: the machine's, at most 8.
  unsigned threads = 1;
  bool quiet = false;
  /// The conversion of a dialect that is not NPIR's own (NetworkOptions).
  LowerFn lower = nullptr;
};

/// Profile `module`, which is at station calibrated, by the types that its
/// observe ops were given; those without and those that are `unprofiled` cost
/// nothing and are left out. The network runs in float and, as a copy, with
/// every tensor rounded (--npir-insert-qdq), both on the same samples. Memory
/// does not grow with their number. Errors are diagnostics.
FailureOr<QuantizationProfile>
profileQuantization(ModuleOp module, const ProfileOptions &options);

} // namespace mlir::npir

#endif // NPIR_EXECUTION_PROFILE_H
