// This file declares what a person wants to know of recorded statistics.
#ifndef NPIR_OBSERVERS_STATISTICSSUMMARY_H
#define NPIR_OBSERVERS_STATISTICSSUMMARY_H

#include "npir/Observers/TensorStatistics.h"
#include <optional>

namespace mlir::npir {

/// One tensor in a few numbers. What the statistics do not hold is absent.
struct TensorSummary {
  /// All values, and those of them that are NaN or infinite.
  uint64_t count = 0;
  uint64_t nonFinite = 0;
  /// Of the finite values.
  std::optional<float> min, max;
  std::optional<double> mean, deviation;
  /// The share of zeros, 0 to 1.
  std::optional<double> zeroShare;
  /// The values below and above which 0.1 % lie.
  std::optional<RealRange> middle;
  /// How far the outermost 0.1 % stretch the range: the largest size of a value
  /// over that of an end of `middle`, at least 1. Absent where that is 0.
  std::optional<double> stretch;

  static TensorSummary get(const TensorStatistics &statistics);
};

/// How far two tensors' distributions are apart, 0 to 1: the largest difference
/// between the shares of values that lie below a bound. Absent where one of
/// them has no distribution.
std::optional<double> getDistance(const TensorStatistics &lhs,
                                  const TensorStatistics &rhs);

/// Shares, which add up to 1, of the values in so many equal parts of
/// [min, max]; a bin's are spread evenly over it. Empty where there is no
/// distribution. Zeros lie in the part that holds zero.
std::vector<double> getShares(const TensorStatistics &statistics, size_t parts);

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_STATISTICSSUMMARY_H
