// This file tests the interpreter on what attention is made of, and on
// functions of two activations, against values computed by hand.
#include "Fixture.h"

using namespace mlir;
using namespace mlir::npir;

using Floats = std::vector<float>;
using Bytes = std::vector<int8_t>;

TEST_F(InterpreterTest, MatmulOfRowsThatAreTheBatch) {
  auto func = parse(
      R"(func.func @f(%x: tensor<?x2xf32>, %y: tensor<2x2xf32>) -> tensor<?x2xf32> {
    %0 = npir.matmul %x, %y : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32>
    return %0 : tensor<?x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  Tensor y = makeInput<float>(func, 1, {1, 10, 100, 1000});
  EXPECT_EQ(
      run<float>(func, {makeInput<float>(func, 0, {1, 2, 3, 4, 5, 6}, 3), y}),
      (Floats{201, 2010, 403, 4030, 605, 6050}));
}

TEST_F(InterpreterTest, MatmulTakesTheBatchFromEitherOperand) {
  auto func = parse(
      R"(func.func @f(%x: tensor<2x1x2xf32>, %y: tensor<?x1x1x2xf32>) -> tensor<?x2x1x1xf32> {
    %0 = npir.matmul %x, %y {transpose_rhs} : (tensor<2x1x2xf32>, tensor<?x1x1x2xf32>) -> tensor<?x2x1x1xf32>
    return %0 : tensor<?x2x1x1xf32>
  })");
  ASSERT_TRUE(func) << messages;
  Tensor x = makeInput<float>(func, 0, {1, 2, 3, 4});
  Tensor y = makeInput<float>(func, 1, {1, 0, 0, 10}, 2);
  EXPECT_EQ(run<float>(func, {x, y}), (Floats{1, 3, 20, 40}));
}

