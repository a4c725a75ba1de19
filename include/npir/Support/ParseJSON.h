// This file declares the one way in which NPIR parses a file of its own in
// JSON.
#ifndef NPIR_SUPPORT_PARSEJSON_H
#define NPIR_SUPPORT_PARSEJSON_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/JSON.h"

namespace mlir::npir {

/// `text` as a JSON object. `name` and `kind` (`statistics file`) are for the
/// error:
/// `<name>: not a <kind>: <reason>`. Text that nests deeper than our files do
/// is refused: the parser recurses, and a damaged file could exhaust the stack.
llvm::Expected<llvm::json::Value>
parseJSON(llvm::StringRef text, llvm::StringRef name, llvm::StringRef kind);

/// The `version` of a file: an error where `object` has none, or a newer one
/// than `newest`, whose other fields would mean nothing here. `remedy` tells
/// what else the user can do.
llvm::Error checkVersion(const llvm::json::Object &object, int64_t newest,
                         llvm::StringRef name, llvm::StringRef kind,
                         llvm::StringRef remedy);

} // namespace mlir::npir

#endif // NPIR_SUPPORT_PARSEJSON_H
