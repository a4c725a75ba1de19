// This file declares how statistics become quantized types. Private to this
// library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_RESOLVETYPES_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_RESOLVETYPES_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Observers/StatisticsFile.h"

namespace mlir::npir {

class CalibrationAdvice;

/// Where the statistics of observed tensors come from.
struct StatisticsSource {
  /// Null: there is no file, and only constants can be resolved.
  const StatisticsFile *file = nullptr;
  std::string path;
  /// Tell of each tensor how its type came about.
  bool explain = false;
  ClipWeights clipWeights;
  /// What is worth a thought goes there.
  CalibrationAdvice *advice = nullptr;
  /// Where getStatistics unpacks the tensor that was asked for last.
  mutable TensorStatistics unpacked;
};

/// Set `resolved` (and `per_tensor`) of the activations in `group`, which share
/// one type, over the statistics of all. The spec is that of the first member
/// which the configuration names, else of the first. In a group that it does
/// not name, a range that an op's mathematics fixes stands for statistics. A
/// diagnostic where a member was never observed.
LogicalResult resolveGroup(ArrayRef<ObserveOp> group,
                           const StatisticsSource &source);

/// Set `resolved` of a weight. The activations are resolved already. Scales
/// follow from the values, but for three adjustments in each channel c, with
/// the scales x and y of the layer's input and result, so that an int32 holds
/// the bias and the multiplier x*s[c]/y stays in a sane range:
///   s[c] >= |bias[c]| / (x * 2^30);
///   s[c] >= y / (x * 2^31): the sum is less than one step of the result;
///   a channel of zeros takes y / (x * 2^10).
LogicalResult resolveWeight(ObserveOp weight, const StatisticsSource &source);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_RESOLVETYPES_H
