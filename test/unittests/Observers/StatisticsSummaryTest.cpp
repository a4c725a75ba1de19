// This file tests what a person is told of recorded statistics.
#include "npir/Observers/StatisticsSummary.h"
#include "RandomData.h"
#include "npir/Observers/TensorRecorder.h"
#include "gtest/gtest.h"
#include <numeric>

using namespace mlir::npir;

namespace {

TensorStatistics record(const std::vector<float> &values) {
  TensorRecorder recorder;
  SampleBlock block;
  block.data = values.data();
  block.samples = 1;
  block.sample = {values.size(), 1, 1};
  recorder.record(block);
  recorder.endBatch({0, true});
  return recorder.take();
}

TEST(StatisticsSummary, OfATensor) {
  std::vector<float> values(10000, 0.0f);
  for (size_t i = 0; i < 5000; ++i)
    values[i] = float(i % 100) / 100.0f + 1.0f;
  values[0] = 20.0f;
  values[1] = std::nanf("");
  TensorSummary summary = TensorSummary::get(record(values));
  EXPECT_EQ(summary.count, 10000u);
  EXPECT_EQ(summary.nonFinite, 1u);
  EXPECT_EQ(summary.min, 0.0f);
  EXPECT_EQ(summary.max, 20.0f);
  EXPECT_NEAR(*summary.mean, 0.7494, 1e-3);
  EXPECT_NEAR(*summary.deviation, 0.80, 0.01);
  EXPECT_NEAR(*summary.zeroShare, 0.5, 1e-3);
  EXPECT_EQ(summary.middle->lo, 0.0);
  EXPECT_NEAR(summary.middle->hi, 1.99, 0.01);
  EXPECT_NEAR(*summary.stretch, 20 / 1.99, 0.1);
}

// Sums of squares end at 2^130, and their unit is 2^-80: the bins tell there.
TEST(StatisticsSummary, OfExtremeSizes) {
  std::mt19937 random(3);
  std::vector<float> values = makeValues(Shape::Gauss, 20000, random);
  for (float &x : values)
    x = x / 8 + 1;
  TensorSummary plain = TensorSummary::get(record(values));
  ASSERT_NEAR(*plain.deviation, 0.125, 0.01);
  for (float scale : {0x1p126f, 1e38f, 0x1p70f, 0x1p58f, 0x1p-28f, 0x1p-60f}) {
    std::vector<float> scaled = values;
    for (float &x : scaled)
      x *= scale;
    TensorSummary summary = TensorSummary::get(record(scaled));
    EXPECT_NEAR(*summary.mean / scale, *plain.mean, 2e-4) << scale;
    EXPECT_NEAR(*summary.deviation / scale, *plain.deviation, 2e-4) << scale;
  }
}

TEST(StatisticsSummary, OfWhatIsNotThere) {
  TensorSummary none = TensorSummary::get(TensorStatistics());
  EXPECT_EQ(none.count, 0u);
  EXPECT_FALSE(none.min || none.mean || none.zeroShare || none.stretch);
  TensorStatistics plain;
  plain.update({1.0f, -3.0f});
  TensorSummary extrema = TensorSummary::get(plain);
  EXPECT_EQ(extrema.min, -3.0f);
  EXPECT_FALSE(extrema.mean || extrema.middle);
  EXPECT_FALSE(getDistance(plain, record({1.0f})));
  EXPECT_TRUE(getShares(plain, 4).empty());
  // All zeros: no size that an outlier could exceed.
  EXPECT_FALSE(TensorSummary::get(record({0.0f, 0.0f})).stretch);
}

TEST(StatisticsSummary, Distance) {
  std::mt19937 random(1);
  std::vector<float> values = makeValues(Shape::Gauss, 20000, random);
  TensorStatistics gauss = record(values);
  EXPECT_EQ(getDistance(gauss, gauss), 0.0);
  // Another range and so another grid; that of the shifted one is known:
  // 2 * Phi(0.5) - 1.
  for (float &x : values)
    x += 1.0f;
  TensorStatistics shifted = record(values);
  EXPECT_NEAR(*getDistance(gauss, shifted), 0.383, 0.01);
  EXPECT_EQ(getDistance(gauss, shifted), getDistance(shifted, gauss));
  for (float &x : values)
    x += 1000.0f;
  EXPECT_EQ(getDistance(gauss, record(values)), 1.0);
}

TEST(StatisticsSummary, Shares) {
  std::mt19937 random(2);
  std::vector<double> shares =
      getShares(record(makeValues(Shape::Gauss, 50000, random)), 21);
  ASSERT_EQ(shares.size(), 21u);
  EXPECT_NEAR(std::accumulate(shares.begin(), shares.end(), 0.0), 1.0, 1e-9);
  EXPECT_GT(shares[10], shares[4]);
  // One value.
  EXPECT_EQ(getShares(record({3.0f, 3.0f}), 3),
            std::vector<double>({1.0, 0.0, 0.0}));
  // Zeros, and a value in the last part.
  shares = getShares(record({0.0f, 0.0f, 0.0f, 1.0f}), 4);
  EXPECT_EQ(shares[0], 0.75);
  EXPECT_NEAR(shares[3], 0.25, 1e-12);
}

} // namespace
