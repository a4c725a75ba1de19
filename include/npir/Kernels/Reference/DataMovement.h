// This file declares the reference kernels that move values and compute none.
#ifndef NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H
#define NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H

#include "npir/Kernels/Pad.h"
#include "npir/Kernels/TensorRef.h"
#include <cstdint>

namespace npir_kernels::reference {

// All are instantiated for float, int8_t, int16_t and int32_t.

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

// These move the bits of elements: they are instantiated for unsigned integers
// of 8 to 64 bits.

/// `before[i]` elements before dimension `i`, and as many behind as the output
/// has room for. `value` stands where no element does.
template <typename T>
void pad(TensorRef<const T> input, const int64_t *before, PadMode mode, T value,
         TensorRef<T> output);

/// input [N,H,W,block*block*C], output [N,H*block,W*block,C]: channel
/// (y*block + x)*C + c becomes channel c at (h*block + y, w*block + x).
template <typename T>
void depthToSpace(TensorRef<const T> input, int64_t block, TensorRef<T> output);

/// The inverse.
template <typename T>
void spaceToDepth(TensorRef<const T> input, int64_t block, TensorRef<T> output);

/// input [N,H,W,C], output [N,OH,OW,C]: row `rows[oh]`, column `columns[ow]`.
template <typename T>
void gatherPixels(TensorRef<const T> input, const int64_t *rows,
                  const int64_t *columns, TensorRef<T> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_DATAMOVEMENT_H
