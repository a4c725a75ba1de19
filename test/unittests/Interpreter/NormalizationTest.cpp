// This file tests the interpreter's layer normalization and broadcasting
// against values computed by hand or by numpy.
#include "Fixture.h"

using namespace mlir;
using namespace mlir::npir;

using Bytes = std::vector<int8_t>;
using Floats = std::vector<float>;

TEST_F(InterpreterTest, LayerNorm) {
  auto func = parse(R"(
  func.func @f(%x: tensor<?x1x2xf32>) -> tensor<?x1x2xf32> {
    %s = npir.constant dense<[1.0, -4.0]> : tensor<2xf32>
    %o = npir.constant dense<[0.5, 1.0]> : tensor<2xf32>
    %y = npir.layer_norm %x, %s, %o {epsilon = 3.0 : f32}
        : (tensor<?x1x2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x1x2xf32>
    return %y : tensor<?x1x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  // Deviations of 1, variance 1 + 3: halves. Then no deviation at all.
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, {5, 7, 4, 4}, 2)}),
            (Floats{0, -1, 0.5, 1}));
}

TEST_F(InterpreterTest, QuantizedLayerNorm) {
  auto func = parse(R"(
  !x = !quant.uniform<i8:f32, 5.000000e-01:-100>
  !y = !quant.uniform<i8:f32, 2.500000e-01:-3>
  func.func @f(%x: tensor<?x5x!x>) -> tensor<?x5x!y> {
    %p = npir.constant dense<0.0> : tensor<5xf32>
    %y = npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32,
        requant = #npir.requant_layer_norm<variance_offset = 12.25 : f32, multipliers = [30.5, -41.25, 17.0625, 100.0, -3.0],
          offsets = [0.5, -0.5, 1.25, -300.0, 2.5], min = -128, max = 127>}
        : (tensor<?x5x!x>, tensor<5xf32>, tensor<5xf32>) -> tensor<?x5x!y>
    return %y : tensor<?x5x!y>
  })");
  ASSERT_TRUE(func) << messages;
  // By numpy; a row without variance keeps the offsets, ties to even.
  EXPECT_EQ(run<int8_t>(
                func, {makeInput<int8_t>(
                          func, 0, {-128, 127, 5, -7, 90, 6, 6, 6, 6, 6}, 2)}),
            (Bytes{-53, -55, -4, -128, -3, -3, -3, -2, -128, -1}));
}

TEST_F(InterpreterTest, LayerNormOfTooManyChannels) {
  std::string numbers = "0.0";
  for (int i = 0; i < 32768; ++i)
    numbers += ", 0.0";
  auto func = parse(
      "!q = !quant.uniform<i8:f32, 1.0>\n"
      "func.func @f(%x: tensor<1x32769x!q>, %p: tensor<32769xf32>) -> "
      "tensor<1x32769x!q> {\n"
      " %y = npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32, requant = "
      "#npir.requant_layer_norm<variance_offset = 1.0 : f32, multipliers = [" +
      numbers + "], offsets = [" + numbers +
      "], min = -128, max = 127>} : (tensor<1x32769x!q>, tensor<32769xf32>, "
      "tensor<32769xf32>) -> tensor<1x32769x!q>\n"
      " return %y : tensor<1x32769x!q>\n}");
  ASSERT_TRUE(func) << messages;
  Tensor x = makeInput<int8_t>(func, 0, Bytes(32769));
  Tensor p = makeInput<float>(func, 1, Floats(32769));
  EXPECT_TRUE(run<int8_t>(func, {x, p}).empty());
  EXPECT_EQ(messages, "'npir.layer_norm' op has an integer form for 1 to 32768 "
                      "channels only, got 32769\n");
}

TEST_F(InterpreterTest, LayerNormWithoutNumbers) {
  auto func = parse(R"(
  !q = !quant.uniform<i8:f32, 1.000000e+00>
  func.func @f(%x: tensor<1x2x!q>, %p: tensor<2xf32>) -> tensor<1x2x!q> {
    %y = npir.layer_norm %x, %p, %p {epsilon = 1.0 : f32} : (tensor<1x2x!q>, tensor<2xf32>, tensor<2xf32>) -> tensor<1x2x!q>
    return %y : tensor<1x2x!q>
  })");
  ASSERT_TRUE(func) << messages;
  Tensor x = makeInput<int8_t>(func, 0, {1, 2});
  Tensor p = makeInput<float>(func, 1, {1, 2});
  EXPECT_TRUE(run<int8_t>(func, {x, p}).empty());
  EXPECT_EQ(messages,
            "'npir.layer_norm' op has a quantized result but no requant "
            "numbers; run --npir-fold-qdq\n");
}

TEST_F(InterpreterTest, BroadcastTakesItsBatchFromAnOperand) {
  auto func = parse(R"(
  func.func @f(%x: tensor<?x7xf32>) -> tensor<?x2x3xf32> {
    %t = npir.constant dense<[[[1.0], [2.0]]]> : tensor<1x2x1xf32>
    %y = npir.broadcast %t like %x : (tensor<1x2x1xf32>, tensor<?x7xf32>) -> tensor<?x2x3xf32>
    return %y : tensor<?x2x3xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(func, {makeInput<float>(func, 0, Floats(14), 2)}),
            (Floats{1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2}));
}

TEST_F(InterpreterTest, QuantizedBroadcast) {
  auto func = parse(R"(
  !q = !quant.uniform<i8:f32, 1.000000e+00:5>
  func.func @f(%x: tensor<2x!q>) -> tensor<2x2x!q> {
    %y = npir.broadcast %x {requant = #npir.requant_copy<min = -128, max = 127>} : (tensor<2x!q>) -> tensor<2x2x!q>
    return %y : tensor<2x2x!q>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {-128, 9})}),
            (Bytes{-128, 9, -128, 9}));
}

TEST_F(InterpreterTest, BroadcastOfTwoBatches) {
  auto func = parse(R"(
  func.func @f(%x: tensor<?x1xf32>, %like: tensor<?x1xf32>) -> tensor<?x2xf32> {
    %y = npir.broadcast %x like %like : (tensor<?x1xf32>, tensor<?x1xf32>) -> tensor<?x2xf32>
    return %y : tensor<?x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_TRUE(run<float>(func, {makeInput<float>(func, 0, {1, 2}, 2),
                                makeInput<float>(func, 1, {1, 2, 3}, 3)})
                  .empty());
  EXPECT_EQ(messages, "'npir.broadcast' op expected operands of one batch "
                      "size, got 2 and 3\n");
}
