// This file declares how the tasks of a loop share out its items while they
// run.
#ifndef NPIR_LIB_OBSERVERS_WORKSHARES_H
#define NPIR_LIB_OBSERVERS_WORKSHARES_H

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace mlir::npir {

/// Items 0 to items - 1, each for one task: a task has a share of its own, and
/// helps another one when that is done, since cores are seldom equally fast.
template <size_t kMostTasks>
class WorkShares {
public:
  /// At most 2^32 - 1 items, and 1 to kMostTasks tasks.
  WorkShares(size_t items, size_t tasks) : tasks(tasks) {
    for (size_t task = 0; task < tasks; ++task)
      shares[task].ends =
          pack(items * task / tasks, items * (task + 1) / tasks);
  }

  /// The next item of a task; none: all items are taken. Its own ones come from
  /// the last to the first: what another loop wrote last is still in the cache,
  /// and what the next loop reads first will be.
  std::optional<size_t> take(size_t task) {
    for (size_t i = 0; i < tasks; ++i)
      if (std::optional<size_t> item = takeFrom((task + i) % tasks, i == 0))
        return item;
    return std::nullopt;
  }

private:
  static uint64_t pack(uint64_t begin, uint64_t end) {
    return begin << 32 | end;
  }

  std::optional<size_t> takeFrom(size_t task, bool isOwn) {
    std::atomic<uint64_t> &ends = shares[task].ends;
    uint64_t before = ends.load(std::memory_order_relaxed), after, item;
    do {
      uint64_t begin = before >> 32, end = uint32_t(before);
      if (begin == end)
        return std::nullopt;
      item = isOwn ? end - 1 : begin;
      after = isOwn ? pack(begin, end - 1) : pack(begin + 1, end);
    } while (
        !ends.compare_exchange_weak(before, after, std::memory_order_relaxed));
    return item;
  }

  /// On a cache line of its own.
  struct alignas(64) Share {
    std::atomic<uint64_t> ends = 0;
  };
  std::array<Share, kMostTasks> shares;
  size_t tasks;
};

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_WORKSHARES_H
