// This file declares the fast kernels of indices and truth values; the runtime
// calls them.
#ifndef NPIR_KERNELS_FAST_SELECT_H
#define NPIR_KERNELS_FAST_SELECT_H

#include "npir/Kernels/Fast/Strided.h"
#include "npir/Kernels/Index.h"

namespace npir_kernels::fast {

/// Elements of `onTrue` or `onFalse`, of 1, 4 or 8 bytes. The tensors of `box`
/// are the condition, both operands and the output, whose rows [begin, end) are
/// computed.
void where(const StridedBox<4> &box, size_t elementSize, const Truth *condition,
           const void *onTrue, const void *onFalse, void *output, size_t begin,
           size_t end);

/// The tensors of `box` are both operands and the output. Instantiated for
/// float, Truth, int32_t and int64_t.
template <typename T>
void compare(const StridedBox<3> &box, CompareKind kind, const T *lhs,
             const T *rhs, Truth *output, size_t begin, size_t end);

/// As compare.
void logical(const StridedBox<3> &box, LogicalKind kind, const Truth *lhs,
             const Truth *rhs, Truth *output, size_t begin, size_t end);

/// `size` elements. Instantiated for any two of float, Truth, int32_t and
/// int64_t.
template <typename To, typename From>
void cast(const From *input, To *output, size_t size);

/// A tensor as seen from one dimension: elements before, along, behind it.
struct AxisView {
  int64_t outer = 1, size = 1, inner = 1;
};

/// The index of the largest element along the axis, for those before it in
/// [begin, end). Of equal ones the first or, with `last`, the last.
void argmax(const AxisView &view, bool last, const float *input,
            int64_t *output, size_t begin, size_t end);

} // namespace npir_kernels::fast

#endif // NPIR_KERNELS_FAST_SELECT_H
