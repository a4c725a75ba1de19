// This file declares the reference kernels that move values and compute none.
#ifndef NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H
#define NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H

#include "npir/Kernels/TensorRef.h"
#include <cstdint>

namespace npir_kernels::reference {

/// Dimension `i` of the output is dimension `perm[i]` of the input.
/// Instantiated for float, int8_t and int32_t.
template <typename T>
void transpose(TensorRef<const T> input, const int64_t *perm,
               TensorRef<T> output);

/// A reshape: the same elements in the same order. Instantiated for float,
/// int8_t and int32_t.
template <typename T>
void copy(TensorRef<const T> input, TensorRef<T> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H
