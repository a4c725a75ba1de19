// This file defines which 2-D maximum pools XNNPACK computes correctly.
#include "npir/Kernels/PoolLegality.h"

const char *npir_kernels::findMaxPoolProblem(std::array<int64_t, 2> inputSize,
                                             std::array<int64_t, 2> kernel,
                                             std::array<int64_t, 2> strides,
                                             std::array<int64_t, 4> pads,
                                             std::array<int64_t, 2> dilations) {
  if (kernel[0] * kernel[1] <= 1)
    return "XNNPACK takes no 1x1 pool";
  const bool isDilated = dilations[0] > 1 || dilations[1] > 1;
  for (int axis = 0; axis < 2; ++axis) {
    const int64_t size = inputSize[axis], stride = strides[axis],
                  dilation = dilations[axis], before = pads[2 * axis],
                  after = pads[2 * axis + 1];
    if (stride > kernel[axis])
      return "XNNPACK takes no pool with a stride beyond its kernel";
    // The element that stands in for a tap in the padding must be a tap of the
    // window and inside of the input.
    const int64_t last = size + before + after - dilation * (kernel[axis] - 1);
    for (int64_t start = -before; start < last - before; start += stride) {
      const int64_t end = start + dilation * (kernel[axis] - 1);
      if (start >= 0 && end < size)
        continue;
      if (!isDilated) {
        if (end < 0 || start >= size)
          return "XNNPACK takes no pool with a window of padding alone";
        continue;
      }
      int64_t standIn = start + before - before % dilation;
      if (standIn < 0)
        standIn += dilation;
      if (standIn > end || standIn >= size)
        return "XNNPACK computes a dilated pool with so much padding wrongly";
    }
  }
  return nullptr;
}
