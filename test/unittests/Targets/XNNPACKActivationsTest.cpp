// This file tests the XNNPACK target on ops of several activations and on what
// XNNPACK has in float only.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/QuantTypes.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
class ActivationsTest : public XNNPACKTargetTest {
protected:
  /// An op of two activations `[?, 2]`.
  Operation *parseBinary(const std::string &op, const std::string &lhs,
                         const std::string &rhs, const std::string &result,
                         const std::string &attributes = "") {
    return parse("%x: tensor<?x2x" + lhs + ">, %y: tensor<?x2x" + rhs + ">",
                 "%0 = npir." + op + " %x, %y " + attributes +
                     " : (tensor<?x2x" + lhs + ">, tensor<?x2x" + rhs +
                     ">) -> tensor<?x2x" + result + ">");
  }

  /// The judgement of a float `op` as if all its types were quantized.
  Legality checkQuantized(Operation *op) {
    OpTypes types = OpTypes::of(op);
    Type element = quant::UniformQuantizedType::get(
        quant::QuantizationFlags::Signed, IntegerType::get(&context, 8),
        Float32Type::get(&context), 0.5, 0, -128, 127);
    for (SmallVector<Type> *list : {&types.operands, &types.results})
      for (Type &type : *list)
        type = withElementType(type, element);
    return target->check(op, types);
  }
};
} // namespace

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

TEST_F(ActivationsTest, SubtractionHasANegativeSecondMultiplier) {
  auto requant = getRequant<RequantShiftAddAttr>(parseBinary(
      "sub", q("0.75"), q("5.0"), q("2.0", -7), "{clamp_max = 10.0 : f32}"));
  ASSERT_TRUE(requant);
  // The larger ratio, 2.5, has exponent 1: 0.375 * 2^19 and -2.5 * 2^19.
  EXPECT_EQ(requant.getShift(), 19);
  EXPECT_EQ(requant.getLhs(), 196608);
  EXPECT_EQ(requant.getRhs(), -1310720);
  EXPECT_EQ(requant.getMin(), -128);
  EXPECT_EQ(requant.getMax(), -2);
}

TEST_F(ActivationsTest, ProductInOrderOfEvaluation) {
  auto requant = getRequant<RequantF32Attr>(parseBinary(
      "mul", q("0.7"), q("0.013", 3), q("0.9", 5), "{clamp_min = 0.0 : f32}"));
  ASSERT_TRUE(requant);
  // (0.7 * 0.013) / 0.9, each step rounded to f32 (by numpy); the other orders
  // end in ..26.
  EXPECT_EQ(requant.getMultipliers().asArrayRef(),
            (ArrayRef<float>{0x1.4b5228p-7f}));
  EXPECT_EQ(requant.getMin(), 5);
  EXPECT_EQ(requant.getMax(), 127);
}

TEST_F(ActivationsTest, SlicesAndConcatenationsCopy) {
  auto slice = getRequant<RequantCopyAttr>(parseUnary(
      "slice %x {offsets = array<i64: 0, 0>, sizes = array<i64: -1, -1>}",
      q("0.3"), q("0.3")));
  ASSERT_TRUE(slice);
  EXPECT_EQ(slice.getMin(), -128);
  EXPECT_EQ(slice.getMax(), 127);
  auto concat = getRequant<RequantCopyAttr>(parse(
      "%x: tensor<?x2x" + q("0.3") + ">",
      "%0 = npir.concat %x, %x {axis = 1 : i64} : (tensor<?x2x" + q("0.3") +
          ">, tensor<?x2x" + q("0.3") + ">) -> tensor<?x4x" + q("0.3") + ">"));
  ASSERT_TRUE(concat);
  EXPECT_EQ(concat.getMin(), -128);
}

//===----------------------------------------------------------------------===//
// Legality
//===----------------------------------------------------------------------===//

