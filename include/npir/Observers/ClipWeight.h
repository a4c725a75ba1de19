// This file declares ranges that are chosen with an eye on the network behind
// the tensor: what they cut off counts more than what they round.
#ifndef NPIR_OBSERVERS_CLIPWEIGHT_H
#define NPIR_OBSERVERS_CLIPWEIGHT_H

#include "npir/Observers/Observer.h"

namespace mlir::npir {

/// As `explainRange`; but where `params` is Auto, the range is the one with the
/// least sum of squared errors in which those of the values that it cuts off
/// count `clipWeight` times, 1 or more, and OMSE among its candidates looks for
/// that one, too. 1 gives `explainRange`. Infinity: the range of the extrema,
/// which cuts nothing.
DerivedRange explainRange(const TensorStatistics &statistics,
                          const ObserverParams &params,
                          const QuantFormat &format, double clipWeight);

/// As `explainChannelRanges`, likewise.
llvm::SmallVector<DerivedRange>
explainChannelRanges(const TensorStatistics &statistics,
                     const ObserverParams &params, const QuantFormat &format,
                     double clipWeight);

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_CLIPWEIGHT_H
