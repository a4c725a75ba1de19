// This file implements the one way in which NPIR reads a small file.
#include "npir/Support/ReadFile.h"

#include "npir/Support/ErrorText.h"

llvm::Expected<std::unique_ptr<llvm::MemoryBuffer>>
mlir::npir::readFile(llvm::StringRef path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> buffer =
      llvm::MemoryBuffer::getFile(path, /*IsText=*/false,
                                  /*RequiresNullTerminator=*/false);
  if (!buffer)
    return llvm::createStringError(
        buffer.getError(),
        llvm::Twine(path) + ": cannot read: " + describe(buffer.getError()));
  return std::move(*buffer);
}
