// This file declares what every way to percentiles shares.
#ifndef NPIR_LIB_OBSERVERS_PERCENTILE_H
#define NPIR_LIB_OBSERVERS_PERCENTILE_H

#include "npir/Observers/QuantParams.h"

namespace mlir::npir {

/// The range of values whose percentiles are `percentiles`. Where nearly all
/// values are zero, so are both percentiles, and a range of nothing would erase
/// the others: then it is that of the extrema.
inline RealRange rangeOfPercentiles(RealRange percentiles, float least,
                                    float greatest) {
  return percentiles == RealRange() ? RealRange{least, greatest} : percentiles;
}

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_PERCENTILE_H
