// This file declares the reference kernels that resize images.
#ifndef NPIR_KERNELS_REFERENCE_RESIZE_H
#define NPIR_KERNELS_REFERENCE_RESIZE_H

#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/Resize.h"
#include "npir/Kernels/TensorRef.h"
#include <cstdint>

namespace npir_kernels::reference {

/// input [N,H,W,C], output [N,OH,OW,C]: the mean of four neighbours, with the
/// taps that `bilinearTaps` finds for height and width. In double, rounded to
/// f32 once. Without interpolation: `gatherPixels`.
void resizeBilinear(TensorRef<const float> input, const ResizeAxis &height,
                    const ResizeAxis &width, TensorRef<float> output);

/// Quantized: `interpolate`. Input and output have the same scale and zero
/// point.
void resizeBilinear(TensorRef<const int8_t> input, const ResizeAxis &height,
                    const ResizeAxis &width, QuantizedBounds bounds,
                    TensorRef<int8_t> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_RESIZE_H
