// This file declares what the config knows of observers: their names in the
// formats, and which parameters each has.
#ifndef NPIR_LIB_CONFIG_OBSERVERNAMES_H
#define NPIR_LIB_CONFIG_OBSERVERNAMES_H

#include "npir/Config/SpecConfig.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlir::npir {

/// An observer by the names that the formats give it.
struct ObserverName {
  ObserverParams::Kind kind;
  llvm::StringRef native;
  llvm::StringRef block;
  /// Its parameters, which are keys of NPIR's own format.
  llvm::ArrayRef<SpecKey> parameters;
};

/// All of them.
llvm::ArrayRef<ObserverName> getObserverNames();
const ObserverName &lookupObserver(ObserverParams::Kind kind);

/// Some observer has `key` as a parameter / that of `params` does.
bool isObserverParameter(SpecKey key);
bool hasParameter(const ObserverParams &params, SpecKey key);

/// As an engineer would write it: 0.99999, not 9.999900e-01.
std::string formatReal(double value);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_OBSERVERNAMES_H
