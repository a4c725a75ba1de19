// This file declares the fast kernel that repeats values; the runtime calls it.
#ifndef NPIR_KERNELS_FAST_BROADCAST_H
#define NPIR_KERNELS_FAST_BROADCAST_H

#include <cstddef>
#include <cstdint>

namespace npir_kernels::fast {

/// Repeats dimensions of size 1 as numpy's broadcast_to does. Both shapes have
/// `rank` >= 1 dimensions (the input's with leading 1s where it has fewer), and
/// `inputShape[i]` is 1 or `outputShape[i]`. Elements are moved as
/// `elementSize` bytes. Computes the indices [begin, end) of the output's first
/// dimension.
void broadcast(const int64_t *inputShape, const int64_t *outputShape, int rank,
               size_t elementSize, const void *input, void *output,
               size_t begin, size_t end);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_BROADCAST_H
