// This file declares what lint measures of a weight, channel by channel.
// Private to this library.
#ifndef NPIR_LIB_ANALYSIS_LINTWEIGHTS_H
#define NPIR_LIB_ANALYSIS_LINTWEIGHTS_H

#include "mlir/IR/Value.h"

#include <optional>
#include <vector>

namespace mlir::npir {

/// Magnitudes of a weight's output channels, and the format that it is to get.
struct WeightChannels {
  /// Per channel: the largest magnitude, and the sum of the magnitudes.
  std::vector<double> largest, sum;
  int64_t elements = 0, nonFinite = 0;
  unsigned bits = 8;
  bool isPerTensor = false;

  int64_t size() const { return static_cast<int64_t>(largest.size()); }
  /// The largest magnitude of all.
  double getLargest() const;
  /// The symmetric, narrow scale of `channel` in `bits`; 0 for zeros.
  double getScale(int64_t channel) const;
  /// The largest magnitude of a sum of its integers times 8-bit activations,
  /// 255 from their zero point.
  double getLargestSum(int64_t channel) const;
  /// Channels of zeros, or below 2^-20 of the largest one.
  llvm::SmallVector<int64_t> getDeadChannels() const;
  /// Channels that are not dead, but round to zeros with one scale for all.
  llvm::SmallVector<int64_t> getLostChannels() const;
  /// The largest over the smallest scale that is not 0.
  double getScaleRatio() const;
};

/// Measures the f32 constant that defines `weight`; nothing where none does.
/// One pass. Without an axis all is one channel.
std::optional<WeightChannels> measureWeight(Value weight,
                                            std::optional<int64_t> axis);

/// How many elements of the f32 constant `value` are NaN or infinite, and how
/// many there are; zeros where it is no constant.
std::pair<int64_t, int64_t> countNonFinite(Value value);

/// The least input scale with which the constant `bias` fits 31 bits in units
/// of input scale * weight scale, and the channel that asks for it. 0 where
/// any does. Channels of zeros do not count: any scale stands for them.
std::pair<double, int64_t> getLeastInputScale(Value bias,
                                              const WeightChannels &weight);

/// Minimum and maximum of the f32 constant that defines `value`, 0 included;
/// nothing where none does.
std::optional<std::pair<double, double>> getConstantRange(Value value);

} // namespace mlir::npir

#endif // NPIR_LIB_ANALYSIS_LINTWEIGHTS_H
