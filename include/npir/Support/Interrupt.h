// This file declares how long work hears that the user wants it to end.
#ifndef NPIR_SUPPORT_INTERRUPT_H
#define NPIR_SUPPORT_INTERRUPT_H

#include <csignal>

namespace mlir::npir {

/// As long as it lives, the first SIGINT (Ctrl-C) is noted rather than the end
/// of the process; a second one is the end. One at a time in a process.
class InterruptGuard {
public:
  InterruptGuard();
  InterruptGuard(const InterruptGuard &) = delete;
  InterruptGuard &operator=(const InterruptGuard &) = delete;
  ~InterruptGuard();

  /// True once the signal came.
  static bool wasInterrupted();

private:
  struct sigaction before = {};
};

} // namespace mlir::npir

#endif // NPIR_SUPPORT_INTERRUPT_H
