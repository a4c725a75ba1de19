// This file tests ranges beyond the vectors: averages over batches, of channels
// and of groups, and what an observer makes of many values.
#include "DerivedRanges.h"
#include "RandomData.h"
#include "npir/Observers/TensorRecorder.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

TEST(DerivedRanges, EMAFollowsTheDataSet) {
  TensorStatistics statistics;
  statistics.record({4.0f, -8.0f}, {2, true});
  statistics.record({1.0f}, {0, true});
  statistics.record({2.0f, -2.0f}, {1, false});
  ObserverParams params = makeParams(Kind::EMA);
  params.sigma = 0.5;
  // The third end moves from 1 to 1.5 to 2.75, the other from 1 to -0.5 to
  // -4.25.
  EXPECT_EQ(deriveRange(statistics, params, kAffine), (RealRange{-4.25, 2.75}));
  params.sigma.reset();
  EXPECT_DOUBLE_EQ(deriveRange(statistics, params, kAffine).hi,
                   1.01 + 0.01 * (4.0 - 1.01));
}

/// Off by a bin at most where the histograms of batches were kept, and by less
/// than 1 % of the range where only their tails were.
TEST(DerivedRanges, PercentilesOfBatches) {
  std::mt19937 random(30);
  ObserverParams params = makeParams(Kind::Percentile);
  params.sigma = 0.3;
  for (double alpha : {0.93, 0.9993, 0.99993}) {
    params.alpha = alpha;
    Observer exact(params, kAffine.grid, kAffine.scheme);
    TensorRecorder recorders[] = {TensorRecorder(), TensorRecorder()};
    for (bool keeps : {false, true}) {
      RecordOptions options;
      options.batchHistograms = keeps;
      recorders[keeps] = TensorRecorder(options);
    }
    for (uint64_t index = 0; index < 4; ++index) {
      std::vector<float> batch = makeValues(Shape::Gauss, 40000, random);
      exact.update(batch);
      for (TensorRecorder &recorder : recorders) {
        recorder.record({batch.data(), index, 1, {1, 1, batch.size()}, 1});
        // The last one stays open.
        recorder.endBatch({index, index < 3});
      }
    }
    QuantParams expected = *exact.getQuantizationParams();
    for (bool keeps : {false, true}) {
      TensorStatistics statistics = recorders[keeps].take();
      RealRange range = deriveRange(statistics, params, kAffine);
      double step = 255.0 * double(expected.scale);
      double slack = keeps ? 2 * statistics.histogram.binWidth() : 0.01 * step;
      EXPECT_NEAR(range.hi - range.lo, step, slack) << alpha;
    }
  }
}

TEST(DerivedRanges, Groups) {
  std::mt19937 random(26);
  // Rows of 10 in groups of 4: the last one of each row has 2.
  std::vector<float> values = makeValues(Shape::Gauss, 3 * 10, random);
  values[9] = NAN;
  values[28] = values[29] = INFINITY;
  for (Kind kind : {Kind::MinMax, Kind::Percentile, Kind::OMSE, Kind::Auto}) {
    ObserverParams params = makeParams(kind);
    auto groups = deriveGroupRanges(values.data(), {1, 3, 10}, 4, params,
                                    kWeight, twoThreads);
    ASSERT_EQ(groups.size(), 9u);
    for (size_t row = 0; row < 3; ++row)
      for (size_t group = 0; group < 3; ++group) {
        size_t size = group == 2 ? 2 : 4;
        auto alone = deriveExactRanges(values.data() + row * 10 + group * 4,
                                       {1, 1, size}, params, kWeight)[0];
        EXPECT_EQ(groups[row * 3 + group], alone);
        EXPECT_EQ(alone.has_value(), row != 2 || group != 2);
      }
  }
  // Channels last: a channel's values are apart, and its groups are of them.
  auto last = deriveGroupRanges(values.data(), {10, 3, 1}, 4,
                                makeParams(Kind::MinMax), kWeight);
  ASSERT_EQ(last.size(), 9u);
  EXPECT_EQ(last[2 * 3 + 1]->hi,
            std::max({values[14], values[17], values[20], values[23]}));
  // A group as long as a channel, or longer, is the channel.
  EXPECT_EQ(deriveGroupRanges(values.data(), {1, 3, 10}, 64,
                              makeParams(Kind::OMSE), kWeight),
            deriveExactRanges(values.data(), {1, 3, 10}, makeParams(Kind::OMSE),
                              kWeight));
}

