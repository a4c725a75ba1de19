// This file declares which 2-D maximum pools and transposed convolutions
// XNNPACK 20241108 computes correctly.
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

/// The height and width of a transposed convolution's result, and why XNNPACK
/// does not compute it; null where it does.
struct DeconvolutionSize {
  std::array<int64_t, 2> size = {0, 0};
  const char *problem = nullptr;
};

/// Arrays as above; `adjustment` is added to the size at the bottom and right.
///
/// XNNPACK takes an adjustment below the stride only. Where it splits the
/// kernel by strides (no dilation, strides within the kernel) it divides a
/// result that is smaller than the stride into negative parts
/// (src/indirection.c, xnn_indirection_init_subconv2d), without a check. It
/// keeps a pointer per result element and kernel element.
DeconvolutionSize inferDeconvolution(std::array<int64_t, 2> inputSize,
                                     std::array<int64_t, 2> kernel,
                                     std::array<int64_t, 2> strides,
                                     std::array<int64_t, 4> pads,
                                     std::array<int64_t, 2> adjustment,
                                     std::array<int64_t, 2> dilations);

} // namespace npir_kernels

#endif // NPIR_KERNELS_POOLLEGALITY_H
