// This file declares the reference convolutions and the linear layer.
//
// All reference kernels are scalar and follow the formula of the operation.
// They take shapes that its verifier has accepted and only assert on them.
// Quantized forms take every number from their caller and derive none.
#ifndef NPIR_KERNELS_REFERENCE_CONVOLUTION_H
#define NPIR_KERNELS_REFERENCE_CONVOLUTION_H

#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/TensorRef.h"
#include <cstdint>

namespace npir_kernels::reference {

/// input [N,H,W,IC], filter [OC,KH,KW,IC/groups], bias [OC] or null, output
/// [N,OH,OW,OC]. Output channel c reads the input channels of group
/// c / (OC/groups). Padding elements are real zeros.
///
/// Float: products are added up in double, the bias last, and rounded to f32
/// once. This form makes no claim of bit equality with anyone, and a double sum
/// does not depend on the order in any bit that matters, so it is the yardstick
/// for kernels that add in f32 in whatever order suits them.
void conv2d(TensorRef<const float> input, TensorRef<const float> filter,
            const float *bias, const Window2D &window, int64_t groups,
            FloatBounds bounds, TensorRef<float> output);

/// Quantized: acc = bias + sum of (input - inputZeroPoint) * filter modulo
/// 2^32, then `requantize`. One multiplier, or one per output channel.
void conv2d(TensorRef<const int8_t> input, TensorRef<const int8_t> filter,
            const int32_t *bias, const Window2D &window, int64_t groups,
            const AccumulatorParams &params, TensorRef<int8_t> output);

/// input [N,H,W,C], filter [1,KH,KW,C*M], bias [C*M] or null, output
/// [N,OH,OW,C*M]. Output channel c*M + m reads input channel c. Arithmetic as
/// in `conv2d`.
void depthwiseConv2d(TensorRef<const float> input,
                     TensorRef<const float> filter, const float *bias,
                     const Window2D &window, FloatBounds bounds,
                     TensorRef<float> output);
void depthwiseConv2d(TensorRef<const int8_t> input,
                     TensorRef<const int8_t> filter, const int32_t *bias,
                     const Window2D &window, const AccumulatorParams &params,
                     TensorRef<int8_t> output);

/// input [N,H,W,IC], filter [OC,KH,KW,IC/groups], bias [OC] or null, output
/// [N,OH,OW,OC]: input element (h, w) adds its products with tap (kh, kw) to
/// output element (h*stride + kh*dilation - pad, ...), which cuts off what
/// falls outside. Groups and arithmetic as in `conv2d`.
void transposeConv2d(TensorRef<const float> input,
                     TensorRef<const float> filter, const float *bias,
                     const Window2D &window, int64_t groups, FloatBounds bounds,
                     TensorRef<float> output);
void transposeConv2d(TensorRef<const int8_t> input,
                     TensorRef<const int8_t> filter, const int32_t *bias,
                     const Window2D &window, int64_t groups,
                     const AccumulatorParams &params, TensorRef<int8_t> output);

/// input [...,IC], weight [OC,IC], bias [OC] or null, output [...,OC].
/// Arithmetic as in `conv2d`.
void linear(TensorRef<const float> input, TensorRef<const float> weight,
            const float *bias, FloatBounds bounds, TensorRef<float> output);
void linear(TensorRef<const int8_t> input, TensorRef<const int8_t> weight,
            const int32_t *bias, const AccumulatorParams &params,
            TensorRef<int8_t> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_CONVOLUTION_H
