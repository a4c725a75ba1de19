// This file tests the arithmetic of 8-bit integers by hand-computed vectors.
#include "npir/Kernels/Requantize.h"
#include <gtest/gtest.h>

using namespace npir_kernels;

TEST(Requantize, TiesGoToEven) {
  EXPECT_EQ(requantize(1, 0.5f, 0), 0);
  EXPECT_EQ(requantize(3, 0.5f, 0), 2);
  EXPECT_EQ(requantize(5, 0.5f, 0), 2);
  EXPECT_EQ(requantize(-1, 0.5f, 0), 0);
  EXPECT_EQ(requantize(-3, 0.5f, 0), -2);
  // Before the zero point is added: 1.5 -> 2, not 2.5 -> 2.
  EXPECT_EQ(requantize(3, 0.5f, 1), 3);
}

TEST(Requantize, Saturates) {
  EXPECT_EQ(requantize(1000, 1.0f, 0), 127);
  EXPECT_EQ(requantize(-1000, 1.0f, 0), -128);
  EXPECT_EQ(requantize(INT32_MAX, 255.0f, 127), 127);
  EXPECT_EQ(requantize(INT32_MIN, 255.0f, -128), -128);
  EXPECT_EQ(requantize(50, 1.0f, 10, 0, 40), 40);
  EXPECT_EQ(requantize(-50, 1.0f, 10, 0, 40), 0);
}

TEST(Requantize, AccumulatorRoundsToFloatFirst) {
  // 2^24 + 1 is no f32: it becomes 2^24, whose tie goes to the even 64.
  EXPECT_EQ(requantize((1 << 24) + 1, 64.5f / (1 << 24), 0), 64);
}

TEST(Requantize, MultiplierOrder) {
  const float in = 0.1f, weight = 0.3f, out = 0.7f;
  const volatile float product = in * weight;
  EXPECT_EQ(requantMultiplier(in, weight, out), product / out);
  // The other order differs in the last bit for these scales.
  const volatile float quotient = 0.013f / 0.37f;
  EXPECT_NE(requantMultiplier(0.013f, 0.11f, 0.37f), quotient * 0.11f);
}

TEST(Requantize, Bias) {
  EXPECT_EQ(quantizeBias(1.25f, 0.5f, 1.0f).value, 2); // 2.5 to even
  EXPECT_EQ(quantizeBias(1.75f, 0.5f, 1.0f).value, 4); // 3.5 to even
  EXPECT_EQ(quantizeBias(-1.25f, 0.5f, 1.0f).value, -2);
  EXPECT_FALSE(quantizeBias(1.0f, 1e-4f, 1e-5f).saturated);
  EXPECT_EQ(quantizeBias(10.0f, 1e-5f, 1e-5f).value, INT32_MAX);
  EXPECT_TRUE(quantizeBias(10.0f, 1e-5f, 1e-5f).saturated);
  EXPECT_EQ(quantizeBias(-10.0f, 1e-5f, 1e-5f).value, INT32_MIN);
  EXPECT_TRUE(quantizeBias(-10.0f, 1e-5f, 1e-5f).saturated);
  // The bounds themselves fit.
  EXPECT_FALSE(quantizeBias(-2147483648.0f, 1.0f, 1.0f).saturated);
  EXPECT_EQ(quantizeBias(-2147483648.0f, 1.0f, 1.0f).value, INT32_MIN);
  EXPECT_TRUE(quantizeBias(2147483648.0f, 1.0f, 1.0f).saturated);
  EXPECT_TRUE(quantizeBias(INFINITY, 1.0f, 1.0f).saturated);
  EXPECT_TRUE(quantizeBias(NAN, 1.0f, 1.0f).saturated);
  EXPECT_EQ(quantizeBias(NAN, 1.0f, 1.0f).value, 0);
  // The product of the scales would underflow in f32.
  EXPECT_EQ(quantizeBias(1e-38f, 1e-20f, 1e-20f).value, 100);
}

