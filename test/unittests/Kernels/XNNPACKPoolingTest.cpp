// This file tests the quantized maximum pool and the quantized reductions
// against XNNPACK, to the bit.
#include "XNNPACKHarness.h"
#include "npir/Kernels/PoolLegality.h"
#include "npir/Kernels/Reference/Pooling.h"

using namespace npir_kernels;
using namespace npir_kernels::test;
using reference::Window2D;
using reference::windowedSize;

TEST(XNNPACKPooling, MaxPool2D) {
  ExactComparison comparison;
  int numDilated = 0, numPadded = 0;
  for (int i = 0, seed = 0; i < kNumCases; ++seed) {
    SCOPED_TRACE(seed);
    Random random(seed);
    const int64_t height = random.integer(1, 9), width = random.integer(1, 9);
    const std::array<int64_t, 2> kernel = {random.integer(1, 4),
                                           random.integer(1, 4)};
    Window2D w;
    const bool dilate = random.integer(0, 2) == 0;
    for (int axis = 0; axis < 2; ++axis) {
      w.strides[axis] = random.integer(1, 4);
      w.dilations[axis] = dilate ? random.integer(1, 3) : 1;
      w.pads[2 * axis] = random.integer(0, 3);
      w.pads[2 * axis + 1] = random.integer(0, 3);
    }
    if (height + w.pads[0] + w.pads[1] <= w.dilations[0] * (kernel[0] - 1) ||
        width + w.pads[2] + w.pads[3] <= w.dilations[1] * (kernel[1] - 1) ||
        findMaxPoolProblem({height, width}, kernel, w.strides, w.pads,
                           w.dilations))
      continue;
    ++i;
    numDilated += w.dilations[0] + w.dilations[1] > 2;
    numPadded += w.pads[0] + w.pads[1] + w.pads[2] + w.pads[3] > 0;
    const int64_t channels = random.integer(1, 40);
    Tensor<int8_t> input({2, height, width, channels});
    Tensor<int8_t> expected({2,
                             windowedSize(height, kernel[0], w.strides[0],
                                          w.dilations[0], w.pads[0], w.pads[1]),
                             windowedSize(width, kernel[1], w.strides[1],
                                          w.dilations[1], w.pads[2], w.pads[3]),
                             channels});
    Tensor<int8_t> actual(expected.shape);
    random.fill(input);
    const Affine type = random.affine(1e-3f, 1.0f);
    const Activation activation = Activation::draw(random, type);

    Subgraph graph;
    const uint32_t inputId = graph.addInput(input, type);
    const uint32_t outputId = graph.addOutput(expected, type);
    NPIR_CHECK_XNN(xnn_define_max_pooling_2d(
        graph.get(), w.pads[0], w.pads[3], w.pads[1], w.pads[2], kernel[0],
        kernel[1], w.strides[0], w.strides[1], w.dilations[0], w.dilations[1],
        activation.min, activation.max, inputId, outputId, 0));
    graph.run();

    reference::maxPool2d(input.cref(), kernel, w,
                         {activation.qmin, activation.qmax}, actual.ref());
    comparison.compare(expected, actual, activation.qmin, activation.qmax);
    if (HasFatalFailure())
      return;
  }
  EXPECT_GT(numDilated, 20);
  EXPECT_GT(numPadded, 100);
}

