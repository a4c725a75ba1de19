// This file declares the error of a quantizer on the values of a histogram.
#ifndef NPIR_LIB_OBSERVERS_HISTOGRAMERROR_H
#define NPIR_LIB_OBSERVERS_HISTOGRAMERROR_H

#include "npir/Observers/Histogram.h"
#include "npir/Observers/QuantizationError.h"
#include <vector>

namespace mlir::npir {

/// Squared errors in O(integers), from sums over the bins below each bin. The
/// values of a bin are taken to be spread evenly over it, and so are those of a
/// step where it is less than 2 bins.
class HistogramError {
public:
  /// `extrema`: of the values, which holds them together with zero. Values
  /// beyond it count as its end.
  HistogramError(const Histogram &histogram, RealRange extrema);

  /// The sum of squared errors.
  double noise(QuantParams params, IntegerGrid grid) const;
  /// That of the values beyond the ends of the grid: a lower bound of `noise`,
  /// in constant time.
  double clippedNoise(QuantParams params, IntegerGrid grid) const;
  QuantizationError error(QuantParams params, IntegerGrid grid) const;

private:
  /// Sums over values: their number, the values, their squares. In bin widths.
  struct Moments {
    double count = 0.0;
    double sum = 0.0;
    double squares = 0.0;

    Moments operator+(const Moments &other) const {
      return {count + other.count, sum + other.sum, squares + other.squares};
    }
    Moments operator-(const Moments &other) const {
      return {count - other.count, sum - other.sum, squares - other.squares};
    }
    /// Of `count` values spread evenly over [from, to].
    static Moments ofEven(double count, double from, double to) {
      double mean = (from + to) / 2, width = to - from;
      return {count, count * mean, count * (mean * mean + width * width / 12)};
    }
    /// The squared distances to `x`; rounding errors may not make it negative.
    double distancesTo(double x) const {
      double distances = squares - 2.0 * x * sum + x * x * count;
      return distances < 0.0 ? 0.0 : distances;
    }
  };
  /// The integers of a quantizer, less its zero point, and its step in bins.
  struct Levels {
    Levels(QuantParams params, IntegerGrid grid, double width)
        : lowest(double(grid.qmin() - params.zeroPoint)),
          highest(double(grid.qmax() - params.zeroPoint)),
          step(double(params.scale) / width) {}

    double lowest, highest, step;
  };

  /// Of the values below `x` bin widths.
  Moments below(double x) const;
  /// The bounds of a bin in bin widths, not beyond the extrema and zero.
  RealRange boundsOf(size_t bin) const;
  /// The squared errors of the values that the grid's ends cut, in squares of
  /// the bin width.
  double clippedSquares(const Levels &levels) const;

  double width;
  size_t zeroBin;
  /// The extrema in bin widths.
  double least, greatest;
  double zeros;
  /// Of the bins before each one, and of all.
  std::vector<Moments> before;
};

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_HISTOGRAMERROR_H
