// This file tests percentiles against sorted values: of constants, of pooled
// and of averaged batches, of channels, and where there is nothing to cut.
#include "RandomData.h"
#include "npir/Observers/Observer.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

ObserverParams percentile(double alpha,
                          std::optional<double> sigma = std::nullopt) {
  ObserverParams params;
  params.kind = ObserverParams::Kind::Percentile;
  params.alpha = alpha;
  params.sigma = sigma;
  return params;
}

std::vector<float> sortFinite(std::vector<float> values) {
  llvm::erase_if(values, [](float x) { return !std::isfinite(x); });
  for (float &x : values)
    x = std::fabs(x) < 0x1p-126f ? 0.0f : x;
  std::sort(values.begin(), values.end());
  return values;
}

/// By sorting and the definition of type 7.
RealRange sortedRange(std::vector<float> values, double alpha) {
  values = sortFinite(std::move(values));
  auto quantile = [&](double p) {
    double h = double(values.size() - 1) * p;
    size_t k = std::min(size_t(h), values.size() - 1);
    double next = values[std::min(k + 1, values.size() - 1)];
    return values[k] + (h - double(k)) * (next - values[k]);
  };
  return {quantile(1 - alpha), quantile(alpha)};
}

void expectNear(RealRange got, RealRange expected, double slack) {
  EXPECT_NEAR(got.lo, expected.lo, slack);
  EXPECT_NEAR(got.hi, expected.hi, slack);
}

TEST(Percentile, OfConstantsIsExact) {
  std::mt19937 random(1);
  for (double alpha : {0.9, 0.999, 0.99999}) {
    for (ChannelView view : {ChannelView{1, 1, 1},
                             {1, 1, 501},
                             {1, 7, 100},
                             {40, 5, 1},
                             {3, 4, 50}}) {
      std::vector<float> values =
          makeValues(Shape::Damaged, view.size(), random);
      values[0] = 0.5f; // something finite
      auto ranges = deriveExactRanges(values.data(), view, percentile(alpha),
                                      QuantFormat());
      ASSERT_EQ(ranges.size(), view.channels);
      for (size_t c = 0; c < view.channels; ++c) {
        std::vector<float> channel;
        for (size_t i = 0; i < values.size(); ++i)
          if (i / view.inner % view.channels == c)
            channel.push_back(values[i]);
        if (sortFinite(channel).empty()) {
          EXPECT_FALSE(ranges[c]);
          continue;
        }
        expectNear(*ranges[c], sortedRange(channel, alpha), 1e-12);
      }
    }
  }
}

TEST(Percentile, OfConstantsByMinMax) {
  const float values[] = {3, -1, NAN, 2, INFINITY, NAN};
  auto ranges = deriveExactRanges(values, {1, 3, 2}, {}, QuantFormat());
  EXPECT_EQ(*ranges[0], (RealRange{-1, 3}));
  EXPECT_EQ(*ranges[1], (RealRange{2, 2}));
  EXPECT_FALSE(ranges[2]);
}

/// All of what statistics and observers say, for random batches.
TEST(Percentile, OfBatchesMatchesSorting) {
  std::mt19937 random(2);
  for (Shape shape : kShapes) {
    // On the grid of recorded tails, and 0.9995 as text is read.
    for (double alpha : {0.9, 0.95, 0.99, 0.995, 0.999, 0.9995, 0.99999}) {
      std::vector<float> all;
      TensorStatistics statistics;
      Observer observer(percentile(alpha, 0.3), {8, true, false},
                        QuantScheme::Affine);
      std::optional<RealRange> average;
      double bin = 0;
      for (uint64_t index = 0; index < 6; ++index) {
        std::vector<float> batch =
            makeValues(shape, 100 + random() % 3000, random);
        for (float &x : batch)
          x *= float(1 + random() % 4);
        statistics.record(batch, {index, index % 2 == 0});
        observer.update(batch);
        RealRange range = sortedRange(batch, alpha);
        if (!average)
          average = range;
        average->lo += 0.3 * (range.lo - average->lo);
        average->hi += 0.3 * (range.hi - average->hi);
        all.insert(all.end(), batch.begin(), batch.end());
        bin = statistics.histogram.binWidth();
      }
      SCOPED_TRACE(alpha);
      expectNear(deriveRange(statistics, percentile(alpha), QuantFormat()),
                 sortedRange(all, alpha), bin);
      expectNear(deriveRange(statistics, percentile(alpha, 0.3), QuantFormat()),
                 *average, 1.07 * bin);
      QuantParams exact =
          computeQuantParams(*average, {8, true, false}, QuantScheme::Affine);
      llvm::Expected<QuantParams> got = observer.getQuantizationParams();
      ASSERT_TRUE(bool(got));
      EXPECT_FLOAT_EQ(got->scale, exact.scale);
      EXPECT_EQ(got->zeroPoint, exact.zeroPoint);
    }
  }
}

