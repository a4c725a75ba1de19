// This file tests the grids of rows by hand-computed vectors.
#include "npir/Kernels/DynamicQuantization.h"
#include "npir/Kernels/Fast/DynamicQuantize.h"
#include "npir/Kernels/Reference/DynamicLinear.h"
#include <cstring>
#include <gtest/gtest.h>
#include <random>
#include <vector>

using namespace npir_kernels;

TEST(RowGrid, HoldsZeroAndBothEnds) {
  // 255 steps from -1 to 1.55: a step is 0.01, and zero lies at -28.
  RowGrid grid = computeRowGrid(-1.0f, 1.55f);
  EXPECT_FLOAT_EQ(grid.scale, 0.01f);
  EXPECT_EQ(grid.zeroPoint, -28);
  EXPECT_EQ(quantizeInRow(-1.0f, grid), -128);
  EXPECT_EQ(quantizeInRow(1.55f, grid), 127);
  EXPECT_EQ(quantizeInRow(0.0f, grid), -28);
  // Positive rows begin at zero, negative ones end there.
  EXPECT_EQ(computeRowGrid(3.0f, 5.1f).zeroPoint, -128);
  EXPECT_FLOAT_EQ(computeRowGrid(3.0f, 5.1f).scale, 0.02f);
  EXPECT_EQ(computeRowGrid(-5.1f, -3.0f).zeroPoint, 127);
  // Zeros.
  EXPECT_EQ(computeRowGrid(0.0f, 0.0f).scale, 1.0f);
}

TEST(RowGrid, RoundsToEvenAndSaturates) {
  RowGrid grid;
  grid.zeroPoint = 3;
  EXPECT_EQ(quantizeInRow(0.5f, grid), 3);
  EXPECT_EQ(quantizeInRow(1.5f, grid), 5);
  EXPECT_EQ(quantizeInRow(-2.5f, grid), 1);
  EXPECT_EQ(quantizeInRow(1e30f, grid), 127);
  EXPECT_EQ(quantizeInRow(-1e30f, grid), -128);
  EXPECT_EQ(roundInRow(1.5f, grid), 2.0f);
}

TEST(RowGrid, FlushesDenormalNumbers) {
  const float row[] = {1e-40f, -1e-41f};
  EXPECT_EQ(computeRowGrid(row, 2).scale, 1.0f);
  EXPECT_EQ(flushDenormal(1e-40f), 0.0f);
  EXPECT_EQ(flushDenormal(1e-37f), 1e-37f);
}

TEST(Bfloat16, RoundsUp) {
  EXPECT_EQ(roundUpToBfloat16(1.0f), 1.0f);
  EXPECT_EQ(roundUpToBfloat16(0x1.000002p+0f), 0x1.02p+0f);
  EXPECT_EQ(roundUpToBfloat16(0x1.fffffep+0f), 2.0f);
  EXPECT_TRUE(isBfloat16(0x1.02p+0f));
  EXPECT_FALSE(isBfloat16(0.3f));
}

TEST(DynamicLinear, ComputesByHand) {
  // Two rows; the second is of zeros, and gives the bias.
  const float input[] = {2.55f, -2.55f, 1.0f, 0.0f, 0.0f, 0.0f};
  const int8_t weight[] = {1, 2, -3};
  const float scales[] = {0.5f}, bias[] = {0.25f};
  const int64_t in[] = {2, 3}, w[] = {1, 3}, s[] = {1, 1}, out[] = {2, 1};
  float output[2];
  reference::dynamicLinear({input, in, 2}, {weight, w, 2}, {scales, s, 2}, bias,
                           {}, {output, out, 2});
  // A step is 0.02: 127, -128 and 50 steps, so (127 - 256 - 150) * 0.02 * 0.5.
  EXPECT_NEAR(output[0], -2.79f + 0.25f, 0.03f);
  EXPECT_EQ(output[1], 0.25f);
}

TEST(DequantizeGroups, MultipliesByTheGroupsScale) {
  const int8_t weight[] = {1, 2, 3, 4, -1, -2, -3, -4};
  const float scales[] = {1, 10, 100, 1000};
  const int64_t w[] = {2, 4}, s[] = {2, 2};
  float output[8];
  reference::dequantizeGroups({weight, w, 2}, {scales, s, 2}, {output, w, 2});
  const float want[] = {1, 2, 30, 40, -100, -200, -3000, -4000};
  EXPECT_EQ(std::memcmp(output, want, sizeof(want)), 0);
}

TEST(DynamicQuantize, FastIsTheReference) {
  std::mt19937 engine(7);
  std::normal_distribution<float> normal(1.0f, 3.0f);
  for (int64_t count : {1, 5, 16, 33, 1000}) {
    const int64_t shape[] = {20, count};
    std::vector<float> input(size_t(20 * count)), want(input.size()),
        got(input.size());
    for (float &x : input)
      x = normal(engine);
    input[0] = NAN;
    reference::dynamicQuantize({input.data(), shape, 2},
                               {want.data(), shape, 2});
    for (auto set :
         {fast::InstructionSet::Baseline, fast::bestInstructionSet()}) {
      fast::dynamicQuantize(input.data(), got.data(), 20, size_t(count), set);
      EXPECT_EQ(std::memcmp(got.data(), want.data(), got.size() * 4), 0);
    }
  }
}