TEST_F(ActivationsTest, FloatOnly) {
  Operation *matmul = parse("%x: tensor<?x2x2xf32>",
                            "%0 = npir.matmul %x, %x : (tensor<?x2x2xf32>, "
                            "tensor<?x2x2xf32>) -> tensor<?x2x2xf32>");
  EXPECT_EQ(target->check(matmul).placement, Placement::Native);
  Legality legality = checkQuantized(matmul);
  EXPECT_FALSE(legality.isLegal());
  EXPECT_EQ(legality.reason,
            "xnnpack has no 'npir.matmul' on quantized tensors");
  Operation *softmax = parseUnary("softmax %x", "f32", "f32");
  EXPECT_EQ(target->check(softmax).placement, Placement::Native);
  legality = checkQuantized(softmax);
  EXPECT_FALSE(legality.isLegal());
  EXPECT_EQ(legality.reason,
            "xnnpack has no 'npir.softmax' on quantized tensors");
  Operation *div = parseBinary("div", "f32", "f32", "f32");
  EXPECT_EQ(target->check(div).placement, Placement::Native);
  legality = checkQuantized(div);
  EXPECT_FALSE(legality.isLegal());
  EXPECT_EQ(legality.reason, "xnnpack has no 'npir.div' on quantized tensors");
}

/// A constant operand stays in f32 where the op does.
TEST_F(ActivationsTest, FloatConstants) {
  for (const char *op : {"add", "sub", "mul", "div"}) {
    Operation *binary =
        parse("%x: tensor<?x2xf32>",
              "%c = npir.constant dense<0.125> : tensor<f32>\n%0 = npir." +
                  std::string(op) +
                  " %x, %c : (tensor<?x2xf32>, tensor<f32>) -> "
                  "tensor<?x2xf32>");
    EXPECT_EQ(target->check(binary).placement, Placement::Native) << op;
    EXPECT_EQ(getReason(binary), "") << op;
  }
}

TEST_F(ActivationsTest, RangesOfSubtractAndMultiply) {
  auto sub = [&](const std::string &input) {
    return getReason(parseBinary("sub", q("1.0"), q(input), q("1.0")));
  };
  EXPECT_EQ(sub("9.765625e-4"), ""); // 2^-10
  EXPECT_NE(sub("9.765624e-4"), "");
  EXPECT_EQ(sub("255.99998"), "");
  EXPECT_EQ(sub("256.0"), "expected input scale / output scale in [2^-10, "
                          "2^8), got 256");
  auto mul = [&](const std::string &input) {
    return getReason(parseBinary("mul", q("4.0"), q(input), q("1.0")));
  };
  EXPECT_EQ(mul("3.814697265625e-06"), ""); // 2^-18
  EXPECT_EQ(mul("3.8146969e-06"),
            "expected the product of the input scales / output scale in "
            "[2^-16, 2^8), got 1.525879e-05");
  EXPECT_EQ(mul("63.999996"), "");
  EXPECT_EQ(mul("64.0"), "expected the product of the input scales / output "
                         "scale in [2^-16, 2^8), got 256");
}

TEST_F(ActivationsTest, MovesKeepTheType) {
  Operation *concat =
      parse("%x: tensor<?x2xf32>, %y: tensor<?x1xf32>",
            "%0 = npir.concat %x, %y {axis = 1 : i64} : (tensor<?x2xf32>, "
            "tensor<?x1xf32>) -> tensor<?x3xf32>");
  ASSERT_TRUE(concat);
  EXPECT_EQ(target->check(concat).placement, Placement::Native);
  EXPECT_TRUE(checkQuantized(concat).isLegal());
  OpTypes types = OpTypes::of(concat);
  auto setType = [&](Type &type, double scale) {
    type = withElementType(
        type, quant::UniformQuantizedType::get(quant::QuantizationFlags::Signed,
                                               IntegerType::get(&context, 8),
                                               Float32Type::get(&context),
                                               scale, 0, -128, 127));
  };
  setType(types.operands[0], 0.5);
  setType(types.operands[1], 0.25);
  setType(types.results[0], 0.5);
  EXPECT_EQ(target->check(concat, types).reason,
            "expected operand and result of one quantized type");
}
