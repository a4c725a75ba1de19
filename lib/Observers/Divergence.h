// This file declares the search of KL: for the threshold with the least
// Kullback-Leibler divergence.
#ifndef NPIR_LIB_OBSERVERS_DIVERGENCE_H
#define NPIR_LIB_OBSERVERS_DIVERGENCE_H

#include "npir/Observers/Histogram.h"
#include "npir/Observers/QuantParams.h"

namespace mlir::npir {

struct Threshold {
  /// [-value, value] holds what is not cut.
  double value = 0.0;
  /// Bins of |x| up to it.
  size_t bin = 0;
};

/// P is the distribution of |x| without zeros over the bins up to a candidate,
/// with all that lies beyond in the last of them; Q is the same without what
/// lies beyond, its mass spread evenly over the bins in use of each of as many
/// levels as the format has for |x|. The candidate with the least divergence of
/// P from Q wins, ties going to the larger; one that keeps less than nine
/// tenths of the values is none. Without more bins than levels: the greatest
/// |x|.
///
/// `bins` or more bins are in use, up to twice as many, or all of the histogram
/// if it has fewer. O(levels) for each bin.
Threshold searchThreshold(const Histogram &histogram, RealRange extrema,
                          unsigned bins, const QuantFormat &format);

/// With fewer values, where the least divergence lies is chance.
inline constexpr uint64_t kValuesPerBin = 10;

/// The bins for which `values` values are enough, as a power of two: 512 at
/// least, and at most `bins`.
unsigned binsForValues(uint64_t values, unsigned bins);

/// What the threshold makes of the range of `extrema`.
RealRange cutRange(RealRange extrema, Threshold threshold, QuantScheme scheme);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_DIVERGENCE_H
