// This file plans the memory of the tensors between steps.
#include "Segments.h"

#include <map>

namespace npir_rt {
namespace {

/// Free blocks of an arena without an end.
class FreeList {
public:
  /// The smallest block that is large enough; else the end grows.
  size_t take(size_t bytes) {
    auto best = bySize.lower_bound({bytes, 0});
    if (best == bySize.end())
      return grow(bytes);
    auto [blockBytes, offset] = best->first;
    remove(offset, blockBytes);
    if (blockBytes > bytes)
      insert(offset + bytes, blockBytes - bytes);
    return offset;
  }

  void give(size_t offset, size_t bytes) {
    auto next = byOffset.lower_bound(offset);
    if (next != byOffset.end() && offset + bytes == next->first) {
      size_t nextBytes = next->second;
      remove(offset + bytes, nextBytes);
      bytes += nextBytes;
      next = byOffset.lower_bound(offset);
    }
    if (next != byOffset.begin()) {
      auto previous = std::prev(next);
      if (previous->first + previous->second == offset) {
        size_t start = previous->first, previousBytes = previous->second;
        remove(start, previousBytes);
        offset = start;
        bytes += previousBytes;
      }
    }
    insert(offset, bytes);
  }

  size_t end() const { return size; }

private:
  /// A free block at the end is used up first.
  size_t grow(size_t bytes) {
    size_t offset = size;
    if (!byOffset.empty()) {
      auto back = std::prev(byOffset.end());
      if (back->first + back->second == size) {
        offset = back->first;
        remove(back->first, back->second);
      }
    }
    size = offset + bytes;
    return offset;
  }
  void insert(size_t offset, size_t bytes) {
    byOffset[offset] = bytes;
    bySize[{bytes, offset}] = true;
  }
  void remove(size_t offset, size_t bytes) {
    byOffset.erase(offset);
    bySize.erase({bytes, offset});
  }

  std::map<size_t, size_t> byOffset;
  std::map<std::pair<size_t, size_t>, bool> bySize;
  size_t size = 0;
};

} // namespace

ArenaPlan planArena(const std::vector<Lifetime> &lifetimes,
                    const std::vector<size_t> &sizes, int64_t numSteps) {
  // Index 0 is the time before the first step.
  std::vector<std::vector<size_t>> born(numSteps + 1), dead(numSteps + 2);
  for (size_t i = 0; i < lifetimes.size(); ++i) {
    born[lifetimes[i].first + 1].push_back(i);
    dead[lifetimes[i].last + 1].push_back(i);
  }
  ArenaPlan plan;
  plan.offsets.resize(lifetimes.size());
  FreeList memory;
  for (int64_t time = 0; time <= numSteps; ++time) {
    for (size_t i : born[time])
      plan.offsets[i] = memory.take(sizes[i]);
    for (size_t i : dead[time])
      memory.give(plan.offsets[i], sizes[i]);
  }
  plan.bytes = memory.end();
  return plan;
}

} // namespace npir_rt
