// This file declares a guard that turns a crash into a message. Private to
// this library.
#ifndef NPIR_LIB_SERIALIZATION_CRASHGUARD_H
#define NPIR_LIB_SERIALIZATION_CRASHGUARD_H

#include <string>

namespace mlir::npir {

/// While it lives, a fatal signal of this process, or more processor time than
/// any sound file of its size takes, prints `error: <path>: the file is
/// damaged: ...` and exits with code 1. Upstream's bytecode reader checks much,
/// but not everything, of what it reads. One at a time.
class CrashGuard {
public:
  CrashGuard(const std::string &path, size_t fileBytes);
  ~CrashGuard();
  CrashGuard(const CrashGuard &) = delete;
  CrashGuard &operator=(const CrashGuard &) = delete;
};

} // namespace mlir::npir

#endif // NPIR_LIB_SERIALIZATION_CRASHGUARD_H
