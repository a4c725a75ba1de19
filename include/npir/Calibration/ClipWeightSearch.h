// This file declares the choice of clip weights by what comes out of the
// network, and not by the error of each tensor alone.
#ifndef NPIR_CALIBRATION_CLIPWEIGHTSEARCH_H
#define NPIR_CALIBRATION_CLIPWEIGHTSEARCH_H

#include "npir/Calibration/OutputSums.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Execution/Batches.h"

namespace mlir::npir {

/// A pair that was tried, and what came out of the network with it.
struct ClipWeightTrial {
  ClipWeights weights;
  OutputSums sums;
  /// Of the sums, in dB.
  double sqnr = 0.0;
};

struct ClipWeightSearch {
  /// In the order in which they were tried; the first is {4, 1}.
  std::vector<ClipWeightTrial> trials;
  /// The trial that stays.
  size_t chosen = 0;
  /// That the network ran over.
  int64_t samples = 0;

  const ClipWeightTrial &getChosen() const { return trials[chosen]; }
};

/// The search alone. Weights are 1, 4, 16, 64 or infinity. Tried are first
/// {4, 1}, {16, 1} and equal pairs, then the neighbours of the best one, along
/// `summed` and then along `others`, for as long as a step gains 0.5 dB: 16
/// pairs at most. In the end infinite weights are tried with shares of 1e-6,
/// 1e-5 and 1e-4. The trial with the highest SQNR may have it by chance: of
/// those tried first that are at most a standard error away, the one stays that
/// is the fewest steps from {4, 1}, of equally many the first; without such a
/// one the trial with the highest SQNR. Where {4, 1} makes no noise, nothing
/// else is tried. `measure` gives the output's error, or fails, and so does the
/// search.
FailureOr<ClipWeightSearch>
searchClipWeights(function_ref<FailureOr<OutputSums>(ClipWeights)> measure);

struct ClipWeightOptions {
  DataSource data;
  /// Of these the first are taken: as many as make 2^29 values of observed
  /// tensors, but at least 32, and 256 at most.
  SampleSpan samples;
  /// 0: the machine's, at most 8.
  unsigned threads = 1;
  bool quiet = false;
  /// The conversion of a dialect that is not NPIR's own (NetworkOptions).
  LowerFn lower = nullptr;
  /// Asked after each run of a network; true ends the search with an error.
  std::function<bool()> isCancelled;
};

/// An activation of `module` (observed) has the observer `auto`, and so a use
/// for weights.
bool usesClipWeights(ModuleOp module);

/// Search for the weights with which the integers of XNNPACK come closest to
/// the float network. The samples are halved: ranges from the statistics of
/// each half are judged by the other one, since a range that holds all that was
/// seen does not hold all that will be. `module` was attached to `statistics`,
/// called `name`, with the weights {1, 1}; it stays as it is. The noise of an
/// output is held against its own signal, so that each output counts alike; a
/// network without outputs of real numbers gets {4, 1}. Depends on the model,
/// its configuration and the samples only, as far as the runtime does.
FailureOr<ClipWeightSearch> searchClipWeights(ModuleOp module,
                                              const StatisticsFile &statistics,
                                              StringRef name,
                                              const ClipWeightOptions &options);

} // namespace mlir::npir

#endif // NPIR_CALIBRATION_CLIPWEIGHTSEARCH_H
