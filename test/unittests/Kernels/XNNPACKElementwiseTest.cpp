// This file tests the quantized elementwise kernels against XNNPACK, to the
// bit.
#include "XNNPACKHarness.h"
#include "npir/Kernels/Reference/Elementwise.h"

using namespace npir_kernels;
using namespace npir_kernels::test;

namespace {

/// Two shapes that broadcast to `result`, by ranks up to 6.
struct BroadcastShapes {
  Shape lhs, rhs, result;

  explicit BroadcastShapes(Random &random) {
    const int64_t rank = random.integer(1, kMaxRank);
    for (int64_t i = 0; i < rank; ++i)
      result.push_back(random.integer(1, rank <= 2 ? 40 : 5));
    lhs = rhs = result;
    for (int64_t i = 0; i < rank; ++i)
      if (random.integer(0, 3) == 0)
        (random.coin() ? lhs : rhs)[i] = 1;
    Shape &shorter = random.coin() ? lhs : rhs;
    const int64_t numDropped = random.coin() ? 0 : random.integer(0, rank - 1);
    shorter.erase(shorter.begin(), shorter.begin() + numDropped);
    // Where both have size 1, so has the result.
    for (int64_t i = 0; i < rank; ++i)
      result[rank - 1 - i] =
          std::max(sizeFromBack(lhs, i), sizeFromBack(rhs, i));
  }

private:
  static int64_t sizeFromBack(const Shape &shape, int64_t i) {
    const int64_t rank = shape.size();
    return i < rank ? shape[rank - 1 - i] : 1;
  }
};

/// All 256 values, and some more so that the length is no multiple of a vector.
Tensor<int8_t> makeAllValues() {
  Tensor<int8_t> tensor({283});
  for (int64_t i = 0; i < tensor.size(); ++i)
    tensor.data[i] = static_cast<int8_t>(i % 256);
  return tensor;
}

/// Runs an 8-bit unary operation of XNNPACK.
Tensor<int8_t> runUnary(xnn_unary_operator op, const xnn_unary_params *params,
                        const Tensor<int8_t> &input, Affine in, Affine out) {
  Tensor<int8_t> output(input.shape);
  Subgraph graph;
  const uint32_t inputId = graph.addInput(input, in);
  const uint32_t outputId = graph.addOutput(output, out);
  NPIR_CHECK_XNN(
      xnn_define_unary(graph.get(), op, params, inputId, outputId, 0));
  graph.run();
  return output;
}

/// Compares tables of `function` with XNNPACK's for random types.
void testTable(xnn_unary_operator op, UnaryFunction function, float outputLo,
               float outputHi) {
  ExactComparison comparison;
  const Tensor<int8_t> input = makeAllValues();
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const Affine in = random.affine(0.01f, 0.2f);
    const Affine out = random.affine(outputLo, outputHi);
    xnn_unary_params params;
    params.clamp = {function.a, function.b};
    const Tensor<int8_t> expected =
        runUnary(op, op == xnn_unary_clamp ? &params : nullptr, input, in, out);
    const Table table =
        buildTable(function, in.scale, in.zeroPoint, out.scale, out.zeroPoint);
    Tensor<int8_t> actual(input.shape);
    reference::tableLookup(input.cref(), table.data(), {}, actual.ref());
    // Every entry is compared, wherever it lies.
    comparison.compare(expected, actual, -1000, 1000);
    if (testing::Test::HasFatalFailure())
      return;
  }
}

} // namespace

