// This file defines the reference convolutions and the linear layer. Each form
// is one loop over the outputs, for float and integers alike; an arithmetic
// object says what a product, a sum and a result are.
#include "npir/Kernels/Reference/Convolution.h"
#include "Loops.h"

using namespace npir_kernels;
using namespace npir_kernels::reference;

namespace {

struct FloatArithmetic {
  using Accumulator = double;
  const float *bias;
  FloatBounds bounds;

  void accumulate(double &acc, float x, float w) const {
    acc += static_cast<double>(x) * static_cast<double>(w);
  }
  float finish(double acc, int64_t channel) const {
    if (bias)
      acc += static_cast<double>(bias[channel]);
    return applyBounds(static_cast<float>(acc), bounds);
  }
};

struct QuantizedArithmetic {
  // Unsigned, since the sum is defined modulo 2^32.
  using Accumulator = uint32_t;
  const int32_t *bias;
  const AccumulatorParams &params;

  void accumulate(uint32_t &acc, int8_t x, int8_t w) const {
    acc += static_cast<uint32_t>((x - params.inputZeroPoint) * w);
  }
  int8_t finish(uint32_t acc, int64_t channel) const {
    if (bias)
      acc += static_cast<uint32_t>(bias[channel]);
    const float multiplier =
        params.multipliers[params.numMultipliers == 1 ? 0 : channel];
    return npir_kernels::requantize(static_cast<int32_t>(acc), multiplier,
                                    params.outputZeroPoint, params.bounds.min,
                                    params.bounds.max);
  }
};

template <typename T, typename Arithmetic>
void convolve(TensorRef<const T> input, TensorRef<const T> filter,
              const Window2D &window, int64_t groups,
              const Arithmetic &arithmetic, TensorRef<T> output) {
  const int64_t height = input.dim(1), width = input.dim(2);
  const int64_t inputChannels = input.dim(3);
  const int64_t outputChannels = filter.dim(0), kernelHeight = filter.dim(1),
                kernelWidth = filter.dim(2), groupInputs = filter.dim(3);
  checkWindowedShape(input, window, kernelHeight, kernelWidth, output);
  assert(groupInputs * groups == inputChannels && "input channels differ");
  assert(outputChannels % groups == 0 && "groups do not divide the outputs");
  assert(output.dim(3) == outputChannels && "output channels differ");
  (void)inputChannels;
  const int64_t groupOutputs = outputChannels / groups;

  T *out = output.data;
  for (int64_t n = 0; n < output.dim(0); ++n)
    for (int64_t oh = 0; oh < output.dim(1); ++oh)
      for (int64_t ow = 0; ow < output.dim(2); ++ow)
        for (int64_t oc = 0; oc < outputChannels; ++oc) {
          typename Arithmetic::Accumulator acc = 0;
          const int64_t firstInput = oc / groupOutputs * groupInputs;
          forEachTap(
              window, height, width, kernelHeight, kernelWidth, oh, ow,
              [&](int64_t h, int64_t w, int64_t kh, int64_t kw) {
                const T *x = input.data +
                             ((n * height + h) * width + w) * inputChannels +
                             firstInput;
                const T *f =
                    filter.data +
                    ((oc * kernelHeight + kh) * kernelWidth + kw) * groupInputs;
                for (int64_t ic = 0; ic < groupInputs; ++ic)
                  arithmetic.accumulate(acc, x[ic], f[ic]);
              });
          *out++ = arithmetic.finish(acc, oc);
        }
}

template <typename T, typename Arithmetic>
void convolveDepthwise(TensorRef<const T> input, TensorRef<const T> filter,
                       const Window2D &window, const Arithmetic &arithmetic,
                       TensorRef<T> output) {
  const int64_t height = input.dim(1), width = input.dim(2);
  const int64_t channels = input.dim(3);
  const int64_t kernelHeight = filter.dim(1), kernelWidth = filter.dim(2),
                outputChannels = filter.dim(3);
  checkWindowedShape(input, window, kernelHeight, kernelWidth, output);
  assert(filter.dim(0) == 1 && "expects a filter [1,KH,KW,C*M]");
  assert(outputChannels % channels == 0 && "channels do not divide outputs");
  assert(output.dim(3) == outputChannels && "output channels differ");
  const int64_t multiplier = outputChannels / channels;

  T *out = output.data;
  for (int64_t n = 0; n < output.dim(0); ++n)
    for (int64_t oh = 0; oh < output.dim(1); ++oh)
      for (int64_t ow = 0; ow < output.dim(2); ++ow)
        for (int64_t oc = 0; oc < outputChannels; ++oc) {
          typename Arithmetic::Accumulator acc = 0;
          forEachTap(window, height, width, kernelHeight, kernelWidth, oh, ow,
                     [&](int64_t h, int64_t w, int64_t kh, int64_t kw) {
                       const int64_t pixel = (n * height + h) * width + w;
                       const int64_t tap = kh * kernelWidth + kw;
                       arithmetic.accumulate(
                           acc, input.data[pixel * channels + oc / multiplier],
                           filter.data[tap * outputChannels + oc]);
                     });
          *out++ = arithmetic.finish(acc, oc);
        }
}

/// The input index whose tap `tap` falls on output index `index`; -1 for none.
int64_t findSource(int64_t index, int64_t tap, int64_t pad, int64_t stride,
                   int64_t dilation, int64_t size) {
  const int64_t distance = index + pad - tap * dilation;
  if (distance < 0 || distance % stride != 0 || distance / stride >= size)
    return -1;
  return distance / stride;
}

template <typename T, typename Arithmetic>
void convolveTransposed(TensorRef<const T> input, TensorRef<const T> filter,
                        const Window2D &window, int64_t groups,
                        const Arithmetic &arithmetic, TensorRef<T> output) {
  const int64_t height = input.dim(1), width = input.dim(2);
  const int64_t inputChannels = input.dim(3);
  const int64_t outputChannels = filter.dim(0), kernelHeight = filter.dim(1),
                kernelWidth = filter.dim(2), groupInputs = filter.dim(3);
  assert(input.dim(0) == output.dim(0) && "batch sizes differ");
  assert(groupInputs * groups == inputChannels && "input channels differ");
  assert(outputChannels % groups == 0 && "groups do not divide the outputs");
  assert(output.dim(3) == outputChannels && "output channels differ");
  const int64_t groupOutputs = outputChannels / groups;

  T *out = output.data;
  for (int64_t n = 0; n < output.dim(0); ++n)
    for (int64_t oh = 0; oh < output.dim(1); ++oh)
      for (int64_t ow = 0; ow < output.dim(2); ++ow)
        for (int64_t oc = 0; oc < outputChannels; ++oc) {
          typename Arithmetic::Accumulator acc = 0;
          const int64_t firstInput = oc / groupOutputs * groupInputs;
          for (int64_t kh = 0; kh < kernelHeight; ++kh)
            for (int64_t kw = 0; kw < kernelWidth; ++kw) {
              const int64_t h =
                  findSource(oh, kh, window.pads[0], window.strides[0],
                             window.dilations[0], height);
              const int64_t w =
                  findSource(ow, kw, window.pads[2], window.strides[1],
                             window.dilations[1], width);
              if (h < 0 || w < 0)
                continue;
              const T *x = input.data +
                           ((n * height + h) * width + w) * inputChannels +
                           firstInput;
              const T *f =
                  filter.data +
                  ((oc * kernelHeight + kh) * kernelWidth + kw) * groupInputs;
              for (int64_t ic = 0; ic < groupInputs; ++ic)
                arithmetic.accumulate(acc, x[ic], f[ic]);
            }
          *out++ = arithmetic.finish(acc, oc);
        }
}

template <typename T, typename Arithmetic>
void multiplyRows(TensorRef<const T> input, TensorRef<const T> weight,
                  const Arithmetic &arithmetic, TensorRef<T> output) {
  assert(input.rank >= 1 && weight.rank == 2 && "expects a matrix of weights");
  const int64_t outputs = weight.dim(0), inputs = weight.dim(1);
  assert(input.dim(input.rank - 1) == inputs && "input features differ");
  assert(output.dim(output.rank - 1) == outputs && "output features differ");
  int64_t rows = 1;
  for (int i = 0; i + 1 < input.rank; ++i)
    rows *= input.dim(i);
  assert(output.numElements() == rows * outputs && "row counts differ");

  T *out = output.data;
  for (int64_t row = 0; row < rows; ++row)
    for (int64_t oc = 0; oc < outputs; ++oc) {
      typename Arithmetic::Accumulator acc = 0;
      for (int64_t ic = 0; ic < inputs; ++ic)
        arithmetic.accumulate(acc, input.data[row * inputs + ic],
                              weight.data[oc * inputs + ic]);
      *out++ = arithmetic.finish(acc, oc);
    }
}

} // namespace

