// This file starts XNNPACK and makes what the segments of one executor share.
#include "XnnEngine.h"

#include <pthreadpool.h>
#include <xnnpack.h>

#include <algorithm>
#include <cstdlib>
#include <malloc.h>
#include <thread>

namespace npir_rt {
namespace {

/// XNNPACK's memory, counted: it does not tell how much it has.
thread_local ptrdiff_t allocated = 0;

void *counted(void *pointer) {
  if (pointer)
    allocated += ptrdiff_t(malloc_usable_size(pointer));
  return pointer;
}

void *allocate(void *, size_t size) { return counted(std::malloc(size)); }

void deallocate(void *, void *pointer) {
  if (pointer)
    allocated -= ptrdiff_t(malloc_usable_size(pointer));
  std::free(pointer);
}

void *reallocate(void *, void *pointer, size_t size) {
  const ptrdiff_t before = pointer ? ptrdiff_t(malloc_usable_size(pointer)) : 0;
  void *moved = std::realloc(pointer, size);
  if (moved)
    allocated -= before;
  return counted(moved);
}

void *allocateAligned(void *, size_t alignment, size_t size) {
  void *pointer = nullptr;
  return posix_memalign(&pointer, alignment, size) == 0 ? counted(pointer)
                                                        : nullptr;
}

const xnn_allocator allocator = {nullptr,    allocate,        reallocate,
                                 deallocate, allocateAligned, deallocate};

} // namespace

ptrdiff_t XnnEngine::allocatedBytes() { return allocated; }

void XnnEngine::parallelFor(size_t tasks, void (*body)(void *, size_t),
                            void *context) const {
  if (pool && tasks > 1) {
    pthreadpool_parallelize_1d(pool, body, context, tasks, 0);
    return;
  }
  for (size_t task = 0; task < tasks; ++task)
    body(context, task);
}

XnnEngine::~XnnEngine() {
  if (memory)
    xnn_release_workspace(memory);
  if (pool)
    pthreadpool_destroy(pool);
}

Status XnnEngine::create(unsigned threads) {
  constexpr unsigned maxThreads = 1024;
  // Initializes once for the process, whoever comes first.
  if (xnn_initialize(&allocator) != xnn_status_success)
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
