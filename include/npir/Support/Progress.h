// This file declares how long work shows that it moves.
#ifndef NPIR_SUPPORT_PROGRESS_H
#define NPIR_SUPPORT_PROGRESS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"
#include <chrono>
#include <string>

namespace mlir::npir {

/// Shows the progress of one piece of work on standard error: a bar with the
/// speed and the time left on a terminal, else a line now and then. Work of
/// less than two seconds shows nothing.
class Progress {
public:
  /// `total` steps of `what` (a plural: "samples").
  Progress(llvm::StringRef title, llvm::StringRef what, uint64_t total,
           bool quiet, llvm::raw_ostream &os = llvm::errs());
  ~Progress();

  /// `done` steps are done.
  void update(uint64_t done);

private:
  void show(uint64_t done, double elapsed);

  using Clock = std::chrono::steady_clock;
  std::string title, what;
  uint64_t total;
  bool quiet, isTerminal, shown = false;
  llvm::raw_ostream &os;
  Clock::time_point start, last;
};

} // namespace mlir::npir

#endif // NPIR_SUPPORT_PROGRESS_H
