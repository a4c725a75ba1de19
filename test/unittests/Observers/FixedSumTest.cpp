// This file tests sums that do not depend on the order of their summands.
#include "npir/Observers/FixedSum.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

using namespace mlir::npir;

namespace {

FixedSum sumOf(std::initializer_list<double> values) {
  FixedSum sum;
  for (double value : values)
    sum.add(value);
  return sum;
}

TEST(FixedSum, IsExact) {
  EXPECT_EQ(sumOf({}).toDouble(), 0.0);
  EXPECT_EQ(sumOf({1.5, -0.25}).toDouble(), 1.25);
  EXPECT_EQ(sumOf({-1.0}).toDouble(), -1.0);
  // A sum of doubles loses the 1.
  EXPECT_EQ(sumOf({0x1p100, 1.0, -0x1p100}).toDouble(), 1.0);
  EXPECT_EQ(sumOf({0x1p-80, 0x1p60, -0x1p60}).toDouble(), 0x1p-80);
  // Half a unit goes to the even neighbour.
  EXPECT_EQ(sumOf({0x1p-81}), FixedSum());
  EXPECT_EQ(sumOf({0x1.8p-80}).toDouble(), 0x1p-79);
  EXPECT_EQ(sumOf({1e-300}), FixedSum());
}

TEST(FixedSum, HugeSummandsAreCut) {
  EXPECT_EQ(sumOf({1e300}).toDouble(), 0x1p130);
  EXPECT_EQ(sumOf({INFINITY, -INFINITY, 2.0}).toDouble(), 2.0);
  EXPECT_EQ(sumOf({-0x1p130, -0x1p130}).toDouble(), -0x1p131);
}

TEST(FixedSum, OrderDoesNotMatter) {
  std::mt19937 random(1);
  std::normal_distribution<double> normal;
  std::vector<double> values;
  for (int i = 0; i < 1000; ++i)
    values.push_back(std::ldexp(normal(random), int(random() % 150) - 60));
  FixedSum expected;
  for (double value : values)
    expected.add(value);
  for (unsigned trial = 0; trial < 20; ++trial) {
    std::shuffle(values.begin(), values.end(), random);
    FixedSum parts[3], sum;
    for (double value : values)
      parts[random() % 3].add(value);
    for (const FixedSum &part : parts)
      sum.add(part);
    EXPECT_EQ(sum, expected);
    FixedSum back;
    ASSERT_TRUE(back.parse(sum.toString()));
    EXPECT_EQ(back, sum);
  }
}

TEST(FixedSum, Text) {
  EXPECT_EQ(sumOf({}).toString(), "0");
  EXPECT_EQ(sumOf({0x1p-80, 0x1p-76}).toString(), "11");
  EXPECT_EQ(sumOf({-0x1p-80}).toString(), "-1");
  EXPECT_EQ(sumOf({1.0}).toString(), "1" + std::string(20, '0'));
  FixedSum sum;
  for (const char *text : {"", "-", "1g", "0x1", "--1", " 1"})
    EXPECT_FALSE(sum.parse(text)) << text;
  EXPECT_FALSE(sum.parse(std::string(64, '0')));
  EXPECT_TRUE(sum.parse(std::string(63, 'f')));
  EXPECT_EQ(sum.toString(), std::string(63, 'f'));
}

TEST(Moments, MeanAndDeviation) {
  Moments moments;
  EXPECT_EQ(moments.mean(), 0.0);
  EXPECT_EQ(moments.deviation(), 0.0);
  moments.count = 4;
  for (double x : {1.0, 1.0, 3.0, 3.0}) {
    moments.sum.add(x);
    moments.squares.add(x * x);
  }
  EXPECT_EQ(moments.mean(), 2.0);
  EXPECT_EQ(moments.meanSquare(), 5.0);
  EXPECT_EQ(moments.deviation(), 1.0);
}

} // namespace
