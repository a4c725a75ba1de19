// This file implements a guard that turns a crash into a message.
#include "CrashGuard.h"

#include <array>
#include <csignal>
#include <cstring>
#include <sys/time.h>
#include <unistd.h>

using namespace mlir::npir;

static constexpr std::array<int, 6> kSignals = {SIGSEGV, SIGBUS, SIGABRT,
                                                SIGFPE,  SIGILL, SIGPROF};
/// Sound files are read at hundreds of megabytes per second.
static constexpr time_t kSeconds = 10, kBytesPerSecond = 1 << 20;
static struct sigaction previousActions[kSignals.size()];
static stack_t previousStack;
// A reader that recurses without end has no stack left for the handler.
static char handlerStack[1 << 16];
static char message[4096];
static size_t messageSize;

static void onCrash(int) {
  // Only async-signal-safe calls from here on.
  ssize_t ignored = write(STDERR_FILENO, message, messageSize);
  (void)ignored;
  _exit(1);
}

CrashGuard::CrashGuard(const std::string &path, size_t fileBytes) {
  std::string text =
      "error: " + path.substr(0, 2048) +
      ": the file is damaged: reading it failed; make it again\n";
  messageSize = text.size();
  std::memcpy(message, text.data(), messageSize);

  stack_t stack = {};
  stack.ss_sp = handlerStack;
  stack.ss_size = sizeof(handlerStack);
  sigaltstack(&stack, &previousStack);
  struct sigaction action = {};
  action.sa_handler = onCrash;
  action.sa_flags = SA_ONSTACK;
  for (size_t i = 0; i < kSignals.size(); ++i)
    sigaction(kSignals[i], &action, &previousActions[i]);
  itimerval timer = {};
  timer.it_value.tv_sec =
      kSeconds + static_cast<time_t>(fileBytes) / kBytesPerSecond;
  setitimer(ITIMER_PROF, &timer, nullptr);
}

CrashGuard::~CrashGuard() {
  itimerval none = {};
  setitimer(ITIMER_PROF, &none, nullptr);
  for (size_t i = 0; i < kSignals.size(); ++i)
    sigaction(kSignals[i], &previousActions[i], nullptr);
  sigaltstack(&previousStack, nullptr);
}
