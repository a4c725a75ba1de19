// This file declares what the XNNPACK segments of one executor share.
#ifndef NPIR_LIB_RUNTIME_XNN_XNNENGINE_H
#define NPIR_LIB_RUNTIME_XNN_XNNENGINE_H

#include "npir/Runtime/Status.h"

#include <cstddef>

struct pthreadpool;
struct xnn_workspace;

namespace npir_rt {

/// A thread pool and the memory of segments' inner tensors. Outlives the
/// segments.
class XnnEngine {
public:
  XnnEngine() = default;
  XnnEngine(const XnnEngine &) = delete;
  XnnEngine &operator=(const XnnEngine &) = delete;
  ~XnnEngine();

  /// 0 threads: the machine's, at most 8.
  Status create(unsigned threads);
  /// Null: one thread.
  pthreadpool *threads() const { return pool; }
  xnn_workspace *workspace() const { return memory; }

  /// Calls `body(context, task)` for each task below `tasks`, on the threads.
  void parallelFor(size_t tasks, void (*body)(void *, size_t),
                   void *context) const;

  /// Bytes that XNNPACK has allocated on the calling thread and not freed
  /// there. Differences tell what a call has kept.
  static ptrdiff_t allocatedBytes();

private:
  pthreadpool *pool = nullptr;
  xnn_workspace *memory = nullptr;
};

} // namespace npir_rt

#endif // NPIR_LIB_RUNTIME_XNN_XNNENGINE_H
