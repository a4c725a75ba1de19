// This file tests the interpreter in float, against values computed by hand.
#include "Fixture.h"

using namespace mlir;
using namespace mlir::npir;

using Floats = std::vector<float>;

TEST_F(InterpreterTest, Conv2DWithPaddingStrideBiasAndClamp) {
  auto func =
      parse(R"(func.func @f(%x: tensor<?x3x3x1xf32>) -> tensor<?x2x2x1xf32> {
    %w = npir.constant dense<[[[[1.0], [2.0]], [[3.0], [4.0]]]]> : tensor<1x2x2x1xf32>
    %b = npir.constant dense<[-10.0]> : tensor<1xf32>
    %y = npir.conv2d %x, %w, %b {strides = array<i64: 2, 2>, pads = array<i64: 0, 1, 1, 0>, clamp_min = 0.0 : f32, clamp_max = 60.0 : f32}
        : (tensor<?x3x3x1xf32>, tensor<1x2x2x1xf32>, tensor<1xf32>) -> tensor<?x2x2x1xf32>
    return %y : tensor<?x2x2x1xf32>
  })");
  ASSERT_TRUE(func) << messages;
  // 1 2 3        windows start at rows 0, 2 and columns -1, 1
  // 4 5 6
  // 7 8 9
  Tensor x = makeInput<float>(func, 0, {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1);
  // 2*1+4*4-10=8; 2+6+15+24-10=37; 2*7-10=4; 8+18-10=16
  EXPECT_EQ(run<float>(func, {x}), (Floats{8, 37, 4, 16}));
}

TEST_F(InterpreterTest, GroupedConv2D) {
  auto func =
      parse(R"(func.func @f(%x: tensor<?x1x1x4xf32>) -> tensor<?x1x1x2xf32> {
    %w = npir.constant dense<[[[[1.0, 10.0]]], [[[100.0, 1000.0]]]]> : tensor<2x1x1x2xf32>
    %y = npir.conv2d %x, %w {groups = 2 : i64} : (tensor<?x1x1x4xf32>, tensor<2x1x1x2xf32>) -> tensor<?x1x1x2xf32>
    return %y : tensor<?x1x1x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, {1, 2, 3, 4}, 1)}),
            (Floats{21, 4300}));
}

TEST_F(InterpreterTest, DepthwiseWithMultiplier) {
  auto func =
      parse(R"(func.func @f(%x: tensor<?x1x2x2xf32>) -> tensor<?x1x1x4xf32> {
    %w = npir.constant dense<[[[[1.0, 2.0, 3.0, 4.0], [10.0, 20.0, 30.0, 40.0]]]]> : tensor<1x1x2x4xf32>
    %y = npir.depthwise_conv2d %x, %w : (tensor<?x1x2x2xf32>, tensor<1x1x2x4xf32>) -> tensor<?x1x1x4xf32>
    return %y : tensor<?x1x1x4xf32>
  })");
  ASSERT_TRUE(func) << messages;
  // channel 0: (1, 3), channel 1: (2, 4)
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, {1, 2, 3, 4}, 1)}),
            (Floats{31, 62, 126, 168}));
}

TEST_F(InterpreterTest, LinearOverABatchOfThree) {
  auto func = parse(R"(func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
    %w = npir.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
    %b = npir.constant dense<[0.5, -0.5]> : tensor<2xf32>
    %y = npir.linear %x, %w, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(
      run<float>(func, {makeInput<float>(func, 0, {1, 0, 0, 1, 1, 1}, 3)}),
      (Floats{1.5f, 2.5f, 2.5f, 3.5f, 3.5f, 6.5f}));
}

TEST_F(InterpreterTest, AddBroadcastsAndClamps) {
  auto func = parse(
      R"(func.func @f(%x: tensor<?x2x2xf32>, %y: tensor<2xf32>) -> tensor<?x2x2xf32> {
    %z = npir.add %x, %y {clamp_min = 0.0 : f32} : (tensor<?x2x2xf32>, tensor<2xf32>) -> tensor<?x2x2xf32>
    return %z : tensor<?x2x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, {1, 2, 3, 4}, 1),
                              makeInput<float>(func, 1, {-2, 10})}),
            (Floats{0, 12, 1, 14}));
}

TEST_F(InterpreterTest, MaxPoolIgnoresPadding) {
  auto func =
      parse(R"(func.func @f(%x: tensor<?x2x2x1xf32>) -> tensor<?x2x2x1xf32> {
    %y = npir.max_pool2d %x {kernel = array<i64: 2, 2>, pads = array<i64: 1, 0, 1, 0>} : tensor<?x2x2x1xf32> -> tensor<?x2x2x1xf32>
    return %y : tensor<?x2x2x1xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, {-4, -3, -2, -5}, 1)}),
            (Floats{-4, -3, -2, -2}));
}

