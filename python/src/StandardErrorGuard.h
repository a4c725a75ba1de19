// This file declares the catching of what a library prints to standard error.
#ifndef NPIR_PYTHON_SRC_STANDARDERRORGUARD_H
#define NPIR_PYTHON_SRC_STANDARDERRORGUARD_H

#include <mutex>
#include <string>

namespace mlir::npir {

/// While it lives, the process' standard error goes to memory. For short calls:
/// LLVM's options print there why they refuse a value, and nowhere else. One at
/// a time; another waits.
class StandardErrorGuard {
public:
  StandardErrorGuard();
  ~StandardErrorGuard() { finish(/*take=*/false); }
  StandardErrorGuard(const StandardErrorGuard &) = delete;

  /// Ends it. The text, if `take`; else it is printed after all, for it is
  /// another thread's.
  std::string finish(bool take);

private:
  std::unique_lock<std::mutex> lock;
  int saved = -1, memory = -1;
};

} // namespace mlir::npir

#endif // NPIR_PYTHON_SRC_STANDARDERRORGUARD_H
