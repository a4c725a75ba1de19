// This file tests the interpreter in exact integers, against values computed
// by hand.
#include "Fixture.h"

using namespace mlir;
using namespace mlir::npir;

using Bytes = std::vector<int8_t>;

TEST_F(InterpreterTest, QuantizedLinear) {
  auto func = parse(R"(
  !x = !quant.uniform<i8:f32, 5.000000e-01:-3>
  !w = !quant.uniform<i8<-127:127>:f32:0, {2.500000e-01,5.000000e-01}>
  !b = !quant.uniform<i32:f32:0, {1.250000e-01,2.500000e-01}>
  !y = !quant.uniform<i8:f32, 1.000000e+00:5>
  func.func @f(%x: tensor<?x2x!x>) -> tensor<?x2x!y> {
    %w = npir.constant dense<[[1, 2], [-3, 4]]> : tensor<2x2xi8> as tensor<2x2x!w>
    %b = npir.constant dense<[4, -300]> : tensor<2xi32> as tensor<2x!b>
    %y = npir.linear %x, %w, %b {requant = #npir.requant_f32<multipliers = [1.250000e-01, 2.500000e-01], min = -100, max = 127>}
        : (tensor<?x2x!x>, tensor<2x2x!w>, tensor<2x!b>) -> tensor<?x2x!y>
    return %y : tensor<?x2x!y>
  })");
  ASSERT_TRUE(func) << messages;
  // x - zx = (4, 8): acc = 4+4+16 = 24 -> 3 + 5 = 8;
  //                  acc = -300-12+32 = -280 -> -70 + 5 = -65
  // x - zx = (130, -125): 4+130-250 = -116 -> -14.5, ties to even -14 + 5 = -9;
  //                       -300-390-500 = -1190 -> -297.5 + 5, bound -100
  Tensor x = makeInput<int8_t>(func, 0, {1, 5, 127, -128}, 2);
  EXPECT_EQ(run<int8_t>(func, {x}), (Bytes{8, -65, -9, -100}));
}

TEST_F(InterpreterTest, QuantizedConvPadsWithTheZeroPoint) {
  auto func = parse(R"(
  !x = !quant.uniform<i8:f32, 1.000000e+00:7>
  !w = !quant.uniform<i8<-127:127>:f32, 1.000000e+00>
  func.func @f(%x: tensor<?x1x2x1x!x>) -> tensor<?x1x2x1x!x> {
    %w = npir.constant dense<[[[[1], [1], [1]]]]> : tensor<1x1x3x1xi8> as tensor<1x1x3x1x!w>
    %y = npir.conv2d %x, %w {pads = array<i64: 0, 0, 1, 1>, requant = #npir.requant_f32<multipliers = [1.000000e+00], min = -128, max = 127>}
        : (tensor<?x1x2x1x!x>, tensor<1x1x3x1x!w>) -> tensor<?x1x2x1x!x>
    return %y : tensor<?x1x2x1x!x>
  })");
  ASSERT_TRUE(func) << messages;
  // real 3 and 5 with zeros around: 8, 8
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {10, 12}, 1)}),
            (Bytes{15, 15}));
}

TEST_F(InterpreterTest, QuantizedDepthwise) {
  auto func = parse(R"(
  !x = !quant.uniform<i8:f32, 1.000000e+00>
  !w = !quant.uniform<i8<-127:127>:f32:3, {1.000000e+00,1.000000e+00}>
  func.func @f(%x: tensor<?x1x2x2x!x>) -> tensor<?x1x1x2x!x> {
    %w = npir.constant dense<[[[[1, 2], [3, 4]]]]> : tensor<1x1x2x2xi8> as tensor<1x1x2x2x!w>
    %y = npir.depthwise_conv2d %x, %w {requant = #npir.requant_f32<multipliers = [1.000000e+00, 5.000000e-01], min = -128, max = 127>}
        : (tensor<?x1x2x2x!x>, tensor<1x1x2x2x!w>) -> tensor<?x1x1x2x!x>
    return %y : tensor<?x1x1x2x!x>
  })");
  ASSERT_TRUE(func) << messages;
  // 1*1+3*3 = 10; (2*2+4*4)/2 = 10
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {1, 2, 3, 4}, 1)}),
            (Bytes{10, 10}));
}

TEST_F(InterpreterTest, QuantizedAddRoundsHalfUp) {
  auto func = parse(R"(
  !a = !quant.uniform<i8:f32, 5.000000e-01:1>
  !b = !quant.uniform<i8:f32, 1.000000e+00:-2>
  !y = !quant.uniform<i8:f32, 1.000000e+00:3>
  func.func @f(%a: tensor<3x!a>, %b: tensor<3x!b>) -> tensor<3x!y> {
    %y = npir.add %a, %b {requant = #npir.requant_shift_add<lhs = 524288, rhs = 1048576, shift = 20, min = -128, max = 127>}
        : (tensor<3x!a>, tensor<3x!b>) -> tensor<3x!y>
    return %y : tensor<3x!y>
  })");
  ASSERT_TRUE(func) << messages;
  // 0.5*1 + 1*1 = 1.5 -> 2; 0.5*-1 + 0 = -0.5 -> 0; saturates
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {2, 0, 127}),
                               makeInput<int8_t>(func, 1, {-1, -2, 127})}),
            (Bytes{5, 3, 127}));
}

