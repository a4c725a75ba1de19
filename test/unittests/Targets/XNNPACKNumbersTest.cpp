// This file tests the numbers that the XNNPACK target gives integer ops,
// against values computed by hand.
#include "Fixture.h"

#include "npir/Dialect/NPIR/IR/QuantTypes.h"

using namespace mlir;
using namespace mlir::npir;

TEST_F(XNNPACKTargetTest, MultiplierPerChannelInOrderOfEvaluation) {
  Operation *op =
      parseLinear(q("0.7"), "!quant.uniform<i8<-127:127>:f32:0, {0.013, 0.21}>",
                  q("0.9", 5));
  auto requant = getRequant<RequantF32Attr>(op);
  ASSERT_TRUE(requant);
  // (0.7 * w) / 0.9, each step rounded to f32 (by numpy); 0.7 * (w / 0.9) and
  // (0.7 / 0.9) * w both end in ..26 and ..b4.
  EXPECT_EQ(requant.getMultipliers().asArrayRef(),
            (ArrayRef<float>{0x1.4b5228p-7f, 0x1.4e81b6p-3f}));
  EXPECT_EQ(requant.getMin(), -128);
  EXPECT_EQ(requant.getMax(), 127);
}

TEST_F(XNNPACKTargetTest, ClampBecomesStoredBounds) {
  auto parseClamped = [&](const std::string &clamp) {
    std::string w = "!quant.uniform<i8<-127:127>:f32, 1.0>";
    return parse("%x: tensor<?x2x" + q("1.0") + ">",
                 "%w = npir.constant dense<1> : tensor<2x2xi8> as tensor<2x2x" +
                     w + ">\n%0 = npir.linear %x, %w {" + clamp +
                     "} : (tensor<?x2x" + q("1.0") + ">, tensor<2x2x" + w +
                     ">) -> tensor<?x2x" + q("0.25", -28) + ">");
  };
  auto requant = getRequant<RequantF32Attr>(
      parseClamped("clamp_min = 0.0 : f32, clamp_max = 6.0 : f32"));
  EXPECT_EQ(requant.getMin(), -28);
  EXPECT_EQ(requant.getMax(), -4);
  // 0.125/0.25 - 28 = -27.5 goes to the even -28; 0.375/0.25 - 28 = -26.5 to
  // -26.
  requant = getRequant<RequantF32Attr>(
      parseClamped("clamp_min = 0.125 : f32, clamp_max = 0.375 : f32"));
  EXPECT_EQ(requant.getMin(), -28);
  EXPECT_EQ(requant.getMax(), -26);
  requant = getRequant<RequantF32Attr>(parseClamped("clamp_max = 1.0e9 : f32"));
  EXPECT_EQ(requant.getMin(), -128);
  EXPECT_EQ(requant.getMax(), 127);
}

TEST_F(XNNPACKTargetTest, ShiftAdd) {
  Operation *op = parse(
      "%x: tensor<?x2x" + q("0.75") + ">, %y: tensor<?x2x" + q("5.0") + ">",
      "%0 = npir.add %x, %y {clamp_min = 0.0 : f32} : (tensor<?x2x" +
          q("0.75") + ">, tensor<?x2x" + q("5.0") + ">) -> tensor<?x2x" +
          q("2.0", -7) + ">");
  auto requant = getRequant<RequantShiftAddAttr>(op);
  ASSERT_TRUE(requant);
  // The larger ratio, 2.5, has exponent 1: 0.375 * 2^19 and 2.5 * 2^19.
  EXPECT_EQ(requant.getShift(), 19);
  EXPECT_EQ(requant.getLhs(), 196608);
  EXPECT_EQ(requant.getRhs(), 1310720);
  EXPECT_EQ(requant.getMin(), -7);
  EXPECT_EQ(requant.getMax(), 127);
}

