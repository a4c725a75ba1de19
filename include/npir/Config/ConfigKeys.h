// This file declares the keys that the maps of a config may have: what the
// readers accept and the schema for editors lists.
#ifndef NPIR_CONFIG_CONFIGKEYS_H
#define NPIR_CONFIG_CONFIGKEYS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::npir {

/// A kind of map, by the name that the schema's `definitions` give it.
struct ConfigMap {
  llvm::StringRef name;
  llvm::ArrayRef<llvm::StringRef> keys;
};

/// All of them.
llvm::ArrayRef<ConfigMap> getConfigMaps();

/// The keys of the one called `name`, which exists.
llvm::ArrayRef<llvm::StringRef> getConfigKeys(llvm::StringRef name);

/// The JSON schema of every format, for editors.
llvm::StringRef getConfigSchema();

} // namespace mlir::npir

#endif // NPIR_CONFIG_CONFIGKEYS_H