TEST_F(InterpreterTest, QuantizedMean) {
  auto func = parse(R"(
  !x = !quant.uniform<i8:f32, 1.000000e+00:10>
  !y = !quant.uniform<i8:f32, 5.000000e-01:-1>
  func.func @f(%x: tensor<?x2x1x1x!x>) -> tensor<?x1x!y> {
    %y = npir.reduce mean %x {axes = array<i64: 1, 2>, requant = #npir.requant_mean<multiplier = 1.000000e+00 : f32, min = -128, max = 127>}
        : tensor<?x2x1x1x!x> -> tensor<?x1x!y>
    return %y : tensor<?x1x!y>
  })");
  ASSERT_TRUE(func) << messages;
  // real 3 and 6: mean 4.5 = 9 * 0.5, - 1
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {13, 16}, 1)}),
            (Bytes{8}));
}

TEST_F(InterpreterTest, QuantizedTableAndBounds) {
  // A table that negates, indexed by the byte: entry 0 is for 0, 255 for -1.
  std::string entries;
  for (int i = 0; i < 256; ++i)
    entries += std::to_string(std::min(127, -static_cast<int8_t>(i))) +
               (i < 255 ? ", " : "");
  auto func =
      parse("!q = !quant.uniform<i8:f32, 1.0>\n"
            "func.func @f(%x: tensor<4x!q>) -> tensor<4x!q> {\n"
            " %0 = npir.tanh %x {requant = #npir.requant_table<table = [" +
            entries +
            "], min = -128, max = 127>} : tensor<4x!q> -> "
            "tensor<4x!q>\n"
            " %1 = npir.relu %0 {requant = #npir.requant_copy<min = 0, "
            "max = 100>} : tensor<4x!q> -> tensor<4x!q>\n"
            " return %1 : tensor<4x!q>\n}");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {5, -6, -128, 0})}),
            (Bytes{0, 6, 100, 0}));
}

TEST_F(InterpreterTest, QuantizedPoolReshapeTranspose) {
  auto func = parse(R"(
  !q = !quant.uniform<i8:f32, 1.000000e+00:-5>
  func.func @f(%x: tensor<?x2x2x2x!q>) -> tensor<?x2x!q> {
    %0 = npir.transpose %x {perm = array<i64: 0, 2, 1, 3>, requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x2x2x2x!q> -> tensor<?x2x2x2x!q>
    %1 = npir.max_pool2d %0 {kernel = array<i64: 1, 2>, requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x2x2x2x!q> -> tensor<?x2x1x2x!q>
    %2 = npir.reshape %1 {requant = #npir.requant_copy<min = -128, max = 127>} : tensor<?x2x1x2x!q> -> tensor<?x2x!q>
    return %2 : tensor<?x2x!q>
  })");
  ASSERT_TRUE(func) << messages;
  // NHWC (h,w): (0,0)=1,2 (0,1)=3,4 (1,0)=5,6 (1,1)=-7,-8; columns become rows
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(
                                  func, 0, {1, 2, 3, 4, 5, 6, -7, -8}, 1)}),
            (Bytes{5, 6, 3, 4}));
}

TEST_F(InterpreterTest, RequantizeBetweenTypes) {
  auto func = parse(R"(
  !x = !quant.uniform<i8:f32, 5.000000e-01:2>
  !y = !quant.uniform<i8:f32, 1.000000e+00:-4>
  func.func @f(%x: tensor<3x!x>) -> tensor<3x!y> {
    %y = npir.quantize %x {requant = #npir.requant_q8<multiplier = 128, min = -128, max = 127>} : tensor<3x!x> -> tensor<3x!y>
    return %y : tensor<3x!y>
  })");
  ASSERT_TRUE(func) << messages;
  // 2.5 rounds up to 3, -2.5 up to -2
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {7, -3, 2})}),
            (Bytes{-1, -6, -4}));
}

TEST_F(InterpreterTest, DequantizeOfABias) {
  auto func = parse(R"(
  !b = !quant.uniform<i32:f32:0, {5.000000e-01,2.000000e+00}>
  func.func @f() -> tensor<2xf32> {
    %b = npir.constant dense<[100000, -7]> : tensor<2xi32> as tensor<2x!b>
    %y = npir.dequantize %b : tensor<2x!b> -> tensor<2xf32>
    return %y : tensor<2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(func, {}), (std::vector<float>{50000, -14}));
}

TEST_F(InterpreterTest, MissingNumbersAreAnError) {
  auto func = parse(R"(
  !q = !quant.uniform<i8:f32, 1.000000e+00>
  func.func @f(%x: tensor<1x!q>) -> tensor<1x!q> {
    %y = npir.relu %x : tensor<1x!q> -> tensor<1x!q>
    return %y : tensor<1x!q>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_TRUE(run<int8_t>(func, {makeInput<int8_t>(func, 0, {1})}).empty());
  EXPECT_EQ(messages, "'npir.relu' op has a quantized result but no requant "
                      "numbers; run --npir-fold-qdq\n");
}
