// This file starts XNNPACK and makes what the segments of one executor share.
#include "XnnEngine.h"

#include <pthreadpool.h>
#include <xnnpack.h>

#include <algorithm>
#include <thread>

namespace npir_rt {

XnnEngine::~XnnEngine() {
  if (memory)
    xnn_release_workspace(memory);
  if (pool)
    pthreadpool_destroy(pool);
}

Status XnnEngine::create(unsigned threads) {
  constexpr unsigned maxThreads = 1024;
  // Initializes once for the process, whoever comes first.
  if (xnn_initialize(nullptr) != xnn_status_success)
    return Status::error("XNNPACK does not support this processor");
  if (xnn_create_workspace(&memory) != xnn_status_success)
    return Status::error("not enough memory for XNNPACK's workspace");
  if (threads == 0)
    threads = std::clamp(std::thread::hardware_concurrency(), 1u, 8u);
  if (threads > maxThreads)
    return Status::error("expected at most " + std::to_string(maxThreads) +
                         " threads, got " + std::to_string(threads));
  if (threads > 1) {
    pool = pthreadpool_create(threads);
    if (!pool)
      return Status::error("cannot start " + std::to_string(threads) +
                           " threads");
  }
  return Status::success();
}

} // namespace npir_rt
