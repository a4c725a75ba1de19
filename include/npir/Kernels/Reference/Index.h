// This file declares the reference kernels of indices and truth values.
#ifndef NPIR_KERNELS_REFERENCE_INDEX_H
#define NPIR_KERNELS_REFERENCE_INDEX_H

#include "npir/Kernels/Index.h"
#include "npir/Kernels/TensorRef.h"

namespace npir_kernels::reference {

/// The slices of `data` along `axis` that `count` indices name, in [-size,
/// size) of that dimension. The output has the indices in place of `axis`.
/// Instantiated for float, int8_t, int16_t, int32_t and int64_t.
template <typename T>
void gather(TensorRef<const T> data, int axis, const int64_t *indices,
            int64_t count, TensorRef<T> output);

/// Elements of `onTrue` or `onFalse`, all three broadcast to the output.
/// Instantiated as gather.
template <typename T>
void where(TensorRef<const Truth> condition, TensorRef<const T> onTrue,
           TensorRef<const T> onFalse, TensorRef<T> output);

/// Both operands are broadcast to the output. Instantiated for float, Truth,
/// int32_t and int64_t.
template <typename T>
void compare(CompareKind kind, TensorRef<const T> lhs, TensorRef<const T> rhs,
             TensorRef<Truth> output);

/// Both operands are broadcast to the output.
void logical(LogicalKind kind, TensorRef<const Truth> lhs,
             TensorRef<const Truth> rhs, TensorRef<Truth> output);

void logicalNot(TensorRef<const Truth> input, TensorRef<Truth> output);

/// The index of the largest element along `axis`; of equal ones the first or,
/// with `last`, the last. `output` has one element for each other index, in
/// their order.
void argmax(TensorRef<const float> input, int axis, bool last, int64_t *output);

/// Instantiated for any two of float, Truth, int32_t and int64_t.
template <typename To, typename From>
void cast(TensorRef<const From> input, TensorRef<To> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_INDEX_H
