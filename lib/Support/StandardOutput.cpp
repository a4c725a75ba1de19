// This file implements the check of a tool's standard output.
#include "npir/Support/StandardOutput.h"
#include "npir/Support/ErrorText.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdlib>

namespace mlir::npir {

static void checkStandardOutput() {
  llvm::raw_fd_ostream &os = llvm::outs();
  os.flush();
  std::error_code code = os.error();
  if (!code)
    return;
  // The stream's destructor would abort on it.
  os.clear_error();
  llvm::errs() << "error: standard output: cannot write: " << describe(code)
               << "\n";
  std::_Exit(1);
}

void checkStandardOutputAtExit() {
  // What exists first is destroyed last: the stream outlives the check.
  (void)llvm::outs();
  (void)std::atexit(checkStandardOutput);
}

} // namespace mlir::npir