TEST_F(InterpreterTest, ReduceMeanAndSum) {
  for (auto [kind, expected] : {std::pair("mean", Floats{2.5f, 25}),
                                std::pair("sum", Floats{10, 100})}) {
    auto func = parse("func.func @f(%x: tensor<?x2x2x2xf32>) -> "
                      "tensor<?x2xf32> {\n %y = npir.reduce " +
                      std::string(kind) +
                      " %x {axes = array<i64: 1, 2>} : tensor<?x2x2x2xf32> -> "
                      "tensor<?x2xf32>\n return %y : tensor<?x2xf32>\n}");
    ASSERT_TRUE(func) << messages;
    EXPECT_EQ(run<float>(func, {makeInput<float>(
                                   func, 0, {1, 10, 2, 20, 3, 30, 4, 40}, 1)}),
              expected);
  }
}

TEST_F(InterpreterTest, BatchNormAlongItsAxis) {
  auto func =
      parse(R"(func.func @f(%x: tensor<?x2x1xf32>) -> tensor<?x2x1xf32> {
    %s = npir.constant dense<[2.0, 1.0]> : tensor<2xf32>
    %o = npir.constant dense<[1.0, 0.0]> : tensor<2xf32>
    %m = npir.constant dense<[1.0, 4.0]> : tensor<2xf32>
    %v = npir.constant dense<[3.0, 0.0]> : tensor<2xf32>
    %y = npir.batch_norm %x, %s, %o, %m, %v {axis = 1 : i64, epsilon = 1.0 : f32}
        : (tensor<?x2x1xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x1xf32>
    return %y : tensor<?x2x1xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, {3, 7}, 1)}),
            (Floats{3, 3}));
}

TEST_F(InterpreterTest, UnaryFunctions) {
  auto func = parse(R"(func.func @f(%x: tensor<4xf32>) -> tensor<4xf32> {
    %0 = npir.clamp %x {min = -2.0 : f32, max = 5.0 : f32} : tensor<4xf32> -> tensor<4xf32>
    %1 = npir.relu %0 : tensor<4xf32> -> tensor<4xf32>
    %2 = npir.hardsigmoid %1 : tensor<4xf32> -> tensor<4xf32>
    return %2 : tensor<4xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, {-9, 0, 1.5f, 9})}),
            (Floats{0.5f, 0.5f, 0.75f, 1.0f}));
}

TEST_F(InterpreterTest, ReshapeTransposeAndSplatConstants) {
  auto func = parse(R"(func.func @f(%x: tensor<?x2x3xf32>) -> tensor<?x2xf32> {
    %0 = npir.transpose %x {perm = array<i64: 0, 2, 1>} : tensor<?x2x3xf32> -> tensor<?x3x2xf32>
    %1 = npir.reshape %0 : tensor<?x3x2xf32> -> tensor<?x2xf32>
    %c = npir.constant dense<100.0> : tensor<1x2xf32>
    %2 = npir.add %1, %c : (tensor<?x2xf32>, tensor<1x2xf32>) -> tensor<?x2xf32>
    return %2 : tensor<?x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(
      run<float>(func, {makeInput<float>(func, 0, {1, 2, 3, 4, 5, 6}, 1)}),
      (Floats{101, 104, 102, 105, 103, 106}));
}

TEST_F(InterpreterTest, FakeQuantRoundsAndSaturates) {
  auto func = parse(R"(
  !q = !quant.uniform<i8:f32, 5.000000e-01:10>
  func.func @f(%x: tensor<6xf32>) -> tensor<6xf32> {
    %0 = npir.quantize %x : tensor<6xf32> -> tensor<6x!q>
    %1 = npir.dequantize %0 : tensor<6x!q> -> tensor<6xf32>
    return %1 : tensor<6xf32>
  })");
  ASSERT_TRUE(func) << messages;
  // Ties to even: 0.25/0.5 = 0.5 -> 0, 0.75/0.5 = 1.5 -> 2.
  EXPECT_EQ(run<float>(func, {makeInput<float>(
                                 func, 0, {0, 0.25f, 0.75f, -0.26f, 99, -99})}),
            (Floats{0, 0, 1, -0.5f, 58.5f, -69}));
}

TEST_F(InterpreterTest, FakeQuantPerChannel) {
  auto func = parse(R"(
  !q = !quant.uniform<i8:f32:1, {1.000000e+00,2.000000e+00:1}>
  func.func @f(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
    %0 = npir.quantize %x : tensor<2x2xf32> -> tensor<2x2x!q>
    %1 = npir.dequantize %0 : tensor<2x2x!q> -> tensor<2x2xf32>
    return %1 : tensor<2x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(
      run<float>(func, {makeInput<float>(func, 0, {3.2f, 3.2f, -200, 300})}),
      (Floats{3, 4, -128, 252}));
}
