// This file tests the functions of one real number by hand-computed values.
#include "npir/Kernels/Unary.h"
#include <cmath>
#include <gtest/gtest.h>

using namespace npir_kernels;

TEST(Unary, Clamp) {
  const UnaryFunction relu6 = {UnaryKind::Clamp, 0.0f, 6.0f};
  EXPECT_EQ(evaluateUnary(relu6, -1.0f), 0.0f);
  EXPECT_EQ(evaluateUnary(relu6, 2.5f), 2.5f);
  EXPECT_EQ(evaluateUnary(relu6, 7.0f), 6.0f);
  EXPECT_TRUE(std::isnan(evaluateUnary(relu6, NAN)));
  const UnaryFunction relu = {UnaryKind::Clamp, 0.0f, INFINITY};
  EXPECT_EQ(evaluateUnary(relu, 1e30f), 1e30f);
  EXPECT_EQ(evaluateUnary(relu, -1e30f), 0.0f);
}

TEST(Unary, Sigmoid) {
  const UnaryFunction sigmoid = {UnaryKind::Sigmoid};
  EXPECT_EQ(evaluateUnary(sigmoid, 0.0f), 0.5f);
  EXPECT_FLOAT_EQ(evaluateUnary(sigmoid, 1.0f), 0.73105858f);
  EXPECT_FLOAT_EQ(evaluateUnary(sigmoid, -1.0f), 0.26894142f);
  EXPECT_EQ(evaluateUnary(sigmoid, 100.5f), 1.0f);
  EXPECT_EQ(evaluateUnary(sigmoid, -100.5f), 0.0f);
  // Just inside of the shortcut the value is tiny, not zero.
  EXPECT_GT(evaluateUnary(sigmoid, -87.0f), 0.0f);
}

TEST(Unary, Tanh) {
  const UnaryFunction tanh = {UnaryKind::Tanh};
  EXPECT_EQ(evaluateUnary(tanh, 0.0f), 0.0f);
  EXPECT_FLOAT_EQ(evaluateUnary(tanh, 1.0f), 0.76159416f);
  EXPECT_EQ(evaluateUnary(tanh, -50.0f), -1.0f);
}

// The values of gelu, gelu_tanh and erf are those of Python's math module.
TEST(Unary, Gelu) {
  const UnaryFunction gelu = {UnaryKind::Gelu};
  EXPECT_EQ(evaluateUnary(gelu, 0.0f), 0.0f);
  EXPECT_FLOAT_EQ(evaluateUnary(gelu, 1.0f), 0.8413447461f);
  EXPECT_FLOAT_EQ(evaluateUnary(gelu, -1.0f), -0.1586552539f);
  EXPECT_FLOAT_EQ(evaluateUnary(gelu, -4.0f), -0.000126684969f);
  EXPECT_EQ(evaluateUnary(gelu, 50.0f), 50.0f);
}

TEST(Unary, GeluTanh) {
  const UnaryFunction gelu = {UnaryKind::GeluTanh};
  EXPECT_EQ(evaluateUnary(gelu, 0.0f), 0.0f);
  EXPECT_FLOAT_EQ(evaluateUnary(gelu, 1.0f), 0.8411919906f);
  EXPECT_FLOAT_EQ(evaluateUnary(gelu, -1.0f), -0.1588080094f);
  EXPECT_FLOAT_EQ(evaluateUnary(gelu, -4.0f), -7.02459482e-05f);
  EXPECT_EQ(evaluateUnary(gelu, 50.0f), 50.0f);
}

TEST(Unary, Erf) {
  const UnaryFunction erf = {UnaryKind::Erf};
  EXPECT_EQ(evaluateUnary(erf, 0.0f), 0.0f);
  EXPECT_FLOAT_EQ(evaluateUnary(erf, 0.5f), 0.5204998778f);
  EXPECT_FLOAT_EQ(evaluateUnary(erf, -1.0f), -0.8427007929f);
  EXPECT_EQ(evaluateUnary(erf, -50.0f), -1.0f);
}

TEST(Unary, SqrtAndSquare) {
  const UnaryFunction sqrt = {UnaryKind::Sqrt}, square = {UnaryKind::Square};
  EXPECT_EQ(evaluateUnary(sqrt, 2.25f), 1.5f);
  EXPECT_TRUE(std::isnan(evaluateUnary(sqrt, -1.0f)));
  EXPECT_EQ(evaluateUnary(square, -1.5f), 2.25f);
}

TEST(Unary, HardSigmoid) {
  const UnaryFunction hardSigmoid = {UnaryKind::HardSigmoid};
  EXPECT_EQ(evaluateUnary(hardSigmoid, 0.0f), 0.5f);
  EXPECT_EQ(evaluateUnary(hardSigmoid, -3.5f), 0.0f);
  EXPECT_EQ(evaluateUnary(hardSigmoid, 3.5f), 1.0f);
  EXPECT_EQ(evaluateUnary(hardSigmoid, 1.5f), 0.75f);
  // With one rounding instead of two the last bit differs.
  volatile float product = 1.1f * (1.0f / 6.0f);
  EXPECT_EQ(evaluateUnary(hardSigmoid, 1.1f), product + 0.5f);
}

TEST(Unary, Names) {
  EXPECT_STREQ(unaryName(UnaryKind::Clamp), "clamp");
  EXPECT_STREQ(unaryName(UnaryKind::Sigmoid), "sigmoid");
  EXPECT_STREQ(unaryName(UnaryKind::Tanh), "tanh");
  EXPECT_STREQ(unaryName(UnaryKind::HardSigmoid), "hardsigmoid");
}