/// The order of the data set decides, not that of the calls.
TEST(Percentile, SigmaFollowsTheDataSet) {
  TensorStatistics statistics;
  statistics.record({4.0f}, {2, true});
  statistics.record({1.0f}, {0, true});
  statistics.record({2.0f}, {1, false});
  EXPECT_DOUBLE_EQ(
      deriveRange(statistics, percentile(0.99, 0.5), QuantFormat()).hi, 2.75);
  // 0: the first batch; 1: the last.
  EXPECT_EQ(deriveRange(statistics, percentile(0.99, 0.0), QuantFormat()).hi,
            1.0);
  EXPECT_EQ(deriveRange(statistics, percentile(0.99, 1.0), QuantFormat()).hi,
            4.0);
}

/// Between two recorded tails a batch's percentile is between theirs.
TEST(Percentile, OtherAlphasAreInterpolated) {
  std::mt19937 random(3);
  std::vector<float> values = makeValues(Shape::Gauss, 200000, random);
  TensorStatistics statistics;
  statistics.record(values, {0, true});
  for (double tail : {1.2e-5, 6e-4, 3.5e-3, 0.09}) {
    RealRange got =
        deriveRange(statistics, percentile(1 - tail, 0.1), QuantFormat());
    RealRange exact = sortedRange(values, 1 - tail);
    expectNear(got, exact, 0.03 * exact.hi);
    EXPECT_GT(got.hi,
              deriveRange(statistics, percentile(0.9, 0.1), QuantFormat()).hi);
  }
}

TEST(Percentile, OfChannels) {
  std::mt19937 random(4);
  constexpr size_t kRows = 20000, kChannels = 3;
  std::vector<float> values =
      makeValues(Shape::Gauss, kRows * kChannels, random);
  for (size_t i = 0; i < values.size(); i += kChannels)
    values[i] *= 100.0f;
  for (size_t i = 2; i < values.size(); i += kChannels)
    values[i] = NAN;
  ChannelView view{kRows, kChannels, 1};
  TensorStatistics statistics;
  statistics.record(values.data(), view, {0, true}, true);
  for (double alpha : {0.99, 0.9995}) {
    auto ranges =
        deriveChannelRanges(statistics, percentile(alpha), QuantFormat());
    for (size_t c = 0; c < 2; ++c) {
      std::vector<float> channel;
      for (size_t i = c; i < values.size(); i += kChannels)
        channel.push_back(values[i]);
      expectNear(ranges[c], sortedRange(channel, alpha),
                 statistics.channelHistograms[c].binWidth());
    }
    EXPECT_EQ(ranges[2], RealRange());
    EXPECT_EQ(countChannelsOfFewValues(statistics, percentile(alpha)), 0u);
  }
  // 20000 * 1e-4 < 4 values beyond each end: the extrema.
  auto ranges =
      deriveChannelRanges(statistics, percentile(0.9999), QuantFormat());
  EXPECT_EQ(ranges[0].hi, statistics.channelMax[0]);
  EXPECT_EQ(ranges[1].lo, statistics.channelMin[1]);
  EXPECT_EQ(countChannelsOfFewValues(statistics, percentile(0.9999)), 2u);
}

