// This file tests the functions of two values against XNNPACK: the quantized
// ones to the bit, with every broadcast, and the float ones, too.
#include "XNNPACKHarness.h"
#include "npir/Kernels/Reference/Elementwise.h"

using namespace npir_kernels;
using namespace npir_kernels::test;

/// Subtraction is addition with a negative ratio.
static void testShiftAdd(bool isSubtraction) {
  ExactComparison comparison;
  for (int i = 0; i < 3 * kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const BroadcastShapes shapes(random);
    Tensor<int8_t> lhs(shapes.lhs), rhs(shapes.rhs);
    Tensor<int8_t> expected(shapes.result), actual(shapes.result);
    random.fill(lhs);
    random.fill(rhs);
    const Affine a = random.affine(1e-2f, 1.0f);
    const Affine b = {random.round(a.scale * random.scale(0.05f, 20.0f)),
                      random.zeroPoint()};
    // A tenth of the cases at the ends of the legal ratios.
    const float reach =
        i % 10 == 0 ? random.scale(0.005f, 200.0f) : random.real(0.7f, 2.5f);
    const Affine out = {random.round(std::max(a.scale, b.scale) * reach),
                        random.zeroPoint()};
    const float lhsRatio = a.scale / out.scale;
    const float rhsRatio = (isSubtraction ? -b.scale : b.scale) / out.scale;
    if (!isLegalAddRatio(lhsRatio) || !isLegalAddRatio(rhsRatio))
      continue;
    const Activation activation = Activation::draw(random, out);

    Subgraph graph;
    const uint32_t lhsId = graph.addInput(lhs, a);
    const uint32_t rhsId = graph.addInput(rhs, b);
    const uint32_t outputId = graph.addOutput(expected, out);
    const xnn_binary_params bounds = {activation.min, activation.max};
    NPIR_CHECK_XNN(xnn_define_binary(
        graph.get(), isSubtraction ? xnn_binary_subtract : xnn_binary_add,
        &bounds, lhsId, rhsId, outputId, 0));
    graph.run();

    reference::AddParams params;
    params.arithmetic = computeShiftAdd(lhsRatio, rhsRatio);
    params.lhsZeroPoint = a.zeroPoint;
    params.rhsZeroPoint = b.zeroPoint;
    params.outputZeroPoint = out.zeroPoint;
    params.bounds = {activation.qmin, activation.qmax};
    reference::add(lhs.cref(), rhs.cref(), params, actual.ref());
    comparison.compare(expected, actual, activation.qmin, activation.qmax);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

TEST(XNNPACKBinary, Add) { testShiftAdd(/*isSubtraction=*/false); }

TEST(XNNPACKBinary, Subtract) { testShiftAdd(/*isSubtraction=*/true); }

TEST(XNNPACKBinary, Multiply) {
  ExactComparison comparison;
  for (int i = 0; i < 3 * kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const BroadcastShapes shapes(random);
    Tensor<int8_t> lhs(shapes.lhs), rhs(shapes.rhs);
    Tensor<int8_t> expected(shapes.result), actual(shapes.result);
    random.fill(lhs);
    random.fill(rhs);
    const Affine a = random.affine(1e-3f, 10.0f);
    const Affine b = random.affine(1e-3f, 10.0f);
    // Products reach 2^14: most multipliers keep them in the byte, a tenth are
    // at the ends of the legal range.
    const float wanted = i % 20 == 0   ? kMinProductMultiplier
                         : i % 20 == 1 ? 0x1.FFFFFEp+7f
                         : i % 10 == 2 ? random.scale(0x1.0p-14f, 100.0f)
                                       : random.scale(0x1.0p-9f, 0x1.0p-6f);
    const Affine out = {random.round(a.scale * b.scale / wanted),
                        random.zeroPoint()};
    const float multiplier = requantMultiplier(a.scale, b.scale, out.scale);
    if (!isLegalProductMultiplier(multiplier))
      continue;
    const Activation activation = Activation::draw(random, out);

    Subgraph graph;
    const uint32_t lhsId = graph.addInput(lhs, a);
    const uint32_t rhsId = graph.addInput(rhs, b);
    const uint32_t outputId = graph.addOutput(expected, out);
    const xnn_binary_params bounds = {activation.min, activation.max};
    NPIR_CHECK_XNN(xnn_define_binary(graph.get(), xnn_binary_multiply, &bounds,
                                     lhsId, rhsId, outputId, 0));
    graph.run();

    reference::MultiplyParams params;
    params.multiplier = multiplier;
    params.lhsZeroPoint = a.zeroPoint;
    params.rhsZeroPoint = b.zeroPoint;
    params.outputZeroPoint = out.zeroPoint;
    params.bounds = {activation.qmin, activation.qmax};
    reference::multiply(lhs.cref(), rhs.cref(), params, actual.ref());
    comparison.compare(expected, actual, activation.qmin, activation.qmax);
    if (HasFatalFailure())
      return;
  }
}

/// One f32 operation has one result.
TEST(XNNPACKBinary, Float) {
  const struct {
    xnn_binary_operator op;
    BinaryKind kind;
  } cases[] = {{xnn_binary_add, BinaryKind::Add},
               {xnn_binary_subtract, BinaryKind::Subtract},
               {xnn_binary_multiply, BinaryKind::Multiply},
               {xnn_binary_divide, BinaryKind::Divide}};
  for (const auto &c : cases)
    for (int i = 0; i < 200; ++i) {
      SCOPED_TRACE(i);
      Random random(i);
      const BroadcastShapes shapes(random);
      Tensor<float> lhs(shapes.lhs), rhs(shapes.rhs);
      Tensor<float> expected(shapes.result), actual(shapes.result);
      random.fill(lhs);
      random.fill(rhs);
      const float min = i % 2 ? -0.5f : -INFINITY,
                  max = i % 2 ? 1.0f : INFINITY;
      Subgraph graph;
      const uint32_t lhsId = graph.addInput(lhs);
      const uint32_t rhsId = graph.addInput(rhs);
      const uint32_t outputId = graph.addOutput(expected);
      const xnn_binary_params bounds = {min, max};
      NPIR_CHECK_XNN(xnn_define_binary(graph.get(), c.op, &bounds, lhsId, rhsId,
                                       outputId, 0));
      graph.run();
      reference::binary(c.kind, lhs.cref(), rhs.cref(), {min, max},
                        actual.ref());
      for (int64_t k = 0; k < expected.size(); ++k)
        ASSERT_EQ(expected.data[k], actual.data[k]) << "element " << k;
    }
}
