// This file tests the float reference kernels against XNNPACK's f32 ones,
// which add up in another order and precision.
#include "XNNPACKHarness.h"
#include "npir/Kernels/Reference/Convolution.h"
#include "npir/Kernels/Reference/Elementwise.h"
#include "npir/Kernels/Reference/Pooling.h"

using namespace npir_kernels;
using namespace npir_kernels::test;
using reference::Window2D;
using reference::windowedSize;

static constexpr int kNumFloatCases = 60;
static constexpr double kTolerance = 1e-5;

/// The difference of each element, relative to the largest magnitude of the
/// tensor: a sum that cancels has no relative precision of its own.
static void expectClose(const Tensor<float> &expected,
                        const Tensor<float> &actual) {
  double largest = 0.0;
  for (int64_t i = 0; i < expected.size(); ++i)
    largest = std::max(largest, std::fabs(double(actual.data[i])));
  for (int64_t i = 0; i < expected.size(); ++i)
    ASSERT_NEAR(expected.data[i], actual.data[i], kTolerance * largest)
        << "element " << i << " of " << expected.size();
}

TEST(XNNPACKFloat, Conv2D) {
  for (int i = 0; i < kNumFloatCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const int64_t groups = random.integer(1, 3);
    const int64_t inputs = random.integer(1, 12),
                  outputs = random.integer(1, 9);
    Window2D w;
    w.strides = {random.integer(1, 2), random.integer(1, 2)};
    w.pads = {random.integer(0, 2), random.integer(0, 2), random.integer(0, 2),
              random.integer(0, 2)};
    w.dilations = {random.integer(1, 2), random.integer(1, 2)};
    Tensor<float> input({2, 7, 6, groups * inputs});
    Tensor<float> filter({groups * outputs, 3, 2, inputs});
    Tensor<float> bias({groups * outputs});
    Tensor<float> expected(
        {2,
         windowedSize(7, 3, w.strides[0], w.dilations[0], w.pads[0], w.pads[1]),
         windowedSize(6, 2, w.strides[1], w.dilations[1], w.pads[2], w.pads[3]),
         groups * outputs});
    Tensor<float> actual(expected.shape);
    random.fill(input);
    random.fill(filter);
    random.fill(bias);
    const float min = i % 2 ? 0.0f : -INFINITY, max = i % 2 ? 6.0f : INFINITY;
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    const uint32_t filterId = graph.addConstant(filter);
    const uint32_t biasId = graph.addConstant(bias);
    NPIR_CHECK_XNN(xnn_define_convolution_2d(
        graph.get(), w.pads[0], w.pads[3], w.pads[1], w.pads[2], 3, 2,
        w.strides[0], w.strides[1], w.dilations[0], w.dilations[1], groups,
        inputs, outputs, min, max, inputId, filterId, biasId, outputId, 0));
    graph.run();
    reference::conv2d(input.cref(), filter.cref(), bias.data.data(), w, groups,
                      {min, max}, actual.ref());
    expectClose(expected, actual);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKFloat, DepthwiseConv2D) {
  for (int i = 0; i < kNumFloatCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const int64_t channels = random.integer(1, 30);
    const int64_t multiplier = random.integer(1, 2);
    const Window2D w = {
        {random.integer(1, 2), random.integer(1, 2)}, {1, 0, 2, 1}, {1, 1}};
    Tensor<float> input({1, 8, 7, channels});
    Tensor<float> filter({1, 3, 3, channels * multiplier});
    Tensor<float> bias({channels * multiplier});
    Tensor<float> expected({1, windowedSize(8, 3, w.strides[0], 1, 1, 0),
                            windowedSize(7, 3, w.strides[1], 1, 2, 1),
                            channels * multiplier});
    Tensor<float> actual(expected.shape);
    random.fill(input);
    random.fill(filter);
    random.fill(bias);
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    const uint32_t filterId = graph.addConstant(filter);
    const uint32_t biasId = graph.addConstant(bias);
    NPIR_CHECK_XNN(xnn_define_depthwise_convolution_2d(
        graph.get(), 1, 1, 0, 2, 3, 3, w.strides[0], w.strides[1], 1, 1,
        multiplier, channels, -INFINITY, INFINITY, inputId, filterId, biasId,
        outputId, 0));
    graph.run();
    reference::depthwiseConv2d(input.cref(), filter.cref(), bias.data.data(), w,
                               {}, actual.ref());
    expectClose(expected, actual);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKFloat, Linear) {
  for (int i = 0; i < kNumFloatCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const int64_t inputs = random.integer(1, 400);
    Tensor<float> input({3, 2, inputs}), weight({17, inputs}), bias({17});
    Tensor<float> expected({3, 2, 17}), actual({3, 2, 17});
    random.fill(input);
    random.fill(weight);
    random.fill(bias);
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    const uint32_t weightId = graph.addConstant(weight);
    const uint32_t biasId = graph.addConstant(bias);
    NPIR_CHECK_XNN(xnn_define_fully_connected(
        graph.get(), -1.0f, INFINITY, inputId, weightId, biasId, outputId, 0));
    graph.run();
    reference::linear(input.cref(), weight.cref(), bias.data.data(),
                      {-1.0f, INFINITY}, actual.ref());
    expectClose(expected, actual);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKFloat, AddBroadcastsAndClamps) {
  for (int i = 0; i < kNumFloatCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    Tensor<float> lhs({2, 1, 5, 7}), rhs({3, 1, 7});
    Tensor<float> expected({2, 3, 5, 7}), actual({2, 3, 5, 7});
    random.fill(lhs);
    random.fill(rhs);
    Subgraph graph;
    const uint32_t lhsId = graph.addInput(lhs);
    const uint32_t rhsId = graph.addInput(rhs);
    const uint32_t outputId = graph.addOutput(expected);
    const xnn_binary_params bounds = {-0.5, 1.0};
    NPIR_CHECK_XNN(xnn_define_binary(graph.get(), xnn_binary_add, &bounds,
                                     lhsId, rhsId, outputId, 0));
    graph.run();
    reference::add(lhs.cref(), rhs.cref(), {-0.5f, 1.0f}, actual.ref());
    expectClose(expected, actual);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKFloat, MaxPool2D) {
  for (int i = 0; i < kNumFloatCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    Tensor<float> input({2, 7, 8, random.integer(1, 20)});
    Tensor<float> expected({2, 4, 4, input.shape[3]}), actual(expected.shape);
    random.fill(input);
    for (float &x : input.data)
      x -= 3.0f; // so that padding with zeros would win
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    NPIR_CHECK_XNN(xnn_define_max_pooling_2d(graph.get(), 1, 0, 1, 1, 3, 3, 2,
                                             2, 1, 1, -INFINITY, INFINITY,
                                             inputId, outputId, 0));
    graph.run();
    reference::maxPool2d(input.cref(), {3, 3}, {{2, 2}, {1, 1, 1, 0}, {1, 1}},
                         reference::FloatBounds(), actual.ref());
    for (int64_t k = 0; k < expected.size(); ++k)
      ASSERT_EQ(expected.data[k], actual.data[k]) << "element " << k;
  }
}

TEST(XNNPACKFloat, Reduce) {
  for (int i = 0; i < kNumFloatCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const bool isMean = i % 2 == 0;
    std::vector<int64_t> axes =
        i % 3 ? std::vector<int64_t>{1, 2} : std::vector<int64_t>{3};
    Tensor<float> input({2, 5, 6, 9});
    Tensor<float> expected(i % 3 ? Shape{2, 9} : Shape{2, 5, 6});
    Tensor<float> actual(expected.shape);
    random.fill(input);
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    NPIR_CHECK_XNN(xnn_define_static_reduce_v2(
        graph.get(), isMean ? xnn_reduce_mean : xnn_reduce_sum, axes.size(),
        axes.data(), inputId, outputId, 0));
    graph.run();
    reference::reduce(isMean ? reference::ReduceKind::Mean
                             : reference::ReduceKind::Sum,
                      input.cref(), axes.data(), axes.size(), actual.ref());
    expectClose(expected, actual);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKFloat, Unary) {
  const struct {
    xnn_unary_operator op;
    UnaryFunction function;
  } cases[] = {{xnn_unary_sigmoid, {UnaryKind::Sigmoid}},
               {xnn_unary_tanh, {UnaryKind::Tanh}},
               {xnn_unary_abs, {UnaryKind::Abs}},
               {xnn_unary_hardswish, {UnaryKind::HardSwish}},
               {xnn_unary_gelu, {UnaryKind::Gelu}},
               {xnn_unary_square, {UnaryKind::Square}},
               {xnn_unary_clamp, {UnaryKind::Clamp, -0.5f, 1.5f}}};
  for (const auto &c : cases) {
    SCOPED_TRACE(unaryName(c.function.kind));
    Tensor<float> input({4001}), expected({4001}), actual({4001});
    for (int i = 0; i < 4001; ++i)
      input.data[i] = (i - 2000) * 0.01f;
    xnn_unary_params params;
    params.clamp = {c.function.a, c.function.b};
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected);
    NPIR_CHECK_XNN(xnn_define_unary(graph.get(), c.op,
                                    c.op == xnn_unary_clamp ? &params : nullptr,
                                    inputId, outputId, 0));
    graph.run();
    reference::unary(c.function, input.cref(), actual.ref());
    expectClose(expected, actual);
  }
}