void reference::conv2d(TensorRef<const float> input,
                       TensorRef<const float> filter, const float *bias,
                       const Window2D &window, int64_t groups,
                       FloatBounds bounds, TensorRef<float> output) {
  convolve(input, filter, window, groups, FloatArithmetic{bias, bounds},
           output);
}

void reference::conv2d(TensorRef<const int8_t> input,
                       TensorRef<const int8_t> filter, const int32_t *bias,
                       const Window2D &window, int64_t groups,
                       const AccumulatorParams &params,
                       TensorRef<int8_t> output) {
  convolve(input, filter, window, groups, QuantizedArithmetic{bias, params},
           output);
}

void reference::depthwiseConv2d(TensorRef<const float> input,
                                TensorRef<const float> filter,
                                const float *bias, const Window2D &window,
                                FloatBounds bounds, TensorRef<float> output) {
  convolveDepthwise(input, filter, window, FloatArithmetic{bias, bounds},
                    output);
}

void reference::depthwiseConv2d(TensorRef<const int8_t> input,
                                TensorRef<const int8_t> filter,
                                const int32_t *bias, const Window2D &window,
                                const AccumulatorParams &params,
                                TensorRef<int8_t> output) {
  convolveDepthwise(input, filter, window, QuantizedArithmetic{bias, params},
                    output);
}

void reference::transposeConv2d(TensorRef<const float> input,
                                TensorRef<const float> filter,
                                const float *bias, const Window2D &window,
                                int64_t groups, FloatBounds bounds,
                                TensorRef<float> output) {
  convolveTransposed(input, filter, window, groups,
                     FloatArithmetic{bias, bounds}, output);
}

void reference::transposeConv2d(TensorRef<const int8_t> input,
                                TensorRef<const int8_t> filter,
                                const int32_t *bias, const Window2D &window,
                                int64_t groups, const AccumulatorParams &params,
                                TensorRef<int8_t> output) {
  convolveTransposed(input, filter, window, groups,
                     QuantizedArithmetic{bias, params}, output);
}

void reference::linear(TensorRef<const float> input,
                       TensorRef<const float> weight, const float *bias,
                       FloatBounds bounds, TensorRef<float> output) {
  multiplyRows(input, weight, FloatArithmetic{bias, bounds}, output);
}

void reference::linear(TensorRef<const int8_t> input,
                       TensorRef<const int8_t> weight, const int32_t *bias,
                       const AccumulatorParams &params,
                       TensorRef<int8_t> output) {
  multiplyRows(input, weight, QuantizedArithmetic{bias, params}, output);
}
