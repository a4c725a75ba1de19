// This file declares what quantization does to the values of a tensor:
// expected, from statistics, and measured, from the values.
#ifndef NPIR_OBSERVERS_QUANTIZATIONERROR_H
#define NPIR_OBSERVERS_QUANTIZATIONERROR_H

#include "npir/Observers/QuantParams.h"
#include "npir/Observers/TensorStatistics.h"
#include "npir/Support/ParallelFor.h"

namespace mlir::npir {

/// Sums over finite values. They add up, over channels or tensors.
struct QuantizationError {
  /// Values, and those of them that the grid's ends cut: which are nearer to an
  /// integer beyond.
  uint64_t count = 0;
  uint64_t clipped = 0;
  /// Sums of squares: of the values, and of their errors.
  double signal = 0.0;
  double noise = 0.0;

  /// The mean squared error; 0 of no values.
  double mse() const { return count == 0 ? 0.0 : noise / double(count); }
  /// 0 to 1; 0 of no values.
  double clippedShare() const {
    return count == 0 ? 0.0 : double(clipped) / double(count);
  }
  /// 10 * log10(signal / noise) in dB; infinity where there is no noise.
  double sqnr() const;

  QuantizationError &operator+=(const QuantizationError &other) {
    count += other.count;
    clipped += other.clipped;
    signal += other.signal;
    noise += other.noise;
    return *this;
  }
};

/// Expected of the values that `statistics` saw: from the histogram, the values
/// of a bin spread evenly. All 0 where there is none.
QuantizationError estimateError(const TensorStatistics &statistics,
                                QuantParams params, IntegerGrid grid);

/// The same for a range: what scale and zero point become of it.
inline QuantizationError estimateError(const TensorStatistics &statistics,
                                       RealRange range,
                                       const QuantFormat &format) {
  return estimateError(statistics,
                       computeQuantParams(range, format.grid, format.scheme),
                       format.grid);
}

/// Expected of channels, each with its own entry of `params`, from their
/// histograms. All 0 where these are not recorded.
QuantizationError estimateChannelError(const TensorStatistics &statistics,
                                       llvm::ArrayRef<QuantParams> params,
                                       IntegerGrid grid);

/// That of the `view.size()` values at `data`. `params` has one entry, or one
/// per channel. Sums are exact to some units of 2^-52, and do not depend on
/// `parallelFor`.
QuantizationError measureError(const float *data, ChannelView view,
                               llvm::ArrayRef<QuantParams> params,
                               IntegerGrid grid,
                               ParallelFor parallelFor = serialFor);

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_QUANTIZATIONERROR_H
