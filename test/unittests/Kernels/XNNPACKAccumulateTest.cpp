// This file tests the quantized convolutions and the linear layer against
// XNNPACK, to the bit.
#include "XNNPACKHarness.h"
#include "npir/Kernels/Reference/Convolution.h"

using namespace npir_kernels;
using namespace npir_kernels::test;
using reference::AccumulatorParams;
using reference::Window2D;
using reference::windowedSize;

namespace {

/// The types and numbers of a random multiply-accumulate.
struct Accumulate {
  Affine input, output;
  std::vector<float> weightScales, biasScales, multipliers;
  Tensor<int32_t> bias;
  bool hasBias;
  Activation activation;

  /// `numProducts` are added up in each of `channels` results.
  Accumulate(Random &random, int64_t channels, int64_t numProducts)
      : bias({channels}), hasBias(random.integer(0, 3) != 0) {
    input = random.affine(1e-3f, 1.0f);
    // Products spread by about 74 * 74; aim at half of the 8-bit range.
    const float spread = 74.0f * 74.0f * std::sqrt(float(numProducts));
    const float weightScale = random.scale(1e-4f, 1e-1f);
    output.scale = random.round(input.scale * weightScale * spread / 50.0f);
    output.zeroPoint = random.zeroPoint();
    const bool perTensor = random.integer(0, 3) == 0;
    for (int64_t c = 0; c < channels; ++c) {
      weightScales.push_back(
          perTensor ? weightScale
                    : random.round(weightScale * random.real(0.2f, 2.0f)));
      biasScales.push_back(input.scale * weightScales[c]);
      multipliers.push_back(
          requantMultiplier(input.scale, weightScales[c], output.scale));
      EXPECT_TRUE(isLegalRequantMultiplier(multipliers.back()));
    }
    if (perTensor)
      multipliers.resize(1);
    random.fill(bias, static_cast<int32_t>(spread));
    activation = Activation::draw(random, output);
  }

  AccumulatorParams params() const {
    return {multipliers.data(),
            int64_t(multipliers.size()),
            input.zeroPoint,
            output.zeroPoint,
            {activation.qmin, activation.qmax}};
  }
  const int32_t *biasData() const {
    return hasBias ? bias.data.data() : nullptr;
  }
  uint32_t addBias(Subgraph &graph) const {
    return hasBias ? graph.addChannelwise(bias, biasScales, 0)
                   : XNN_INVALID_VALUE_ID;
  }
};

struct Geometry {
  int64_t batch, height, width, kernelHeight, kernelWidth;
  Window2D window;
  int64_t outputHeight, outputWidth;

  explicit Geometry(Random &random) {
    do {
      batch = random.integer(1, 2);
      height = random.integer(1, 9);
      width = random.integer(1, 9);
      kernelHeight = random.integer(1, 4);
      kernelWidth = random.integer(1, 4);
      for (int64_t &stride : window.strides)
        stride = random.integer(1, 3);
      for (int64_t &dilation : window.dilations)
        dilation = random.integer(1, 2);
      for (int64_t &pad : window.pads)
        pad = random.integer(0, 3);
      outputHeight =
          windowedSize(height, kernelHeight, window.strides[0],
                       window.dilations[0], window.pads[0], window.pads[1]);
      outputWidth =
          windowedSize(width, kernelWidth, window.strides[1],
                       window.dilations[1], window.pads[2], window.pads[3]);
    } while (height + window.pads[0] + window.pads[1] <=
                 window.dilations[0] * (kernelHeight - 1) ||
             width + window.pads[2] + window.pads[3] <=
                 window.dilations[1] * (kernelWidth - 1));
  }
};

} // namespace

