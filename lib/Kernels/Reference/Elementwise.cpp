// This file defines the reference elementwise kernels.
#include "npir/Kernels/Reference/Elementwise.h"
#include "Loops.h"
#include <cmath>

using namespace npir_kernels;
using namespace npir_kernels::reference;

template <typename T, typename Combine>
static void combine(TensorRef<const T> lhs, TensorRef<const T> rhs,
                    TensorRef<T> output, Combine combineValues) {
  int64_t strides[2][kMaxRank] = {};
  computeBroadcastStrides(lhs.shape, lhs.rank, output.shape, output.rank,
                          strides[0]);
  computeBroadcastStrides(rhs.shape, rhs.rank, output.shape, output.rank,
                          strides[1]);
  forEachIndex(output.shape, output.rank, strides,
               [&](int64_t n, const int64_t (&offsets)[2]) {
                 output.data[n] =
                     combineValues(lhs.data[offsets[0]], rhs.data[offsets[1]]);
               });
}

template <typename T, typename U, typename Map>
static void map(TensorRef<const T> input, TensorRef<U> output, Map mapValue) {
  const int64_t count = input.numElements();
  assert(output.numElements() == count && "the output has another size");
  for (int64_t i = 0; i < count; ++i)
    output.data[i] = mapValue(input.data[i], i);
}

/// The number of elements after dimension `axis`: how often a channel's value
/// repeats before the next channel's.
static int64_t countInner(const int64_t *shape, int rank, int axis) {
  assert(axis >= 0 && axis < rank && "axis is out of range");
  int64_t inner = 1;
  for (int i = axis + 1; i < rank; ++i)
    inner *= shape[i];
  return inner;
}

namespace {

/// Finds the scale and the zero point of an element by its index.
class ScaleLookup {
public:
  template <typename T>
  ScaleLookup(const ScaleParams &params, TensorRef<const T> tensor)
      : params(params) {
    if (params.numScales == 1)
      return;
    assert(tensor.dim(params.axis) == params.numScales &&
           "expects one scale per index of the axis");
    inner = countInner(tensor.shape, tensor.rank, params.axis);
  }
  float scale(int64_t i) const { return params.scales[channel(i)]; }
  int32_t zeroPoint(int64_t i) const {
    return params.zeroPoints ? params.zeroPoints[channel(i)] : 0;
  }

private:
  int64_t channel(int64_t i) const { return i / inner % params.numScales; }

  const ScaleParams &params;
  int64_t inner = 1;
};

} // namespace

void reference::binary(BinaryKind kind, TensorRef<const float> lhs,
                       TensorRef<const float> rhs, FloatBounds bounds,
                       TensorRef<float> output) {
  combine(lhs, rhs, output, [&](float a, float b) {
    return applyBounds(evaluateBinary(kind, a, b), bounds);
  });
}

void reference::add(TensorRef<const int8_t> lhs, TensorRef<const int8_t> rhs,
                    const AddParams &params, TensorRef<int8_t> output) {
  combine(lhs, rhs, output, [&](int8_t a, int8_t b) {
    return applyShiftAdd(params.arithmetic, a, params.lhsZeroPoint, b,
                         params.rhsZeroPoint, params.outputZeroPoint,
                         params.bounds.min, params.bounds.max);
  });
}

void reference::multiply(TensorRef<const int8_t> lhs,
                         TensorRef<const int8_t> rhs,
                         const MultiplyParams &params,
                         TensorRef<int8_t> output) {
  combine(lhs, rhs, output, [&](int8_t a, int8_t b) {
    const int32_t product =
        (a - params.lhsZeroPoint) * (b - params.rhsZeroPoint);
    return npir_kernels::requantize(product, params.multiplier,
                                    params.outputZeroPoint, params.bounds.min,
                                    params.bounds.max);
  });
}

void reference::select(BinaryKind kind, TensorRef<const int8_t> lhs,
                       TensorRef<const int8_t> rhs, QuantizedBounds bounds,
                       TensorRef<int8_t> output) {
  assert((kind == BinaryKind::Maximum || kind == BinaryKind::Minimum) &&
         "not a selection");
  combine(lhs, rhs, output, [&](int8_t a, int8_t b) {
    return applyBounds(
        kind == BinaryKind::Maximum ? std::max(a, b) : std::min(a, b), bounds);
  });
}