TEST_F(InterpreterTest, OperandsOfTwoBatchesAreAnError) {
  auto func = parse(
      R"(func.func @f(%x: tensor<?x2x2xf32>, %y: tensor<?x2x2xf32>) -> tensor<?x2x2xf32> {
    %0 = npir.matmul %x, %y : (tensor<?x2x2xf32>, tensor<?x2x2xf32>) -> tensor<?x2x2xf32>
    return %0 : tensor<?x2x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  Tensor x = makeInput<float>(func, 0, Floats(4), 1);
  Tensor y = makeInput<float>(func, 1, Floats(12), 3);
  EXPECT_TRUE(run<float>(func, {x, y}).empty());
  EXPECT_EQ(messages, "'npir.matmul' op expected operands of one batch size, "
                      "got 1 and 3\n");
}

TEST_F(InterpreterTest, Softmax) {
  auto func = parse(R"(func.func @f(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
    %0 = npir.softmax %x : tensor<?x2xf32> -> tensor<?x2xf32>
    return %0 : tensor<?x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  Floats y = run<float>(
      func, {makeInput<float>(func, 0, {7, 7, 0, 1.0986123f}, 2)}); // ln 3
  ASSERT_EQ(y.size(), 4u);
  EXPECT_EQ(y[0], 0.5f);
  EXPECT_EQ(y[1], 0.5f);
  EXPECT_NEAR(y[2], 0.25f, 1e-6f);
  EXPECT_NEAR(y[3], 0.75f, 1e-6f);
}

TEST_F(InterpreterTest, SlicesAndConcatenationsOfFloats) {
  auto func = parse(R"(func.func @f(%x: tensor<?x4xf32>) -> tensor<?x5xf32> {
    %0 = npir.slice %x {offsets = array<i64: 0, 1>, sizes = array<i64: -1, -1>} : tensor<?x4xf32> -> tensor<?x3xf32>
    %1 = npir.slice %x {offsets = array<i64: 0, 0>, sizes = array<i64: -1, 2>} : tensor<?x4xf32> -> tensor<?x2xf32>
    %2 = npir.concat %0, %1 {axis = 1 : i64} : (tensor<?x3xf32>, tensor<?x2xf32>) -> tensor<?x5xf32>
    return %2 : tensor<?x5xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<float>(
                func, {makeInput<float>(func, 0, {1, 2, 3, 4, 5, 6, 7, 8}, 2)}),
            (Floats{2, 3, 4, 1, 2, 6, 7, 8, 5, 6}));
}

/// Values of any width are moved, signed or not.
TEST_F(InterpreterTest, MovesOfBytesAndWords) {
  auto func = parse(R"(
  !q = !quant.uniform<u8:f32, 1.000000e+00>
  func.func @f(%x: tensor<2x2x!q>) -> tensor<3x2x!q> {
    %0 = npir.slice %x {offsets = array<i64: 1, 0>, sizes = array<i64: 1, 2>, requant = #npir.requant_copy<min = 0, max = 255>} : tensor<2x2x!q> -> tensor<1x2x!q>
    %1 = npir.transpose %x {perm = array<i64: 1, 0>, requant = #npir.requant_copy<min = 0, max = 255>} : tensor<2x2x!q> -> tensor<2x2x!q>
    %2 = npir.concat %0, %1 {axis = 0 : i64, requant = #npir.requant_copy<min = 0, max = 255>} : (tensor<1x2x!q>, tensor<2x2x!q>) -> tensor<3x2x!q>
    return %2 : tensor<3x2x!q>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<uint8_t>(func, {makeInput<uint8_t>(func, 0, {1, 2, 200, 255})}),
            (std::vector<uint8_t>{200, 255, 1, 200, 2, 255}));
  func = parse(R"(
  !q = !quant.uniform<i16:f32, 1.000000e+00>
  func.func @f(%x: tensor<2x!q>) -> tensor<4x!q> {
    %0 = npir.concat %x, %x {axis = 0 : i64, requant = #npir.requant_copy<min = -32768, max = 32767>} : (tensor<2x!q>, tensor<2x!q>) -> tensor<4x!q>
    return %0 : tensor<4x!q>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_EQ(run<int16_t>(func, {makeInput<int16_t>(func, 0, {300, -2})}),
            (std::vector<int16_t>{300, -2, 300, -2}));
}

TEST_F(InterpreterTest, FloatFunctionsOfTwoValues) {
  auto func = parse(
      R"(func.func @f(%x: tensor<?x3xf32>, %y: tensor<3xf32>) -> tensor<?x3xf32> {
    %0 = npir.sub %x, %y : (tensor<?x3xf32>, tensor<3xf32>) -> tensor<?x3xf32>
    %1 = npir.mul %y, %0 : (tensor<3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    %2 = npir.div %1, %x {clamp_max = 100.0 : f32} : (tensor<?x3xf32>, tensor<?x3xf32>) -> tensor<?x3xf32>
    return %2 : tensor<?x3xf32>
  })");
  ASSERT_TRUE(func) << messages;
  Tensor x = makeInput<float>(func, 0, {4, 5, 1, 8, 2, 10}, 2);
  Tensor y = makeInput<float>(func, 1, {2, -5, -200});
  // y*(x-y)/x: 2*2/4, -5*10/5, -200*201/1, 2*6/8, -5*7/2, -200*210/10
  EXPECT_EQ(run<float>(func, {x, y}),
            (Floats{1, -10, -40200, 1.5f, -17.5f, -4200}));
}

TEST_F(InterpreterTest, QuantizedSubtractAndMultiply) {
  auto func = parse(R"(
  !a = !quant.uniform<i8:f32, 5.000000e-01:1>
  !b = !quant.uniform<i8:f32, 1.000000e+00:-2>
  !y = !quant.uniform<i8:f32, 1.000000e+00:3>
  func.func @f(%a: tensor<?x3x!a>, %b: tensor<3x!b>) -> tensor<?x3x!y> {
    %y = npir.sub %a, %b {requant = #npir.requant_shift_add<lhs = 524288, rhs = -1048576, shift = 20, min = -128, max = 100>}
        : (tensor<?x3x!a>, tensor<3x!b>) -> tensor<?x3x!y>
    return %y : tensor<?x3x!y>
  })");
  ASSERT_TRUE(func) << messages;
  Tensor a = makeInput<int8_t>(func, 0, {2, 0, 127}, 1);
  Tensor b = makeInput<int8_t>(func, 1, {-1, -2, -128});
  // 0.5 - 1 = -0.5 -> 0 (half up); -0.5 -> 0; 63 + 126 = 189, the bound
  EXPECT_EQ(run<int8_t>(func, {a, b}), (Bytes{3, 3, 100}));
  func = parse(R"(
  !a = !quant.uniform<i8:f32, 5.000000e-01:1>
  !b = !quant.uniform<i8:f32, 1.000000e+00:-2>
  !y = !quant.uniform<i8:f32, 1.000000e+00:3>
  func.func @f(%a: tensor<?x3x!a>, %b: tensor<3x!b>) -> tensor<?x3x!y> {
    %y = npir.mul %a, %b {requant = #npir.requant_f32<multipliers = [0.5], min = -128, max = 127>}
        : (tensor<?x3x!a>, tensor<3x!b>) -> tensor<?x3x!y>
    return %y : tensor<?x3x!y>
  })");
  ASSERT_TRUE(func) << messages;
  // 1*1/2 = 0.5 -> 0 (even); -1*0; 3*-5/2 = -7.5 -> -8
  EXPECT_EQ(run<int8_t>(func, {makeInput<int8_t>(func, 0, {2, 0, 4}, 1),
                               makeInput<int8_t>(func, 1, {-1, -2, -7})}),
            (Bytes{3, 3, -5}));
}

TEST_F(InterpreterTest, TooManyDimensionsAreAnError) {
  auto func = parse(R"(
  func.func @f(%x: tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32>) -> tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32> {
    %0 = npir.softmax %x : tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32> -> tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32>
    return %0 : tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32>
  })");
  ASSERT_TRUE(func) << messages;
  EXPECT_TRUE(run<float>(func, {makeInput<float>(func, 0, {1, 2})}).empty());
  EXPECT_EQ(messages,
            "'npir.softmax' op expected tensors of rank 16 or less, got "
            "'tensor<1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x1x2xf32>'\n");
}
