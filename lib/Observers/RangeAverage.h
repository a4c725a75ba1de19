// This file declares the moving average of ranges.
#ifndef NPIR_LIB_OBSERVERS_RANGEAVERAGE_H
#define NPIR_LIB_OBSERVERS_RANGEAVERAGE_H

#include "npir/Observers/QuantParams.h"
#include <optional>

namespace mlir::npir {

/// Moves `average` by the share `sigma` of the way to `range`; without one it
/// starts there.
inline void moveAverage(std::optional<RealRange> &average, RealRange range,
                        double sigma) {
  if (!average) {
    average = range;
    return;
  }
  average->lo += sigma * (range.lo - average->lo);
  average->hi += sigma * (range.hi - average->hi);
}

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_RANGEAVERAGE_H