TEST(Percentile, ObserverOfChannels) {
  std::mt19937 random(5);
  std::vector<float> first = makeValues(Shape::Gauss, 4000, random);
  std::vector<float> second = makeValues(Shape::Heavy, 4000, random);
  ChannelView view{1, 2, 2000};
  Observer observer(percentile(0.99, 0.25), {8, true, false},
                    QuantScheme::Symmetric);
  observer.update(first, view);
  observer.update(second, view);
  auto params = observer.getChannelQuantizationParams();
  ASSERT_TRUE(bool(params));
  for (size_t c = 0; c < 2; ++c) {
    auto channel = [&](const std::vector<float> &values) {
      return sortedRange(
          {values.begin() + c * 2000, values.begin() + (c + 1) * 2000}, 0.99);
    };
    RealRange a = channel(first), b = channel(second);
    RealRange range = {a.lo + 0.25 * (b.lo - a.lo),
                       a.hi + 0.25 * (b.hi - a.hi)};
    EXPECT_FLOAT_EQ(
        (*params)[c].scale,
        computeQuantParams(range, {8, true, false}, QuantScheme::Symmetric)
            .scale);
  }
  // Without sigma: all batches together, by histogram.
  Observer pooled(percentile(0.99), {8, true, false}, QuantScheme::Symmetric);
  pooled.update(first, view);
  pooled.update(second, view);
  params = pooled.getChannelQuantizationParams();
  ASSERT_TRUE(bool(params));
  EXPECT_NE((*params)[0].scale, (*params)[1].scale);
}

/// Nearly all zeros: percentiles of zero would erase the tensor.
TEST(Percentile, OfNearlyAllZerosIsThatOfTheExtrema) {
  std::vector<float> values(20000, 0.0f);
  values[7] = 3.0f;
  values[8] = -1.0f;
  RealRange extrema{-1.0, 3.0};
  ObserverParams params = percentile(0.9995);
  EXPECT_EQ(*deriveExactRanges(values.data(), {1, 1, values.size()}, params,
                               QuantFormat())[0],
            extrema);
  TensorStatistics statistics;
  statistics.record(values.data(), {values.size(), 1, 1}, {0, true}, true);
  EXPECT_EQ(deriveRange(statistics, params, QuantFormat()), extrema);
  EXPECT_EQ(deriveChannelRanges(statistics, params, QuantFormat())[0], extrema);
  EXPECT_EQ(deriveRange(statistics, percentile(0.9995, 0.1), QuantFormat()),
            extrema);
}

TEST(Percentile, WhatIsMissing) {
  const float data[] = {1, 2, 3, 4};
  TensorStatistics plain, channels, recorded, all;
  plain.update(data);
  channels.update(data, {2, 2, 1});
  recorded.record(data, {2, 2, 1}, {0, true}, false);
  all.record(data, {2, 2, 1}, {0, true}, true);
  ObserverParams p = percentile(0.99);
  EXPECT_EQ(getMissing(plain, {}, false), "");
  EXPECT_EQ(getMissing(plain, {}, true), "channels");
  EXPECT_EQ(getMissing(plain, p, false), "a histogram");
  EXPECT_EQ(getMissing(channels, {}, true), "");
  EXPECT_EQ(getMissing(recorded, p, false), "");
  EXPECT_EQ(getMissing(recorded, p, true), "histograms of channels");
  EXPECT_EQ(getMissing(all, p, true), "");
}

TEST(ObserverParams, Equality) {
  ObserverParams minmax, other;
  other.alpha = 0.99;
  EXPECT_TRUE(minmax == other);
  EXPECT_FALSE(minmax == percentile(0.99));
  EXPECT_FALSE(percentile(0.99) == percentile(0.999));
  EXPECT_FALSE(percentile(0.99) == percentile(0.99, 0.0));
  EXPECT_TRUE(percentile(0.99, 0.1) == percentile(0.99, 0.1));
}

} // namespace
