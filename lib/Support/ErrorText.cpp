// This file implements the text of an operating system's error.
#include "npir/Support/ErrorText.h"
#include "llvm/ADT/StringExtras.h"

namespace mlir::npir {

std::string describe(std::error_code code) {
  std::string text = code.message();
  if (!text.empty())
    text[0] = llvm::toLower(text[0]);
  return text;
}

} // namespace mlir::npir
