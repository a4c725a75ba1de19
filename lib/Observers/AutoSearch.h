// This file declares what Auto tries.
#ifndef NPIR_LIB_OBSERVERS_AUTOSEARCH_H
#define NPIR_LIB_OBSERVERS_AUTOSEARCH_H

#include "npir/Observers/Observer.h"

namespace mlir::npir {

/// Every other observer, in the order of ObserverParams::Kind, with its default
/// parameters but for the percentile's `alpha`, and the bins of KL, which are
/// as many as `values` values are enough for. KL in symmetric formats only.
llvm::SmallVector<ObserverParams>
getAutoParams(uint64_t values, const QuantFormat &format, double alpha);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_AUTOSEARCH_H
