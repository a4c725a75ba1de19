// This file declares the files that are built into the library.
#ifndef NPIR_LIB_CONFIG_EMBEDDED_H
#define NPIR_LIB_CONFIG_EMBEDDED_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"

namespace mlir::npir {

/// A file by its name, without the folder.
struct EmbeddedFile {
  llvm::StringRef name, text;
};

/// All of them, by name.
llvm::ArrayRef<EmbeddedFile> getEmbeddedFiles();

/// The text of the one called `name`, which exists.
llvm::StringRef getEmbeddedText(llvm::StringRef name);

} // namespace mlir::npir

#endif // NPIR_LIB_CONFIG_EMBEDDED_H
