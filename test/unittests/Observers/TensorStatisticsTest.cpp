// This file tests that statistics count right and merge exactly.
#include "npir/Observers/TensorStatistics.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <random>

using namespace mlir::npir;

namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

/// The definition, one value after the other.
TensorStatistics countSlowly(const std::vector<float> &data, ChannelView view) {
  TensorStatistics result;
  result.channelMin.assign(view.channels, kInf);
  result.channelMax.assign(view.channels, -kInf);
  for (size_t i = 0; i < data.size(); ++i) {
    ++result.count;
    float x = data[i];
    if (std::isnan(x)) {
      ++result.nanCount;
      continue;
    }
    if (std::isinf(x)) {
      ++(x > 0 ? result.posInfCount : result.negInfCount);
      continue;
    }
    if (std::fabs(x) < 0x1p-126f)
      x = 0.0f;
    size_t channel = i / view.inner % view.channels;
    result.channelMin[channel] = std::fmin(result.channelMin[channel], x);
    result.channelMax[channel] = std::fmax(result.channelMax[channel], x);
    result.minVal = std::fmin(result.minVal, x);
    result.maxVal = std::fmax(result.maxVal, x);
  }
  result.dropDistribution();
  return result;
}

std::vector<float> makeData(size_t size, bool withNonFinite,
                            std::mt19937 &random) {
  std::normal_distribution<float> normal;
  std::vector<float> data(size);
  for (float &x : data) {
    x = normal(random);
    if (withNonFinite && random() % 50 == 0) {
      const float special[] = {std::nanf(""), kInf, -kInf, 1e-40f, -0.0f};
      x = special[random() % 5];
    }
  }
  return data;
}

const ChannelView kViews[] = {
    {1, 1, 1},    {1, 1, 20000}, {20000, 1, 1}, {3000, 3, 1}, {997, 10, 1},
    {41, 64, 1},  {100, 65, 1},  {7, 5000, 1},  {1, 16, 72},  {3, 5, 7},
    {2, 4, 5000}, {1, 3, 1},     {5, 100, 1},
};

TEST(TensorStatistics, EqualsTheDefinition) {
  std::mt19937 random(11);
  for (ChannelView view : kViews) {
    for (bool withNonFinite : {false, true}) {
      std::vector<float> data = makeData(view.size(), withNonFinite, random);
      TensorStatistics expected = countSlowly(data, view);
      TensorStatistics got;
      got.update(data.data(), view);
      EXPECT_TRUE(got == expected)
          << view.outer << "x" << view.channels << "x" << view.inner;

      TensorStatistics whole;
      whole.update(data);
      expected.channelMin.clear();
      expected.channelMax.clear();
      EXPECT_TRUE(whole == expected);
    }
  }
}

TEST(TensorStatistics, NegativeZeroAndDenormalsAreZero) {
  TensorStatistics statistics;
  statistics.update({-0.0f, -1e-40f, 1e-40f});
  EXPECT_FALSE(std::signbit(statistics.minVal));
  EXPECT_FALSE(std::signbit(statistics.maxVal));
  EXPECT_EQ(statistics.minVal, 0.0f);
  EXPECT_EQ(statistics.maxVal, 0.0f);
  statistics.update({0x1p-126f});
  EXPECT_EQ(statistics.maxVal, 0x1p-126f);
}

TEST(TensorStatistics, Counts) {
  TensorStatistics statistics;
  EXPECT_FALSE(statistics.isObserved());
  statistics.update({std::nanf(""), kInf, kInf, -kInf});
  EXPECT_FALSE(statistics.isObserved());
  EXPECT_EQ(statistics.count, 4u);
  EXPECT_EQ(statistics.nonFiniteCount(), 4u);
  statistics.update({2.0f});
  EXPECT_TRUE(statistics.isObserved());
  EXPECT_EQ(statistics.finiteCount(), 1u);
  EXPECT_EQ(statistics.posInfCount, 2u);
}

TEST(TensorStatistics, MergeEqualsOnePassInAnyOrder) {
  std::mt19937 random(5);
  ChannelView view{50, 6, 1};
  std::vector<TensorStatistics> parts;
  TensorStatistics whole;
  for (unsigned i = 0; i < 4; ++i) {
    std::vector<float> data = makeData(view.size(), i % 2, random);
    parts.emplace_back().update(data.data(), view);
    whole.update(data.data(), view);
  }
  parts.emplace_back(); // nothing seen: changes nothing
  std::vector<unsigned> order{0, 1, 2, 3, 4};
  do {
    TensorStatistics merged;
    for (unsigned i : order)
      ASSERT_FALSE(bool(merged.merge(parts[i])));
    EXPECT_TRUE(merged == whole);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(TensorStatistics, ChannelsNeedEveryPart) {
  const float data[] = {1, 2, 3, 4};
  TensorStatistics channels, plain;
  channels.update(data, {2, 2, 1});
  plain.update(data);
  TensorStatistics a = channels, b = plain;
  ASSERT_FALSE(bool(a.merge(plain)));
  ASSERT_FALSE(bool(b.merge(channels)));
  EXPECT_TRUE(a.channelMin.empty());
  EXPECT_TRUE(a == b);
  // The same by updates.
  plain.update(data, {2, 2, 1});
  channels.update(data);
  EXPECT_TRUE(plain == a);
  EXPECT_TRUE(channels == a);
}

TEST(TensorStatistics, OtherNumberOfChannelsIsAnError) {
  const float data[] = {1, 2, 3, 4};
  TensorStatistics two, four;
  two.update(data, {2, 2, 1});
  four.update(data, {1, 4, 1});
  TensorStatistics before = two;
  EXPECT_EQ(llvm::toString(two.merge(four)), "expected 2 channels, got 4");
  EXPECT_TRUE(two == before);
}

} // namespace
