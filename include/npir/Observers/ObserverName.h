// This file declares the names of observers, for people to read.
#ifndef NPIR_OBSERVERS_OBSERVERNAME_H
#define NPIR_OBSERVERS_OBSERVERNAME_H

#include "npir/Observers/Observer.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::npir {

/// `minmax`, `ema`, `percentile`, `omse`, `kl` or `auto`.
llvm::StringRef stringifyObserver(ObserverParams::Kind kind);

} // namespace mlir::npir

#endif // NPIR_OBSERVERS_OBSERVERNAME_H
