// This file declares the reference kernel that repeats values.
#ifndef NPIR_KERNELS_REFERENCE_BROADCAST_H
#define NPIR_KERNELS_REFERENCE_BROADCAST_H

#include "npir/Kernels/TensorRef.h"

namespace npir_kernels::reference {

/// numpy's broadcast_to: shapes are aligned at their last dimension, and a
/// missing or size-1 dimension repeats. Instantiated for float, int8_t,
/// int16_t, int32_t and int64_t.
template <typename T>
void broadcast(TensorRef<const T> input, TensorRef<T> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_BROADCAST_H
