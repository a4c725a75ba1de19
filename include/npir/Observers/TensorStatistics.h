// This file declares what is recorded of a tensor during calibration. It is
// free of any observer's method, and it merges exactly, in any order.
#ifndef NPIR_OBSERVERS_TENSORSTATISTICS_H
#define NPIR_OBSERVERS_TENSORSTATISTICS_H

#include "npir/Observers/QuantParams.h"
#include "llvm/Support/Error.h"
#include <limits>
#include <vector>

namespace mlir::npir {

/// Counts and extrema of f32 values. NaN and infinities are counted and left
/// out of the extrema; a value below 2^-126 in size counts as +0, so builds
/// that flush denormals agree.
struct TensorStatistics {
  /// Elements seen, non-finite ones included.
  uint64_t count = 0;
  uint64_t nanCount = 0;
  uint64_t posInfCount = 0;
  uint64_t negInfCount = 0;
  /// Extrema of the finite values; +inf and -inf where there are none.
  float minVal = std::numeric_limits<float>::infinity();
  float maxVal = -std::numeric_limits<float>::infinity();
  /// Extrema per channel, as above; empty where channels are not recorded.
  std::vector<float> channelMin;
  std::vector<float> channelMax;

  uint64_t nonFiniteCount() const {
    return nanCount + posInfCount + negInfCount;
  }
  uint64_t finiteCount() const { return count - nonFiniteCount(); }
  /// True when at least one finite value was seen: a range exists.
  bool isObserved() const { return finiteCount() != 0; }

  /// Adds the `view.size()` values at `data`, channels included. All updates
  /// of one object must have the same number of channels (asserted). Linear
  /// time; memory-bound where all values are finite.
  void update(const float *data, ChannelView view);

  /// Adds the values without recording channels.
  void update(llvm::ArrayRef<float> values);

  /// Adds what `other` has seen: the result is that of one object that saw
  /// both, bit for bit. Fails, changing nothing, when both recorded channels
  /// and their numbers differ. Where one recorded values without channels, the
  /// result has none.
  llvm::Error merge(const TensorStatistics &other);

  bool operator==(const TensorStatistics &other) const;
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_TENSORSTATISTICS_H
