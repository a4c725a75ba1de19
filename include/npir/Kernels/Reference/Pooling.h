// This file declares the reference pooling and reduction kernels.
#ifndef NPIR_KERNELS_REFERENCE_POOLING_H
#define NPIR_KERNELS_REFERENCE_POOLING_H

#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/TensorRef.h"
#include <array>
#include <cstdint>

namespace npir_kernels::reference {

/// The largest value of each window. input [N,H,W,C], output [N,OH,OW,C].
/// Padding never wins; a window of padding alone gives the lowest value. A NaN
/// in a window wins.
void maxPool2d(TensorRef<const float> input, std::array<int64_t, 2> kernel,
               const Window2D &window, FloatBounds bounds,
               TensorRef<float> output);
/// Quantized: input and output have the same scale and zero point.
void maxPool2d(TensorRef<const int8_t> input, std::array<int64_t, 2> kernel,
               const Window2D &window, QuantizedBounds bounds,
               TensorRef<int8_t> output);

/// The mean of each window: of the elements that it covers, or with
/// `countPadding` of all of its taps, those in the padding being 0. A window
/// that covers no element gives 0. Adds in double, rounds to f32 once.
void avgPool2d(TensorRef<const float> input, std::array<int64_t, 2> kernel,
               const Window2D &window, bool countPadding,
               TensorRef<float> output);

/// The numbers of a quantized mean over windows.
struct WindowMeanParams {
  const float *multipliers = nullptr; ///< for 1, 2, ... elements
  int32_t inputZeroPoint = 0;
  int32_t outputZeroPoint = 0;
  QuantizedBounds bounds;
};

/// Quantized: the exact sum, then `requantize` by the multiplier for as many
/// elements as count.
void avgPool2d(TensorRef<const int8_t> input, std::array<int64_t, 2> kernel,
               const Window2D &window, bool countPadding,
               const WindowMeanParams &params, TensorRef<int8_t> output);

enum class ReduceKind { Mean, Sum, Max, Min, Prod };

/// Reduces `axes` (unique, any order, at least one). `output` holds the kept
/// dimensions in order, with or without dimensions of size 1 in place of the
/// reduced ones. Adds and multiplies in double in row-major order and rounds to
/// f32 once; NaN is both the largest and the smallest value. The reduced
/// dimensions must not be empty.
void reduce(ReduceKind kind, TensorRef<const float> input, const int64_t *axes,
            int numAxes, TensorRef<float> output);

/// The numbers of a quantized reduction; the multiplier says mean or sum.
struct ReduceParams {
  float multiplier = 1.0f;
  int32_t inputZeroPoint = 0;
  int32_t outputZeroPoint = 0;
  QuantizedBounds bounds;
};

/// Quantized: the exact integer sum, then `applyReduce`.
void reduce(TensorRef<const int8_t> input, const int64_t *axes, int numAxes,
            const ReduceParams &params, TensorRef<int8_t> output);

/// Quantized largest (`Max`) or smallest (`Min`) value: input and output have
/// the same scale and zero point.
void reduce(ReduceKind kind, TensorRef<const int8_t> input, const int64_t *axes,
            int numAxes, QuantizedBounds bounds, TensorRef<int8_t> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_POOLING_H
