// This file declares the reference elementwise kernels, those between float
// and quantized values among them.
#ifndef NPIR_KERNELS_REFERENCE_ELEMENTWISE_H
#define NPIR_KERNELS_REFERENCE_ELEMENTWISE_H

#include "npir/Kernels/Binary.h"
#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/TensorRef.h"
#include "npir/Kernels/Unary.h"
#include <cstdint>

namespace npir_kernels::reference {

/// `evaluateBinary` with numpy's broadcasting: shapes are aligned at their last
/// dimension, and a missing or size-1 dimension repeats.
void binary(BinaryKind kind, TensorRef<const float> lhs,
            TensorRef<const float> rhs, FloatBounds bounds,
            TensorRef<float> output);

/// The numbers of a quantized addition; a negative multiplier of the second
/// operand makes it a subtraction.
struct AddParams {
  ShiftAdd arithmetic;
  int32_t lhsZeroPoint = 0;
  int32_t rhsZeroPoint = 0;
  int32_t outputZeroPoint = 0;
  QuantizedBounds bounds;
};

/// Quantized: `applyShiftAdd`.
void add(TensorRef<const int8_t> lhs, TensorRef<const int8_t> rhs,
         const AddParams &params, TensorRef<int8_t> output);

/// The numbers of a quantized product of two activations.
struct MultiplyParams {
  float multiplier = 1.0f;
  int32_t lhsZeroPoint = 0;
  int32_t rhsZeroPoint = 0;
  int32_t outputZeroPoint = 0;
  QuantizedBounds bounds;
};

/// Quantized: `requantize` of `(lhs - lhsZeroPoint) * (rhs - rhsZeroPoint)`.
void multiply(TensorRef<const int8_t> lhs, TensorRef<const int8_t> rhs,
              const MultiplyParams &params, TensorRef<int8_t> output);

/// Quantized `Maximum` or `Minimum`: operands and output have the same scale
/// and zero point.
void select(BinaryKind kind, TensorRef<const int8_t> lhs,
            TensorRef<const int8_t> rhs, QuantizedBounds bounds,
            TensorRef<int8_t> output);

/// `evaluateUnary` of each element.
void unary(UnaryFunction function, TensorRef<const float> input,
           TensorRef<float> output);

/// Quantized: the entry of a table of 256 (see `Table`), then the bounds.
void tableLookup(TensorRef<const int8_t> input, const int8_t *table,
                 QuantizedBounds bounds, TensorRef<int8_t> output);

/// Quantized: a clamp between equal types moves stored values to the bounds.
void clamp(TensorRef<const int8_t> input, QuantizedBounds bounds,
           TensorRef<int8_t> output);

/// Batch normalization along dimension `axis`; the four parameters have one
/// value per channel. `(x - mean) / sqrt(variance + epsilon) * scale + offset`
/// in double, rounded to f32 once.
void batchNorm(TensorRef<const float> input, const float *scale,
               const float *offset, const float *mean, const float *variance,
               float epsilon, int axis, TensorRef<float> output);

/// The scales of a quantized tensor: one, or one per index of `axis`.
struct ScaleParams {
  const float *scales = nullptr;
  const int32_t *zeroPoints = nullptr; ///< as many as scales; null: all zero
  int64_t numScales = 1;
  int axis = 0; ///< used only where numScales > 1
};

/// `quantizeToGrid` of each element, with the reciprocal of its scale in f32. T
/// holds the bounds: int8_t, uint8_t, int16_t or uint16_t.
template <typename T>
void quantize(TensorRef<const float> input, const ScaleParams &params,
              QuantizedBounds bounds, TensorRef<T> output);

/// `float(q - zeroPoint) * scale` of each element. T is as above, or int32_t
/// for a bias: that is rounded to f32 first, where it has more than 24 bits,
/// and its zero point must be 0.
template <typename T>
void dequantize(TensorRef<const T> input, const ScaleParams &params,
                TensorRef<float> output);

/// Both: the value that an element has once it was quantized.
void roundToGrid(TensorRef<const float> input, const ScaleParams &params,
                 QuantizedBounds bounds, TensorRef<float> output);

/// The numbers of a conversion between quantized types.
struct Q8Params {
  int32_t multiplier = 256;
  int32_t inputZeroPoint = 0;
  int32_t outputZeroPoint = 0;
  QuantizedBounds bounds;
};

/// `applyQ8` of each element.
void requantize(TensorRef<const int8_t> input, const Q8Params &params,
                TensorRef<int8_t> output);

} // namespace npir_kernels::reference

#endif // NPIR_KERNELS_REFERENCE_ELEMENTWISE_H
