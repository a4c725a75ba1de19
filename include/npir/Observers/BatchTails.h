// This file declares what is kept of one batch of a tensor: enough of its tails
// to derive the percentiles of the batch later, whatever share they cut.
#ifndef NPIR_OBSERVERS_BATCHTAILS_H
#define NPIR_OBSERVERS_BATCHTAILS_H

#include "npir/Observers/Histogram.h"
#include "npir/Observers/QuantParams.h"
#include <array>

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::npir {

class ByteReader;

/// Extrema and 33 quantiles a side, for tails from 1e-5 to 1e-1 in steps of
/// eight a decade: 1, 1.5, 2, 2.5, 3, 4, 5 and 7.5, so that the usual shares
/// (0.9995, 0.999, 0.99, 0.95, ...) are among them. A quantile is that of the
/// batch's histogram, rounded to an eighth of its bins: off by less than 1.07
/// bins.
struct BatchTails {
  static constexpr size_t kCount = 33;

  /// Finite values of the batch that were counted: at least 1, unless rows were
  /// sampled; with none, tails are the extrema.
  uint64_t finiteCount = 0;
  float minVal = 0.0f;
  float maxVal = 0.0f;
  /// Values below and above which the shares lie, the smallest share first.
  std::array<float, kCount> lower = {};
  std::array<float, kCount> upper = {};

  /// The tails of a batch that holds `histogram`, which must not be empty.
  static BatchTails get(const Histogram &histogram, float minVal, float maxVal);

  /// The range that leaves out the share `tail` of the values on each side,
  /// 1e-5 to 1e-1. Between two of the recorded tails it is interpolated, linear
  /// in the tail's logarithm.
  RealRange range(double tail) const;

  /// Widens this batch by that of another tensor which shares the scale: the
  /// lesser of the lower and the greater of the upper values. Neither tensor is
  /// then cut more than it would be alone.
  void widen(const BatchTails &other);

  /// Appends the bytes of a file; `read` is the reverse. False where the bytes
  /// hold no tails. `isSampled`: rows were sampled.
  void write(llvm::raw_ostream &os) const;
  bool read(ByteReader &reader, bool isSampled = false);

  bool operator==(const BatchTails &other) const {
    return finiteCount == other.finiteCount && minVal == other.minVal &&
           maxVal == other.maxVal && lower == other.lower &&
           upper == other.upper;
  }

private:
  /// What quantiles are multiples of.
  double unit() const;
};

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_BATCHTAILS_H
