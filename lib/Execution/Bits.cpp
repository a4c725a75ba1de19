// This file implements the comparison of tensors bit by bit.
#include "Bits.h"

#include <cstring>

uint64_t mlir::npir::countDifferences(const void *a, const void *b,
                                      size_t count, npir_rt::ElementType type,
                                      llvm::BitVector &exact) {
  size_t size = npir_rt::elementSize(type);
  if (std::memcmp(a, b, count * size) == 0)
    return 0;
  auto *x = static_cast<const char *>(a), *y = static_cast<const char *>(b);
  size_t perSample = count / exact.size();
  uint64_t differing = 0;
  for (size_t i = 0; i < count; ++i)
    if (std::memcmp(x + i * size, y + i * size, size) != 0) {
      ++differing;
      if (perSample)
        exact.reset(std::min<size_t>(i / perSample, exact.size() - 1));
    }
  return differing;
}