TEST(Requantize, ShiftAdd) {
  EXPECT_EQ(computeShiftAdd(1.0f, 0.5f), (ShiftAdd{1 << 20, 1 << 19, 20}));
  EXPECT_EQ(computeShiftAdd(1.0f, -0.5f), (ShiftAdd{1 << 20, -(1 << 19), 20}));
  EXPECT_EQ(computeShiftAdd(0x1p-10f, 0x1p-10f),
            (ShiftAdd{1 << 20, 1 << 20, 30}));
  EXPECT_EQ(computeShiftAdd(0x1.fp7f, 1.0f), (ShiftAdd{0x1f0000, 1 << 13, 13}));
  // The largest ratio rounds up to 2^21.
  EXPECT_EQ(computeShiftAdd(0x1.fffffep0f, 1.0f).lhs, 1 << 21);

  const ShiftAdd half = computeShiftAdd(0.5f, 0.5f);
  EXPECT_EQ(applyShiftAdd(half, 1, 0, 0, 0, 0), 1);   // 0.5 up
  EXPECT_EQ(applyShiftAdd(half, -1, 0, 0, 0, 0), 0);  // -0.5 up
  EXPECT_EQ(applyShiftAdd(half, -3, 0, 0, 0, 0), -1); // -1.5 up
  EXPECT_EQ(applyShiftAdd(half, 10, 4, -6, -8, 100), 104);
  EXPECT_EQ(applyShiftAdd(half, 10, 4, -6, -8, 100, -128, 102), 102);
  const ShiftAdd wide = computeShiftAdd(255.0f, 255.0f);
  EXPECT_EQ(applyShiftAdd(wide, 127, -128, 127, -128, 0), 127);
  EXPECT_EQ(applyShiftAdd(wide, -128, 127, -128, 127, 0), -128);
  // Largest intermediates: no overflow of int32.
  const ShiftAdd largest = computeShiftAdd(0x1.fffffep-10f, 0x1.fffffep-10f);
  EXPECT_EQ(applyShiftAdd(largest, 127, -128, 127, -128, 0), 1);
  EXPECT_EQ(applyShiftAdd(largest, -128, 127, -128, 127, 0), -1);
}

TEST(Requantize, Reduce) {
  const float mean = meanMultiplier(0.5f, 0.25f, 4);
  EXPECT_EQ(mean, 0.5f);
  EXPECT_EQ(applyReduce(1 + 2 + 3 + 5, 4, 0, mean, 0), 6); // 5.5 to even
  EXPECT_EQ(applyReduce(1 + 2 + 3 + 3, 4, 0, mean, 0), 4); // 4.5 to even
  EXPECT_EQ(applyReduce(4 * -128, 4, -128, mean, -7), -7);
  EXPECT_EQ(applyReduce(4 * 127, 4, -128, mean, 0), 127);
  EXPECT_EQ(sumMultiplier(0.5f, 0.25f), 2.0f);
  EXPECT_EQ(applyReduce(10, 4, 1, 2.0f, 5, 0, 15), 15);
}

TEST(Requantize, MeanMultipliesByTheReciprocal) {
  const volatile float ratio = 0.7f, reciprocal = 1.0f / 41;
  EXPECT_EQ(meanMultiplier(0.7f, 1.0f, 41), ratio * reciprocal);
  EXPECT_NE(meanMultiplier(0.7f, 1.0f, 41), ratio / 41);
}

TEST(Requantize, Q8) {
  EXPECT_EQ(q8Multiplier(1.0f, 1.0f), 256);
  EXPECT_EQ(q8Multiplier(kMinConvertRatio, 1.0f), 1);
  EXPECT_EQ(q8Multiplier(kMaxConvertRatio, 1.0f), 32768);
  EXPECT_EQ(q8Multiplier(0x1.8p-8f, 1.0f), 2); // 1.5 to even
  EXPECT_EQ(applyQ8(1, 0, 128, 0), 1);         // 0.5 up
  EXPECT_EQ(applyQ8(-1, 0, 128, 0), 0);        // -0.5 up
  EXPECT_EQ(applyQ8(-3, 0, 128, 0), -1);       // -1.5 up
  EXPECT_EQ(applyQ8(127, -128, 32768, -128), 127);
  EXPECT_EQ(applyQ8(-128, 127, 32768, 127), -128);
  EXPECT_EQ(applyQ8(20, 10, 256, 3, -128, 12), 12);
}

TEST(Requantize, Quantize) {
  EXPECT_EQ(quantizeValue(0.5f, 1.0f, 0), 0);
  EXPECT_EQ(quantizeValue(1.5f, 1.0f, 0), 2);
  EXPECT_EQ(quantizeValue(-2.5f, 1.0f, 1), -1);
  EXPECT_EQ(quantizeValue(INFINITY, 1.0f, -128), 127);
  EXPECT_EQ(quantizeValue(-INFINITY, 1.0f, 127), -128);
  EXPECT_EQ(quantizeValue(NAN, 1.0f, 11), 11);
  EXPECT_EQ(quantizeValue(NAN, 1.0f, 11, 20, 30), 20);
  EXPECT_EQ(quantizeValue(-200.0f, 1.0f, 0, -127, 127), -127);
  EXPECT_EQ(dequantizeValue(-128, 0.5f, 127), -127.5f);
  EXPECT_EQ(dequantizeValue(127, 0.25f, -128), 63.75f);
}

TEST(Requantize, MultipliesByTheReciprocal) {
  // The quotient is 7.4999995 and the product 7.5, which goes to the even 8.
  EXPECT_EQ(std::lrintf(2.25f / 0.3f), 7);
  EXPECT_EQ(quantizeValue(2.25f, 1.0f / 0.3f, 0), 8);
}

