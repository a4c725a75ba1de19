// This file implements how long work shows that it moves.
#include "npir/Support/Progress.h"

#include "llvm/Support/Format.h"

using namespace mlir::npir;

/// Seconds before anything is shown, and between two lines.
static constexpr double kFirstShown = 2.0;
static constexpr double kTerminalInterval = 0.1, kLineInterval = 10.0;
static constexpr unsigned kBarWidth = 30;

static double seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration<double>(duration).count();
}

Progress::Progress(llvm::StringRef title, llvm::StringRef what, uint64_t total,
                   bool quiet, llvm::raw_ostream &os)
    : title(title), what(what), total(total), quiet(quiet),
      isTerminal(os.is_displayed()), os(os), start(Clock::now()), last(start) {}

Progress::~Progress() {
  if (shown && isTerminal)
    os << "\n";
}

void Progress::update(uint64_t done) {
  if (quiet || total == 0)
    return;
  Clock::time_point now = Clock::now();
  double interval = !shown       ? kFirstShown
                    : isTerminal ? kTerminalInterval
                                 : kLineInterval;
  if (seconds(now - last) < interval && !(shown && done == total))
    return;
  last = now;
  shown = true;
  show(done, seconds(now - start));
}

void Progress::show(uint64_t done, double elapsed) {
  double left = done ? elapsed * double(total - done) / double(done) : 0.0;
  if (isTerminal) {
    unsigned filled = static_cast<unsigned>(kBarWidth * done / total);
    os << "\r" << title << " [" << std::string(filled, '#')
       << std::string(kBarWidth - filled, ' ') << "] ";
  } else {
    os << title << ": ";
  }
  double rate = elapsed > 0 ? double(done) / elapsed : 0.0;
  os << done << "/" << total << " " << what
     << llvm::format(", %.*f/s, %.0f s left", rate < 10 ? 1 : 0, rate, left);
  os << (isTerminal ? "   " : "\n");
  os.flush();
}