TEST(DerivedRanges, ChannelsFromStatistics) {
  std::mt19937 random(27);
  constexpr size_t kRows = 20000, kChannels = 3;
  std::vector<float> values =
      makeValues(Shape::Gauss, kRows * kChannels, random);
  for (size_t i = 0; i < values.size(); i += kChannels)
    values[i] *= 100.0f;
  for (size_t i = 2; i < values.size(); i += kChannels)
    values[i] = NAN;
  ChannelView view{kRows, kChannels, 1};
  TensorStatistics statistics, few;
  statistics.record(values.data(), view, {0, true}, true);
  few.record(values.data(), {1000, kChannels, 1}, {0, true}, true);
  for (QuantFormat format :
       {kWeight, QuantFormat{{4, true, true}, QuantScheme::Symmetric}})
    for (Kind kind : {Kind::OMSE, Kind::KL, Kind::Auto}) {
      ObserverParams params = makeParams(kind);
      params.bins = 512;
      auto got = explainChannelRanges(statistics, params, format);
      auto exact = explainExactRanges(values.data(), view, params, format);
      ASSERT_EQ(got.size(), kChannels);
      EXPECT_EQ(got[2].range, RealRange());
      for (size_t c = 0; c < 2; ++c) {
        if (kind == Kind::KL) {
          EXPECT_EQ(got[c].range, exact[c]->range);
        }
        if (kind == Kind::OMSE) {
          EXPECT_NEAR(got[c].candidate, exact[c]->candidate, 1);
        }
        EXPECT_NEAR(got[c].range.hi, exact[c]->range.hi,
                    0.03 * exact[c]->range.hi);
      }
      EXPECT_EQ(countChannelsOfFewValues(statistics, params), 0u);
      EXPECT_EQ(countChannelsOfFewValues(few, params),
                kind == Kind::KL ? 2u : 0u);
    }
  // Extrema where there are no batches, or too few values.
  for (Kind kind : {Kind::EMA, Kind::KL}) {
    auto ranges = deriveChannelRanges(few, makeParams(kind), kWeight);
    EXPECT_EQ(ranges, deriveChannelRanges(few, {}, kWeight));
  }
  // Extrema need no histograms.
  TensorStatistics plain;
  plain.update(values.data(), view);
  EXPECT_EQ(getMissing(plain, makeParams(Kind::EMA), true), "");
  EXPECT_EQ(getMissing(plain, makeParams(Kind::EMA), false), "a histogram");
  EXPECT_EQ(getMissing(plain, makeParams(Kind::OMSE), true), "a histogram");
  EXPECT_EQ(deriveChannelRanges(plain, makeParams(Kind::EMA), kWeight),
            deriveChannelRanges(plain, {}, kWeight));
}

/// The library has an answer; specs of the IR and configurations have none.
TEST(DerivedRanges, KLCutsBothEndsOfAnAffineRange) {
  std::mt19937 random(28);
  std::vector<float> values = makeValues(Shape::Heavy, 50000, random);
  for (float &x : values)
    x = std::max(x, -1.0f);
  TensorStatistics statistics;
  statistics.record(values, {0, true});
  ObserverParams params = makeParams(Kind::KL);
  RealRange symmetric = deriveRange(statistics, params, kWeight);
  RealRange affine = deriveRange(statistics, params, kAffine);
  EXPECT_LT(symmetric.hi, 0.9 * statistics.maxVal);
  EXPECT_EQ(symmetric.lo, -symmetric.hi);
  EXPECT_EQ(affine.lo, -1.0);
  EXPECT_EQ(affine.hi, symmetric.hi);
}

/// Beyond so many values an observer counts them in bins instead.
TEST(DerivedRanges, ObserverKeepsSoManyValues) {
  std::mt19937 random(29);
  constexpr size_t kPart = Observer::kKeptValues / 2;
  std::vector<float> values = makeValues(Shape::Gauss, 2 * kPart + 1, random);
  llvm::ArrayRef<float> all = values;
  Observer observer(makeParams(Kind::OMSE), kWeight.grid, kWeight.scheme);
  observer.update(all.take_front(kPart));
  observer.update(all.slice(kPart, kPart));
  auto exact = deriveExactRanges(values.data(), {1, 1, 2 * kPart},
                                 makeParams(Kind::OMSE), kWeight)[0];
  EXPECT_TRUE(*observer.getQuantizationParams() ==
              computeQuantParams(*exact, kWeight.grid, kWeight.scheme));
  observer.update(all.take_back(1));
  RealRange counted =
      deriveRange(observer.getStatistics(), makeParams(Kind::OMSE), kWeight);
  EXPECT_TRUE(*observer.getQuantizationParams() ==
              computeQuantParams(counted, kWeight.grid, kWeight.scheme));
  // Views that do not go together are counted, too.
  Observer mixed(makeParams(Kind::OMSE), kWeight.grid, kWeight.scheme);
  mixed.update(all.take_front(600), {1, 2, 300});
  mixed.update(all.take_front(800), {2, 2, 200});
  auto channels = mixed.getChannelQuantizationParams();
  ASSERT_TRUE(bool(channels));
  auto ranges = deriveChannelRanges(mixed.getStatistics(),
                                    makeParams(Kind::OMSE), kWeight);
  for (size_t c = 0; c < 2; ++c)
    EXPECT_TRUE((*channels)[c] ==
                computeQuantParams(ranges[c], kWeight.grid, kWeight.scheme));
}

} // namespace
