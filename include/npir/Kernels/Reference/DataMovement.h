// This file declares the reference kernels that move values and compute none.
#ifndef NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H
#define NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H

#include "npir/Kernels/TensorRef.h"
#include <cstdint>

namespace npir_kernels::reference {

// All are instantiated for float, int8_t, int16_t, int32_t and int64_t.

/// Dimension `i` of the output is dimension `perm[i]` of the input.
template <typename T>
void transpose(TensorRef<const T> input, const int64_t *perm,
               TensorRef<T> output);

/// A reshape: the same elements in the same order.
template <typename T>
void copy(TensorRef<const T> input, TensorRef<T> output);

/// The box of the output's shape from `offsets[i]` on in dimension `i`.
template <typename T>
void slice(TensorRef<const T> input, const int64_t *offsets,
           TensorRef<T> output);

/// The `numInputs` inputs one behind the other along `axis`.
template <typename T>
void concat(const TensorRef<const T> *inputs, int64_t numInputs, int axis,
            TensorRef<T> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H
