// This file declares fast functions of two tensors that XNNPACK lacks; the
// runtime calls them.
#ifndef NPIR_KERNELS_FAST_BINARY_H
#define NPIR_KERNELS_FAST_BINARY_H

#include "npir/Kernels/Binary.h"
#include <cstddef>
#include <cstdint>
#include <vector>

namespace npir_kernels::fast {

/// How two tensors broadcast to a third, dimensions that do alike made one.
struct BroadcastPlan {
  /// Shapes as numpy broadcasts them; that of the result has no size 0.
  BroadcastPlan(const std::vector<int64_t> &lhs,
                const std::vector<int64_t> &rhs,
                const std::vector<int64_t> &output);

  /// A dimension of the result, and by how many elements each operand moves
  /// along it.
  struct Dim {
    int64_t size, lhsStride, rhsStride;
  };
  /// At least one. The strides of the last are 0 or 1.
  std::vector<Dim> dims;
};

/// `evaluateBinary`, bounded, for the elements [begin, end) of the result.
void binaryF32(BinaryKind kind, const BroadcastPlan &plan, const float *lhs,
               const float *rhs, float min, float max, float *output,
               size_t begin, size_t end);

/// The larger or the smaller of stored values (`Maximum`, `Minimum`).
void selectI8(BinaryKind kind, const BroadcastPlan &plan, const int8_t *lhs,
              const int8_t *rhs, int8_t min, int8_t max, int8_t *output,
              size_t begin, size_t end);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_BINARY_H