TEST_F(XNNPACKTargetTest, Mean) {
  Operation *op = parse("%x: tensor<?x3x5x2x" + q("0.7") + ">",
                        "%0 = npir.reduce mean %x {axes = array<i64: 1, 2>} : "
                        "tensor<?x3x5x2x" +
                            q("0.7") + "> -> tensor<?x2x" + q("0.3") + ">");
  auto requant = getRequant<RequantMeanAttr>(op);
  ASSERT_TRUE(requant);
  float inverse = 1.0f / 15.0f, ratio = 0.7f / 0.3f;
  EXPECT_EQ(requant.getMultiplier().getValue().convertToFloat(),
            ratio * inverse);
}

TEST_F(XNNPACKTargetTest, ConvertAndCopy) {
  auto q8 = getRequant<RequantQ8Attr>(
      parseUnary("quantize %x", q("0.3"), q("0.7", 9)));
  ASSERT_TRUE(q8);
  EXPECT_EQ(q8.getMultiplier(), 110); // 256 * 3/7 = 109.71
  auto copy =
      getRequant<RequantCopyAttr>(parseUnary("reshape %x", q("0.3"), q("0.3")));
  ASSERT_TRUE(copy);
  EXPECT_EQ(copy.getMin(), -128);
  EXPECT_EQ(copy.getMax(), 127);
}

TEST_F(XNNPACKTargetTest, Tables) {
  auto sigmoid = getRequant<RequantTableAttr>(
      parseUnary("sigmoid %x", q("0.125", 4), q("0.00390625", -128)));
  ASSERT_TRUE(sigmoid);
  ArrayRef<int8_t> table = sigmoid.getTable().asArrayRef();
  // Real 0 is stored as 4: 1/2 is 128 steps of 1/256.
  EXPECT_EQ(table[4], 0);
  // Stored -128 is -16.5, and 127 is 15.375: 256 steps saturate.
  EXPECT_EQ(table[128], -128);
  EXPECT_EQ(table[127], 127);
  // A clamp between equal types compares integers.
  auto clamp = getRequant<RequantCopyAttr>(
      parseUnary("relu %x", q("0.5", 3), q("0.5", 3)));
  ASSERT_TRUE(clamp);
  EXPECT_EQ(clamp.getMin(), 3);
  EXPECT_TRUE(getRequant<RequantTableAttr>(
      parseUnary("relu %x", q("0.5", 3), q("0.5", 4))));
}

TEST_F(XNNPACKTargetTest, LayerNorm) {
  auto requant = getRequant<RequantLayerNormAttr>(
      parseLayerNorm(q("0.3", 7), q("0.7", 3), "1.0e-5"));
  ASSERT_TRUE(requant);
  // epsilon * (3 / scale)^2 in double, then f32; quotients in f32 (by numpy).
  EXPECT_EQ(requant.getVarianceOffset().getValue().convertToFloat(),
            0x1.0624dcp-10f);
  EXPECT_EQ(requant.getMultipliers().asArrayRef(),
            (ArrayRef<float>{1.0f / 0.7f, -2.5f / 0.7f, 0.0f}));
  EXPECT_EQ(requant.getOffsets().asArrayRef(),
            (ArrayRef<float>{0.1f / 0.7f, 0.0f, 300.0f / 0.7f}));
  EXPECT_EQ(requant.getMin(), -128);
  EXPECT_EQ(requant.getMax(), 127);
}

TEST_F(XNNPACKTargetTest, FloatOpsNeedNoNumbers) {
  Operation *op = parseUnary("sigmoid %x", "f32", "f32");
  FailureOr<Attribute> attr = target->computeRequant(op);
  ASSERT_TRUE(succeeded(attr));
  EXPECT_FALSE(*attr);
  op = parseUnary("quantize %x", "f32", q("0.5"));
  attr = target->computeRequant(op);
  ASSERT_TRUE(succeeded(attr));
  EXPECT_FALSE(*attr);
}
