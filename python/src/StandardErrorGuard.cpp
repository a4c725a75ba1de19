// This file implements the catching of what a library prints to standard error.
#include "StandardErrorGuard.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

using namespace mlir::npir;

static std::mutex &getMutex() {
  static std::mutex mutex;
  return mutex;
}

StandardErrorGuard::StandardErrorGuard() : lock(getMutex()) {
  memory = memfd_create("npir", MFD_CLOEXEC);
  saved = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  // Without standard error, or without descriptors, nothing is caught.
  if (memory >= 0 && saved >= 0)
    dup2(memory, STDERR_FILENO);
}

std::string StandardErrorGuard::finish(bool take) {
  std::string text;
  if (memory >= 0 && saved >= 0) {
    dup2(saved, STDERR_FILENO);
    text.resize(static_cast<size_t>(lseek(memory, 0, SEEK_END)));
    ssize_t size = pread(memory, text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<size_t>(size));
    if (!take) {
      ssize_t ignored = write(STDERR_FILENO, text.data(), text.size());
      (void)ignored;
      text.clear();
    }
  }
  for (int *descriptor : {&memory, &saved}) {
    if (*descriptor >= 0)
      close(*descriptor);
    *descriptor = -1;
  }
  if (lock.owns_lock())
    lock.unlock();
  return text;
}