void reference::unary(UnaryFunction function, TensorRef<const float> input,
                      TensorRef<float> output) {
  map(input, output,
      [&](float x, int64_t) { return evaluateUnary(function, x); });
}

void reference::tableLookup(TensorRef<const int8_t> input, const int8_t *table,
                            QuantizedBounds bounds, TensorRef<int8_t> output) {
  map(input, output, [&](int8_t q, int64_t) {
    return applyBounds(table[static_cast<uint8_t>(q)], bounds);
  });
}

void reference::clamp(TensorRef<const int8_t> input, QuantizedBounds bounds,
                      TensorRef<int8_t> output) {
  map(input, output, [&](int8_t q, int64_t) { return applyBounds(q, bounds); });
}

void reference::batchNorm(TensorRef<const float> input, const float *scale,
                          const float *offset, const float *mean,
                          const float *variance, float epsilon, int axis,
                          TensorRef<float> output) {
  const int64_t inner = countInner(input.shape, input.rank, axis);
  const int64_t channels = input.dim(axis);
  map(input, output, [&](float x, int64_t i) {
    const int64_t c = i / inner % channels;
    const double deviation = std::sqrt(static_cast<double>(variance[c]) +
                                       static_cast<double>(epsilon));
    return static_cast<float>(
        (static_cast<double>(x) - mean[c]) / deviation * scale[c] + offset[c]);
  });
}

template <typename T>
void reference::quantize(TensorRef<const float> input,
                         const ScaleParams &params, QuantizedBounds bounds,
                         TensorRef<T> output) {
  const ScaleLookup lookup(params, input);
  map(input, output, [&](float x, int64_t i) {
    return static_cast<T>(quantizeToGrid(x, 1.0f / lookup.scale(i),
                                         lookup.zeroPoint(i), bounds.min,
                                         bounds.max));
  });
}

template <typename T>
void reference::dequantize(TensorRef<const T> input, const ScaleParams &params,
                           TensorRef<float> output) {
  const ScaleLookup lookup(params, input);
  map(input, output, [&](T q, int64_t i) {
    assert((sizeof(T) < sizeof(int32_t) || lookup.zeroPoint(i) == 0) &&
           "expects zero point 0");
    return dequantizeValue(q, lookup.scale(i), lookup.zeroPoint(i));
  });
}

namespace npir_kernels::reference {
#define NPIR_STORAGE(T)                                                        \
  template void quantize(TensorRef<const float>, const ScaleParams &,          \
                         QuantizedBounds, TensorRef<T>);                       \
  template void dequantize(TensorRef<const T>, const ScaleParams &,            \
                           TensorRef<float>);
NPIR_STORAGE(int8_t)
NPIR_STORAGE(uint8_t)
NPIR_STORAGE(int16_t)
NPIR_STORAGE(uint16_t)
#undef NPIR_STORAGE
template void dequantize(TensorRef<const int32_t>, const ScaleParams &,
                         TensorRef<float>);
} // namespace npir_kernels::reference

void reference::roundToGrid(TensorRef<const float> input,
                            const ScaleParams &params, QuantizedBounds bounds,
                            TensorRef<float> output) {
  const ScaleLookup lookup(params, input);
  map(input, output, [&](float x, int64_t i) {
    const float scale = lookup.scale(i);
    const int32_t zeroPoint = lookup.zeroPoint(i);
    return dequantizeValue(
        quantizeToGrid(x, 1.0f / scale, zeroPoint, bounds.min, bounds.max),
        scale, zeroPoint);
  });
}

void reference::requantize(TensorRef<const int8_t> input,
                           const Q8Params &params, TensorRef<int8_t> output) {
  map(input, output, [&](int8_t q, int64_t) {
    return applyQ8(q, params.inputZeroPoint, params.multiplier,
                   params.outputZeroPoint, params.bounds.min,
                   params.bounds.max);
  });
}
