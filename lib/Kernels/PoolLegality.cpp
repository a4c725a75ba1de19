// This file defines which 2-D maximum pools XNNPACK computes correctly.
#include "npir/Kernels/PoolLegality.h"
#include <algorithm>

namespace {

/// One dimension of a pool.
struct Axis {
  int64_t size, kernel, stride, before, after, dilation;
  bool isWidth;
  bool isDilated; // in this dimension or in the other
};

} // namespace

/// The element that XNNPACK reads for the tap at `position`, in the padding of
/// window number `output` of `numOutputs`.
static int64_t findStandIn(const Axis &axis, int64_t position, int64_t output,
                           int64_t numOutputs) {
  if (!axis.isDilated)
    return position < 0 ? 0 : axis.size - 1;
  // Windows that overlap along the width share XNNPACK's pointers, and the last
  // one to write wins.
  if (axis.isWidth && axis.dilation == 1)
    output = std::min((position + axis.before) / axis.stride, numOutputs - 1);
  const int64_t offset = axis.before % axis.dilation;
  const int64_t first = output * axis.stride;
  return first - offset + (first < offset ? axis.dilation : 0);
}

static bool hasRightStandIns(const Axis &axis) {
  const int64_t reach = axis.dilation * (axis.kernel - 1);
  const int64_t numOutputs =
      (axis.size + axis.before + axis.after - reach - 1) / axis.stride + 1;
  for (int64_t output = 0; output < numOutputs; ++output) {
    const int64_t start = output * axis.stride - axis.before;
    for (int64_t tap = 0; tap < axis.kernel; ++tap) {
      const int64_t position = start + tap * axis.dilation;
      if (position >= 0 && position < axis.size)
        continue;
      const int64_t standIn = findStandIn(axis, position, output, numOutputs);
      const bool isInWindow = standIn >= start && standIn <= start + reach &&
                              (standIn - start) % axis.dilation == 0;
      if (!isInWindow || standIn < 0 || standIn >= axis.size)
        return false;
    }
  }
  return true;
}

const char *npir_kernels::findMaxPoolProblem(std::array<int64_t, 2> inputSize,
                                             std::array<int64_t, 2> kernel,
                                             std::array<int64_t, 2> strides,
                                             std::array<int64_t, 4> pads,
                                             std::array<int64_t, 2> dilations) {
  if (kernel[0] * kernel[1] <= 1)
    return "XNNPACK takes no 1x1 pool";
  if (strides[0] > kernel[0] || strides[1] > kernel[1])
    return "XNNPACK takes no pool with a stride beyond its kernel";
  const bool isDilated = dilations[0] > 1 || dilations[1] > 1;
  for (int i = 0; i < 2; ++i)
    if (!hasRightStandIns({inputSize[i], kernel[i], strides[i], pads[2 * i],
                           pads[2 * i + 1], dilations[i], i == 1, isDilated}))
      return isDilated
                 ? "XNNPACK computes a dilated pool with this padding wrongly"
                 : "XNNPACK takes no pool with a window of padding alone";
  return nullptr;
}

npir_kernels::DeconvolutionSize npir_kernels::inferDeconvolution(
    std::array<int64_t, 2> inputSize, std::array<int64_t, 2> kernel,
    std::array<int64_t, 2> strides, std::array<int64_t, 4> pads,
    std::array<int64_t, 2> adjustment, std::array<int64_t, 2> dilations) {
  constexpr double maxPointers = double(int64_t(1) << 28);
  DeconvolutionSize result;
  double pointers = 1;
  for (int i = 0; i < 2; ++i) {
    result.size[i] = (inputSize[i] - 1) * strides[i] +
                     (kernel[i] - 1) * dilations[i] + 1 + adjustment[i] -
                     pads[2 * i] - pads[2 * i + 1];
    pointers *= double(result.size[i]) * double(kernel[i]);
    if (adjustment[i] >= strides[i])
      result.problem = "expected output padding below the stride";
    else if (result.size[i] < 1)
      result.problem = "expected padding that leaves something of the result";
    else if (result.size[i] < strides[i])
      result.problem = "expected a result that is at least as large as the "
                       "stride";
    else if (pointers > maxPointers)
      result.problem = "the window is too large for the image";
    if (result.problem)
      break;
  }
  return result;
}