static void testReduce(bool isMean) {
  ExactComparison comparison;
  for (int i = 0; i < 2 * kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    Shape shape = {random.integer(1, 3), random.integer(1, 16),
                   random.integer(1, 16), random.integer(1, 40)};
    // Means over powers of two end in exact ties.
    if (i % 2 == 1)
      for (int axis = 1; axis < 4; ++axis)
        shape[axis] = int64_t(1) << random.integer(0, 4);
    std::vector<int64_t> axes = {1, 2};
    if (i % 3 == 0) {
      axes.clear();
      while (axes.empty())
        for (int64_t axis = 0; axis < 4; ++axis)
          if (random.coin())
            axes.push_back(axis);
    }
    const bool keepDims = random.coin();
    Shape outputShape;
    int64_t count = 1;
    for (int64_t axis = 0, next = 0; axis < 4; ++axis) {
      if (next < int64_t(axes.size()) && axes[next] == axis) {
        ++next;
        count *= shape[axis];
        if (keepDims)
          outputShape.push_back(1);
      } else {
        outputShape.push_back(shape[axis]);
      }
    }
    const Affine in = random.affine(1e-2f, 1.0f);
    // The spread of the sum of values with a mean away from the zero point.
    const float spread = isMean ? 1.0f : float(count);
    const Affine out = {
        random.round(in.scale * spread * random.real(0.3f, 2.0f)),
        random.zeroPoint()};
    Tensor<int8_t> input(shape), expected(outputShape), actual(outputShape);
    random.fill(input);
    // Random values cancel: move them so that means cover the whole range.
    const int64_t middle = random.integer(-100, 100);
    for (int8_t &q : input.data)
      q = static_cast<int8_t>(
          std::min<int64_t>(std::max<int64_t>(q / 2 + middle, -128), 127));

    Subgraph graph;
    const uint32_t inputId = graph.addInput(input, in);
    const uint32_t outputId = graph.addOutput(expected, out);
    NPIR_CHECK_XNN(xnn_define_static_reduce_v2(
        graph.get(), isMean ? xnn_reduce_mean : xnn_reduce_sum, axes.size(),
        axes.data(), inputId, outputId, keepDims ? XNN_FLAG_KEEP_DIMS : 0));
    graph.run();

    reference::ReduceParams params;
    params.multiplier = isMean ? meanMultiplier(in.scale, out.scale, count)
                               : sumMultiplier(in.scale, out.scale);
    params.inputZeroPoint = in.zeroPoint;
    params.outputZeroPoint = out.zeroPoint;
    reference::reduce(input.cref(), axes.data(), axes.size(), params,
                      actual.ref());
    comparison.compare(expected, actual, kInt8Min, kInt8Max);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

TEST(XNNPACKPooling, Mean) { testReduce(true); }

TEST(XNNPACKPooling, Sum) { testReduce(false); }

TEST(XNNPACKPooling, MeanOfEverySum) {
  // Ratios of small integers put many means on a tie or an ulp beside it, so
  // that the order in which the multiplier is computed shows.
  ExactComparison comparison;
  for (int64_t count = 2; count <= 40; ++count) {
    for (int ratio = 1; ratio <= 31; ratio += 2) {
      SCOPED_TRACE("mean of " + std::to_string(count) + " with ratio " +
                   std::to_string(ratio) + "/8");
      const Affine in = {ratio * 0.0625f, 0}, out = {0.5f, 0};
      // Channel c adds up to c - 256.
      Tensor<int8_t> input({1, count, 1, 512}), expected({1, 512});
      Tensor<int8_t> actual(expected.shape);
      for (int64_t i = 0; i < count; ++i)
        for (int64_t c = 0; c < 512; ++c)
          input.data[i * 512 + c] =
              static_cast<int8_t>((c - 256) / count + (i < (c - 256) % count) -
                                  (i < (256 - c) % count));
      const int64_t axes[] = {1, 2};
      Subgraph graph;
      const uint32_t inputId = graph.addInput(input, in);
      const uint32_t outputId = graph.addOutput(expected, out);
      NPIR_CHECK_XNN(xnn_define_static_reduce_v2(
          graph.get(), xnn_reduce_mean, 2, axes, inputId, outputId, 0));
      graph.run();
      reference::ReduceParams params;
      params.multiplier = meanMultiplier(in.scale, out.scale, count);
      reference::reduce(input.cref(), axes, 2, params, actual.ref());
      comparison.compare(expected, actual, kInt8Min, kInt8Max);
      if (HasFatalFailure())
        return;
    }
  }
}
