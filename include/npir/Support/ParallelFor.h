// This file declares how a library that has no threads of its own asks its
// caller for some.
#ifndef NPIR_SUPPORT_PARALLELFOR_H
#define NPIR_SUPPORT_PARALLELFOR_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include <cstddef>

namespace mlir::npir {

/// Calls the body once for each task from 0 to tasks - 1, in any order, several
/// at a time, and returns when all are done.
using ParallelFor =
    llvm::function_ref<void(size_t tasks, llvm::function_ref<void(size_t)>)>;

/// The one for callers without threads.
inline void serialFor(size_t tasks, llvm::function_ref<void(size_t)> body) {
  for (size_t task = 0; task < tasks; ++task)
    body(task);
}

} // namespace mlir::npir

#endif // NPIR_SUPPORT_PARALLELFOR_H