TEST(XNNPACKElementwise, Add) {
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
    const float lhsRatio = a.scale / out.scale, rhsRatio = b.scale / out.scale;
    if (!isLegalAddRatio(lhsRatio) || !isLegalAddRatio(rhsRatio))
      continue;
    const Activation activation = Activation::draw(random, out);

    Subgraph graph;
    const uint32_t lhsId = graph.addInput(lhs, a);
    const uint32_t rhsId = graph.addInput(rhs, b);
    const uint32_t outputId = graph.addOutput(expected, out);
    const xnn_binary_params bounds = {activation.min, activation.max};
    NPIR_CHECK_XNN(xnn_define_binary(graph.get(), xnn_binary_add, &bounds,
                                     lhsId, rhsId, outputId, 0));
    graph.run();

    reference::AddParams params;
    params.arithmetic = computeShiftAdd(lhsRatio, rhsRatio);
    params.lhsZeroPoint = a.zeroPoint;
    params.rhsZeroPoint = b.zeroPoint;
    params.outputZeroPoint = out.zeroPoint;
    params.bounds = {activation.qmin, activation.qmax};
    reference::add(lhs.cref(), rhs.cref(), params, actual.ref());
    comparison.compare(expected, actual, activation.qmin, activation.qmax);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKElementwise, SubtractionIsAdditionWithANegativeRatio) {
  ExactComparison comparison;
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    Tensor<int8_t> lhs({100}), rhs({100}), expected({100}), actual({100});
    random.fill(lhs);
    random.fill(rhs);
    const Affine a = random.affine(1e-2f, 1.0f);
    const Affine b = {random.round(a.scale * random.real(0.2f, 5.0f)),
                      random.zeroPoint()};
    const Affine out = {random.round(std::max(a.scale, b.scale) * 1.5f),
                        random.zeroPoint()};
    Subgraph graph;
    const uint32_t lhsId = graph.addInput(lhs, a);
    const uint32_t rhsId = graph.addInput(rhs, b);
    const uint32_t outputId = graph.addOutput(expected, out);
    NPIR_CHECK_XNN(xnn_define_binary(graph.get(), xnn_binary_subtract, nullptr,
                                     lhsId, rhsId, outputId, 0));
    graph.run();

    reference::AddParams params;
    params.arithmetic =
        computeShiftAdd(a.scale / out.scale, -b.scale / out.scale);
    params.lhsZeroPoint = a.zeroPoint;
    params.rhsZeroPoint = b.zeroPoint;
    params.outputZeroPoint = out.zeroPoint;
    reference::add(lhs.cref(), rhs.cref(), params, actual.ref());
    comparison.compare(expected, actual, kInt8Min, kInt8Max);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKElementwise, Quantize) {
  ExactComparison comparison;
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const Affine out = random.affine(1e-4f, 10.0f);
    Tensor<float> input({259});
    random.fill(input, out.scale * 60.0f);
    for (int64_t k = 0; k < input.size(); ++k)
      if (random.coin()) // a tie, if the scale is a power of two
        input.data[k] =
            std::rint(input.data[k] / out.scale * 2) / 2 * out.scale;
    input.data[0] = INFINITY;
    input.data[1] = -INFINITY;
    input.data[2] = 1e-42f;
    input.data[3] = -0.0f;
    input.data[4] = 3e38f;
    input.data[5] = -3e38f;
    Tensor<int8_t> expected(input.shape), actual(input.shape);

    Subgraph graph;
    const uint32_t inputId = graph.addInput(input);
    const uint32_t outputId = graph.addOutput(expected, out);
    NPIR_CHECK_XNN(xnn_define_unary(graph.get(), xnn_unary_convert, nullptr,
                                    inputId, outputId, 0));
    graph.run();

    reference::quantize(input.cref(), {&out.scale, &out.zeroPoint, 1, 0}, {},
                        actual.ref());
    comparison.compare(expected, actual, kInt8Min, kInt8Max);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKElementwise, Dequantize) {
  const Tensor<int8_t> input = makeAllValues();
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const Affine in = random.affine(1e-30f, 1e30f);
    Tensor<float> expected(input.shape), actual(input.shape);
    Subgraph graph;
    const uint32_t inputId = graph.addInput(input, in);
    const uint32_t outputId = graph.addOutput(expected);
    NPIR_CHECK_XNN(xnn_define_unary(graph.get(), xnn_unary_convert, nullptr,
                                    inputId, outputId, 0));
    graph.run();
    reference::dequantize(input.cref(), {&in.scale, &in.zeroPoint, 1, 0},
                          actual.ref());
    for (int64_t k = 0; k < input.size(); ++k) {
      uint32_t expectedBits, actualBits;
      std::memcpy(&expectedBits, &expected.data[k], 4);
      std::memcpy(&actualBits, &actual.data[k], 4);
      ASSERT_EQ(expectedBits, actualBits) << "element " << k;
    }
  }
}

