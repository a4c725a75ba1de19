// This file declares the parameters that reference kernels have in common.
#ifndef NPIR_KERNELS_REFERENCE_PARAMS_H
#define NPIR_KERNELS_REFERENCE_PARAMS_H

#include "npir/Kernels/Requantize.h"
#include <array>
#include <cstdint>
#include <limits>

namespace npir_kernels::reference {

/// How a window moves over height and width.
struct Window2D {
  std::array<int64_t, 2> strides = {1, 1};
  std::array<int64_t, 4> pads = {0, 0, 0, 0}; ///< top, bottom, left, right
  std::array<int64_t, 2> dilations = {1, 1};
};

/// The size of a windowed dimension's result:
/// `(size + before + after - dilation*(kernel-1) - 1) / stride + 1`.
inline int64_t windowedSize(int64_t size, int64_t kernel, int64_t stride,
                            int64_t dilation, int64_t before, int64_t after) {
  return (size + before + after - dilation * (kernel - 1) - 1) / stride + 1;
}

/// The bounds of a fused activation on real values. NaN passes through.
struct FloatBounds {
  float min = -std::numeric_limits<float>::infinity();
  float max = std::numeric_limits<float>::infinity();
};

/// The bounds of a stored result: the storage range or a fused activation's.
struct QuantizedBounds {
  int32_t min = kInt8Min;
  int32_t max = kInt8Max;
};

/// The numbers of a quantized multiply-accumulate.
struct AccumulatorParams {
  const float *multipliers = nullptr;
  int64_t numMultipliers = 1; ///< 1, or one per output channel
  int32_t inputZeroPoint = 0;
  int32_t outputZeroPoint = 0;
  QuantizedBounds bounds;
};

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_PARAMS_H