TEST(Requantize, Bound) {
  EXPECT_EQ(quantizedBound(6.0f, 0.5f, -10), 2);
  EXPECT_EQ(quantizedBound(0.25f, 0.5f, 0), 0); // 0.5 to even
  EXPECT_EQ(quantizedBound(0.75f, 0.5f, 0), 2); // 1.5 to even
  EXPECT_EQ(quantizedBound(0.25f, 0.5f, 1), 2); // 0.5 + 1 to even
  EXPECT_EQ(quantizedBound(INFINITY, 0.5f, 3), 127);
  EXPECT_EQ(quantizedBound(-INFINITY, 0.5f, 3), -128);
}

TEST(Requantize, Table) {
  // Ties away from zero, after the zero point is added.
  const UnaryFunction identity = {UnaryKind::Clamp, -INFINITY, INFINITY};
  const Table half = buildTable(identity, 0.5f, 0, 1.0f, 0);
  EXPECT_EQ(lookup(half, 1), 1);   // 0.5
  EXPECT_EQ(lookup(half, -1), -1); // -0.5
  EXPECT_EQ(lookup(half, 3), 2);   // 1.5
  EXPECT_EQ(lookup(half, 5), 3);   // 2.5
  const Table shifted = buildTable(identity, 0.5f, 0, 1.0f, 1);
  EXPECT_EQ(lookup(shifted, -1), 1);  // 0.5
  EXPECT_EQ(lookup(shifted, -3), -1); // -0.5
  // Saturation, and the index is the byte.
  const Table wide = buildTable(identity, 4.0f, -128, 1.0f, -128);
  EXPECT_EQ(lookup(wide, -128), -128);
  EXPECT_EQ(lookup(wide, 127), 127);
  EXPECT_EQ(wide[0x80], -128);
  EXPECT_EQ(wide[0x81], -124);

  const Table sigmoid =
      buildTable({UnaryKind::Sigmoid}, 0.1f, 0, 1.0f / 256, -128);
  EXPECT_EQ(lookup(sigmoid, 0), 0);
  EXPECT_EQ(lookup(sigmoid, 127), 127);
  EXPECT_EQ(lookup(sigmoid, -128), -128);
}

TEST(Requantize, Legality) {
  EXPECT_TRUE(isLegalScale(kMinScale));
  EXPECT_TRUE(isLegalScale(kMaxScale));
  EXPECT_FALSE(isLegalScale(0.0f));
  EXPECT_FALSE(isLegalScale(-1.0f));
  EXPECT_FALSE(isLegalScale(NAN));
  EXPECT_FALSE(isLegalScale(INFINITY));
  EXPECT_FALSE(isLegalScale(kMinScale / 2));
  EXPECT_TRUE(isLegalZeroPoint(-128));
  EXPECT_FALSE(isLegalZeroPoint(128));
  EXPECT_TRUE(isLegalRequantMultiplier(kMinRequantMultiplier));
  EXPECT_FALSE(isLegalRequantMultiplier(kMinRequantMultiplier / 2));
  EXPECT_FALSE(isLegalRequantMultiplier(kRequantMultiplierLimit));
  EXPECT_FALSE(isLegalRequantMultiplier(NAN));
  EXPECT_TRUE(isLegalAddRatio(kMinAddRatio));
  EXPECT_TRUE(isLegalAddRatio(-kMinAddRatio));
  EXPECT_FALSE(isLegalAddRatio(kMinAddRatio / 2));
  EXPECT_FALSE(isLegalAddRatio(kAddRatioLimit));
  EXPECT_FALSE(isLegalAddRatio(NAN));
  EXPECT_TRUE(isLegalConvertRatio(kMinConvertRatio));
  EXPECT_TRUE(isLegalConvertRatio(kMaxConvertRatio));
  EXPECT_FALSE(isLegalConvertRatio(kMaxConvertRatio * 1.001f));
  EXPECT_FALSE(isLegalConvertRatio(kMinConvertRatio * 0.999f));
  EXPECT_TRUE(isLegalReduction(kMaxReducedElements));
  EXPECT_FALSE(isLegalReduction(kMaxReducedElements + 1));
  EXPECT_FALSE(isLegalReduction(0));
  EXPECT_TRUE(isLegalReduceMultiplier(1e-30f));
  EXPECT_FALSE(isLegalReduceMultiplier(1e-40f));
  EXPECT_FALSE(isLegalReduceMultiplier(-1.0f));
  EXPECT_TRUE(isLegalAccumulation(65000));
  EXPECT_FALSE(isLegalAccumulation(kMaxAccumulatedProducts + 1));
}