TEST(XNNPACKElementwise, Requantize) {
  ExactComparison comparison;
  const Tensor<int8_t> input = makeAllValues();
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const Affine in = random.affine(1e-3f, 1.0f);
    const float ratio = i < 8
                            ? (i % 4 < 2 ? kMinConvertRatio : kMaxConvertRatio)
                        : i % 8 < 2 ? random.scale(1.0f / 250.0f, 120.0f)
                                    : random.scale(0.1f, 1.5f);
    const Affine out = {in.scale / ratio, random.zeroPoint()};
    if (!isLegalConvertRatio(in.scale / out.scale))
      continue;
    const Tensor<int8_t> expected =
        runUnary(xnn_unary_convert, nullptr, input, in, out);
    Tensor<int8_t> actual(input.shape);
    reference::requantize(
        input.cref(),
        {q8Multiplier(in.scale, out.scale), in.zeroPoint, out.zeroPoint, {}},
        actual.ref());
    comparison.compare(expected, actual, kInt8Min, kInt8Max);
    if (HasFatalFailure())
      return;
  }
}

TEST(XNNPACKElementwise, ClampBetweenEqualTypes) {
  const Tensor<int8_t> input = makeAllValues();
  for (int i = 0; i < kNumCases; ++i) {
    SCOPED_TRACE(i);
    Random random(i);
    const Affine type = random.affine(1e-3f, 1.0f);
    xnn_unary_params params;
    // On odd cases the bounds are halfway between two stored values.
    params.clamp.min = (random.integer(-300, 100) + 0.5f) * type.scale;
    params.clamp.max = params.clamp.min + random.integer(1, 400) * type.scale;
    if (i % 5 == 0)
      params.clamp.max = INFINITY;
    if (i % 7 == 0)
      params.clamp.min = -INFINITY;
    const Tensor<int8_t> expected =
        runUnary(xnn_unary_clamp, &params, input, type, type);
    Tensor<int8_t> actual(input.shape);
    reference::clamp(
        input.cref(),
        {quantizedBound(params.clamp.min, type.scale, type.zeroPoint),
         quantizedBound(params.clamp.max, type.scale, type.zeroPoint)},
        actual.ref());
    for (int64_t k = 0; k < input.size(); ++k)
      ASSERT_EQ(int(expected.data[k]), int(actual.data[k])) << "element " << k;
  }
}

TEST(XNNPACKElementwise, SigmoidTable) {
  testTable(xnn_unary_sigmoid, {UnaryKind::Sigmoid}, 1.0f / 512, 1.0f / 64);
}

TEST(XNNPACKElementwise, TanhTable) {
  testTable(xnn_unary_tanh, {UnaryKind::Tanh}, 1.0f / 256, 1.0f / 32);
}

TEST(XNNPACKElementwise, TablesOfUnboundedFunctions) {
  testTable(xnn_unary_abs, {UnaryKind::Abs}, 0.01f, 0.2f);
  testTable(xnn_unary_hardswish, {UnaryKind::HardSwish}, 0.01f, 0.2f);
  testTable(xnn_unary_gelu, {UnaryKind::Gelu}, 0.001f, 0.2f);
  testTable(xnn_unary_square, {UnaryKind::Square}, 0.01f, 2.0f);
  // Half of the inputs have no root: what is no number.
  testTable(xnn_unary_square_root, {UnaryKind::Sqrt}, 0.001f, 0.05f);
}

TEST(XNNPACKElementwise, ClampTable) {
  // relu6 between different types: XNNPACK takes a table.
  testTable(xnn_unary_clamp, {UnaryKind::Clamp, 0.0f, 6.0f}, 6.0f / 512,
            6.0f / 64);
}

TEST(XNNPACKElementwise, ReluTable) {
  testTable(xnn_unary_clamp, {UnaryKind::Clamp, 0.0f, INFINITY}, 0.01f, 0.2f);
}
