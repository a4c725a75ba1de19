// This file holds the files that are built into the library.
#include "Embedded.h"
#include "llvm/Support/ErrorHandling.h"

namespace mlir::npir {

// The texts, one string literal each, as tools/cmake/EmbedFiles.cmake writes
// them.
static const EmbeddedFile kFiles[] = {
#include "EmbeddedFiles.inc"
};

llvm::ArrayRef<EmbeddedFile> getEmbeddedFiles() { return kFiles; }

llvm::StringRef getEmbeddedText(llvm::StringRef name) {
  for (const EmbeddedFile &file : kFiles)
    if (file.name == name)
      return file.text;
  llvm_unreachable("no such embedded file");
}

} // namespace mlir::npir
