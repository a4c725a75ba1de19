// This file implements how long work hears that the user wants it to end.
#include "npir/Support/Interrupt.h"

namespace mlir::npir {

/// The only thing that a signal handler may write.
static volatile std::sig_atomic_t interrupted = 0;

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  struct sigaction action = {};
  action.sa_handler = [](int) { interrupted = 1; };
  // The second signal ends the process.
  action.sa_flags = SA_RESTART | static_cast<int>(SA_RESETHAND);
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &before);
}

InterruptGuard::~InterruptGuard() { sigaction(SIGINT, &before, nullptr); }

bool InterruptGuard::wasInterrupted() { return interrupted != 0; }

} // namespace mlir::npir
