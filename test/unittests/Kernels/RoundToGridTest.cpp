// This file tests the fast rounding to a grid against the scalar arithmetic, to
// the bit, in every instruction set.
#include "npir/Kernels/Fast/RoundToGrid.h"
#include "npir/Kernels/Requantize.h"

#include "gtest/gtest.h"
#include <cstring>
#include <limits>
#include <random>
#include <vector>

using namespace npir_kernels;

namespace {
/// The formula, in the words of npir.quantize and npir.dequantize.
float roundOne(float x, float scale, int32_t zeroPoint, int32_t min,
               int32_t max) {
  float scaled = x * (1.0f / scale);
  if (std::isnan(scaled))
    scaled = 0.0f;
  scaled = std::min(std::max(scaled, float(min - zeroPoint)),
                    float(max - zeroPoint));
  int32_t q = int32_t(std::nearbyint(scaled)) + zeroPoint;
  return float(q - zeroPoint) * scale;
}

/// Compare on every instruction set, from element `first` on.
void check(const std::vector<float> &scales,
           const std::vector<int32_t> &zeroPoints, size_t inner, int32_t min,
           int32_t max, size_t first) {
  std::mt19937 random(7);
  std::normal_distribution<float> normal(0.0f, float(max - min) * 0.3f);
  constexpr float infinity = std::numeric_limits<float>::infinity();
  std::vector<float> input = {0.0f,          -0.0f, infinity, -infinity,
                              std::nanf(""), 0.5f,  -0.5f,    1.5f,
                              2.5f,          1e30f, -1e30f,   1e-40f};
  while (input.size() < 999)
    input.push_back(normal(random) * scales[0]);
  std::vector<float> output(input.size());
  for (fast::InstructionSet set : fast::instructionSets) {
    if (!fast::isSupported(set))
      continue;
    fast::roundToGrid(
        {scales.data(), zeroPoints.data(), scales.size(), inner, min, max},
        first, input.data(), output.data(), input.size(), set);
    for (size_t i = 0; i < input.size(); ++i) {
      size_t channel = (first + i) / inner % scales.size();
      float expected =
          roundOne(input[i], scales[channel], zeroPoints[channel], min, max);
      ASSERT_EQ(std::memcmp(&output[i], &expected, sizeof(float)), 0)
          << input[i] << " in channel " << channel << ": " << output[i]
          << " and not " << expected;
    }
  }
}
} // namespace

TEST(RoundToGrid, OneScale) {
  check({0.1f}, {-128}, 999, -128, 127, 0);
  check({1.0f}, {3}, 999, 0, 15, 5);
  check({0x1p-20f}, {0}, 999, -32768, 32767, 0);
  check({0.37f}, {65535}, 999, 0, 65535, 0);
  check({2.0f}, {1}, 999, -2, 1, 0);
}

TEST(RoundToGrid, ScalesAlongTheLastDimension) {
  check({0.1f, 0.25f, 0.7f}, {-128, 0, 5}, 1, -128, 127, 0);
  check({0.1f, 0.25f, 0.7f}, {0, 0, 7}, 1, -8, 7, 2);
}

TEST(RoundToGrid, ScalesAlongAnotherDimension) {
  check({0.1f, 0.25f, 0.7f}, {-128, 0, 5}, 10, -128, 127, 0);
  check({0.1f, 0.25f, 0.7f}, {-128, 0, 5}, 10, -128, 127, 17);
}

TEST(RoundToGrid, IsQuantizeAndDequantize) {
  const float scale = 0.013f;
  const int32_t zeroPoint = -17;
  for (int i = -1000; i < 1000; ++i) {
    float x = float(i) * 0.0037f, actual;
    fast::roundToGrid({&scale, &zeroPoint, 1, 1, kInt8Min, kInt8Max}, 0, &x,
                      &actual, 1);
    EXPECT_EQ(actual, dequantizeValue(quantizeValue(x, 1.0f / scale, zeroPoint),
                                      scale, zeroPoint));
  }
}
