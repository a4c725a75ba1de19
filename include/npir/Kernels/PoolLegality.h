// This file declares which 2-D maximum pools XNNPACK 20241108 computes
// correctly.
#ifndef NPIR_KERNELS_POOLLEGALITY_H
#define NPIR_KERNELS_POOLLEGALITY_H

#include <array>
#include <cstdint>

namespace npir_kernels {

/// Arrays hold height, then width; `pads` is top, bottom, left, right. All
/// sizes are positive and the windows fit. Returns null where the pool is
/// legal, else the reason why not.
///
/// XNNPACK takes no 1x1 pool and no stride beyond the kernel. For a tap in the
/// padding it reads an element that it believes to be in the same window
/// (src/indirection.c, xnn_indirection_init_maxpool2d): the nearest border
/// element, or, where any dilation is above 1, the tap `pad / dilation` (which,
/// where the width itself is not dilated, a later window overwrites with its
/// own). Where that element is outside of the window the result is wrong, and
/// where it is outside of the input XNNPACK reads foreign memory. It checks
/// none of this.
const char *findMaxPoolProblem(std::array<int64_t, 2> inputSize,
                               std::array<int64_t, 2> kernel,
                               std::array<int64_t, 2> strides,
                               std::array<int64_t, 4> pads,
                               std::array<int64_t, 2> dilations);

} // namespace npir_kernels

#endif // NPIR_KERNELS_POOLLEGALITY_H
