// This file declares the one way in which NPIR reads a small file.
#ifndef NPIR_SUPPORT_READFILE_H
#define NPIR_SUPPORT_READFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace mlir::npir {

/// The bytes of `path`, mapped where that pays. Fails with
/// `<path>: cannot read: <reason>`.
llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
readFile(llvm::StringRef path);

} // namespace mlir::npir

#endif // NPIR_SUPPORT_READFILE_H