TEST(XNNPACKAccumulate, Conv2D) {
  ExactComparison comparison;
  for (int i = 0; i < 2 * kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const Geometry g(random);
    const int64_t groups = random.coin() ? 1 : random.integer(2, 4);
    const int64_t groupInputs = random.integer(1, 20);
    const int64_t groupOutputs = random.integer(1, 20);
    const int64_t inputs = groups * groupInputs;
    const int64_t outputs = groups * groupOutputs;
    const Accumulate acc(random, outputs,
                         g.kernelHeight * g.kernelWidth * groupInputs);
    Tensor<int8_t> input({g.batch, g.height, g.width, inputs});
    Tensor<int8_t> filter(
        {outputs, g.kernelHeight, g.kernelWidth, groupInputs});
    Tensor<int8_t> expected({g.batch, g.outputHeight, g.outputWidth, outputs});
    Tensor<int8_t> actual(expected.shape);
    random.fill(input);
    random.fill(filter);

    Subgraph graph;
    const Window2D &w = g.window;
    const uint32_t inputId = graph.addInput(input, acc.input);
    const uint32_t outputId = graph.addOutput(expected, acc.output);
    const uint32_t filterId = graph.addChannelwise(filter, acc.weightScales, 0);
    const uint32_t biasId = acc.addBias(graph);
    NPIR_CHECK_XNN(xnn_define_convolution_2d(
        graph.get(), w.pads[0], w.pads[3], w.pads[1], w.pads[2], g.kernelHeight,
        g.kernelWidth, w.strides[0], w.strides[1], w.dilations[0],
        w.dilations[1], groups, groupInputs, groupOutputs, acc.activation.min,
        acc.activation.max, inputId, filterId, biasId, outputId, 0));
    graph.run();

    reference::conv2d(input.cref(), filter.cref(), acc.biasData(), w, groups,
                      acc.params(), actual.ref());
    comparison.compare(expected, actual, acc.activation.qmin,
                       acc.activation.qmax);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKAccumulate, DepthwiseConv2D) {
  ExactComparison comparison;
  for (int i = 0; i < 2 * kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const Geometry g(random);
    const int64_t channels = random.integer(1, 40);
    const int64_t multiplier = random.coin() ? 1 : 2;
    const int64_t outputs = channels * multiplier;
    const Accumulate acc(random, outputs, g.kernelHeight * g.kernelWidth);
    Tensor<int8_t> input({g.batch, g.height, g.width, channels});
    Tensor<int8_t> filter({1, g.kernelHeight, g.kernelWidth, outputs});
    Tensor<int8_t> expected({g.batch, g.outputHeight, g.outputWidth, outputs});
    Tensor<int8_t> actual(expected.shape);
    random.fill(input);
    random.fill(filter);

    Subgraph graph;
    const Window2D &w = g.window;
    const uint32_t inputId = graph.addInput(input, acc.input);
    const uint32_t outputId = graph.addOutput(expected, acc.output);
    const uint32_t filterId = graph.addChannelwise(filter, acc.weightScales, 3);
    const uint32_t biasId = acc.addBias(graph);
    NPIR_CHECK_XNN(xnn_define_depthwise_convolution_2d(
        graph.get(), w.pads[0], w.pads[3], w.pads[1], w.pads[2], g.kernelHeight,
        g.kernelWidth, w.strides[0], w.strides[1], w.dilations[0],
        w.dilations[1], multiplier, channels, acc.activation.min,
        acc.activation.max, inputId, filterId, biasId, outputId, 0));
    graph.run();

    reference::depthwiseConv2d(input.cref(), filter.cref(), acc.biasData(), w,
                               acc.params(), actual.ref());
    comparison.compare(expected, actual, acc.activation.qmin,
                       acc.activation.qmax);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKAccumulate, Linear) {
  ExactComparison comparison;
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const int64_t inputs = random.integer(1, 300);
    const int64_t outputs = random.integer(1, 70);
    const Accumulate acc(random, outputs, inputs);
    Shape inputShape = {random.integer(1, 9), inputs};
    Shape outputShape = {inputShape[0], outputs};
    if (random.coin()) {
      inputShape.insert(inputShape.begin(), 2);
      outputShape.insert(outputShape.begin(), 2);
    }
    Tensor<int8_t> input(inputShape), weight({outputs, inputs});
    Tensor<int8_t> expected(outputShape), actual(outputShape);
    random.fill(input);
    random.fill(weight);

    Subgraph graph;
    const uint32_t inputId = graph.addInput(input, acc.input);
    const uint32_t outputId = graph.addOutput(expected, acc.output);
    const uint32_t weightId = graph.addChannelwise(weight, acc.weightScales, 0);
    const uint32_t biasId = acc.addBias(graph);
    NPIR_CHECK_XNN(xnn_define_fully_connected(graph.get(), acc.activation.min,
                                              acc.activation.max, inputId,
                                              weightId, biasId, outputId, 0));
    graph.run();

    reference::linear(input.cref(), weight.cref(), acc.biasData(), acc.params(),
                      actual.ref());
    comparison.compare(expected, actual, acc.activation.qmin,
                       acc.activation.qmax);
    if (HasFatalFailure())
      return;
  }
}
