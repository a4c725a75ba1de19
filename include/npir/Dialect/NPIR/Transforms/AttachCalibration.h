// This file declares the attaching of statistics to observed functions.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_ATTACHCALIBRATION_H
#define NPIR_DIALECT_NPIR_TRANSFORMS_ATTACHCALIBRATION_H

#include "npir/Observers/StatisticsFile.h"

#include "mlir/IR/BuiltinOps.h"

#include <optional>

namespace mlir::npir {

/// How often the squared errors of values that a range cuts off count, against
/// those of the values that it rounds, where observer `auto` chooses the range
/// of an activation: 1 or more; infinity: nothing is cut off.
struct ClipWeights {
  /// Of tensors that an op sums up products of: rounding errors average out
  /// there, while cut values are all too small.
  double summed = 1.0;
  /// Of all others: what is added, normalized, or goes through a function.
  double others = 1.0;
  /// Of the values of a tensor, at either end, that is cut off where the weight
  /// is infinite: below kMostShare.
  double share = 0.0;
};

constexpr double kMostShare = 0.1;

struct AttachOptions {
  /// A remark for each tensor.
  bool explain = false;
  /// Where not given: what the module's attribute `npir.clip_weights` says.
  std::optional<ClipWeights> clipWeights;
  /// Types that weights have already stay.
  bool keepWeights = false;
};

/// Module attribute with the clip weights that were found for it: an array of
/// f64, `summed` and `others`, and `share` where that is not 0.
constexpr llvm::StringLiteral kClipWeightsAttrName = "npir.clip_weights";

/// Keep `weights` in the module.
void setClipWeights(ModuleOp module, const ClipWeights &weights);
/// Those that the module keeps; {1, 1} where it keeps none. A diagnostic where
/// the attribute holds anything else.
FailureOr<ClipWeights> getClipWeights(ModuleOp module);

/// Resolve the quantized type of every observed tensor of `module` from
/// `statistics` (null: constants alone), called `name` in diagnostics: what
/// --npir-attach-calibration does.
LogicalResult attachCalibration(ModuleOp module,
                                const StatisticsFile *statistics,
                                StringRef name,
                                const AttachOptions &options = {});

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_ATTACHCALIBRATION_H
