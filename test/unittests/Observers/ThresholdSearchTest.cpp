// This file tests threshold searches beyond the vectors: against every
// candidate tried in turn, against the theory, and on every instruction set.
#include "RandomData.h"
#include "npir/Observers/Observer.h"
#include "npir/Observers/ObserverName.h"
#include "npir/Observers/QuantizationError.h"
#include "npir/Observers/TensorRecorder.h"
#include "gtest/gtest.h"
#include <hwy/targets.h>
#include <thread>

using namespace mlir::npir;

namespace {

using Kind = ObserverParams::Kind;

constexpr QuantFormat kWeight{{8, true, true}, QuantScheme::Symmetric};
constexpr QuantFormat kAffine{{8, false, false}, QuantScheme::Affine};

ObserverParams makeParams(Kind kind) {
  ObserverParams params;
  params.kind = kind;
  return params;
}

/// Tasks in turn on some threads, the last first.
void twoThreads(size_t tasks, llvm::function_ref<void(size_t)> body) {
  std::thread other([&] {
    for (size_t task = 1; task < tasks; task += 2)
      body(task);
  });
  for (size_t task = (tasks + 1) / 2; task-- > 0;)
    body(2 * task);
  other.join();
}

/// The mean squared error by the quotient of `quantizeValue`, value by value.
double bruteError(llvm::ArrayRef<float> values, RealRange range,
                  const QuantFormat &format) {
  QuantParams params = computeQuantParams(range, format.grid, format.scheme);
  long double sum = 0.0L;
  for (float x : values) {
    int64_t q = quantizeValue(x, params, format.grid);
    double error =
        double(x) - double(q - params.zeroPoint) * double(params.scale);
    sum += static_cast<long double>(error * error);
  }
  return double(sum / static_cast<long double>(values.size()));
}

/// The first of 100 copies that no later one beats by more than 1e-9.
unsigned bruteOMSE(llvm::ArrayRef<float> values, const QuantFormat &format) {
  auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  double lo = std::min(0.0, double(*least));
  double hi = std::max(0.0, double(*greatest));
  unsigned best = 100;
  double bestError = bruteError(values, {lo, hi}, format);
  for (unsigned k = 99; k > 0; --k) {
    double share = double(k) / 100;
    double error = bruteError(values, {share * lo, share * hi}, format);
    if (error < bestError * (1 - 1e-9)) {
      best = k;
      bestError = error;
    }
  }
  return best;
}

/// Many channels of few values, where candidates lie close together.
TEST(ThresholdSearch, OMSEEqualsBruteForce) {
  std::mt19937 random(21);
  unsigned checked = 0;
  for (QuantFormat format :
       {kWeight,
        kAffine,
        QuantFormat{{4, true, true}, QuantScheme::Symmetric},
        {{8, false, false}, QuantScheme::Symmetric},
        {{12, true, false}, QuantScheme::Symmetric},
        {{16, false, false}, QuantScheme::Affine}})
    for (Shape shape : {Shape::Gauss, Shape::Relu, Shape::Heavy}) {
      ChannelView view{1, 40, 1 + random() % 300};
      std::vector<float> values = makeValues(shape, view.size(), random);
      // Weights that a float16 held, with many ties among them.
      if (shape == Shape::Heavy)
        for (float &x : values)
          x = std::nearbyint(x * 64) / 64;
      ObserverParams params = makeParams(Kind::OMSE);
      params.twoSided = false;
      auto ranges =
          explainExactRanges(values.data(), view, params, format, twoThreads);
      for (size_t c = 0; c < view.channels; ++c) {
        llvm::ArrayRef<float> channel(values.data() + c * view.inner,
                                      view.inner);
        EXPECT_EQ(ranges[c]->candidate, bruteOMSE(channel, format));
        ++checked;
      }
    }
  EXPECT_EQ(checked, 6u * 3 * 40);
}

/// The same integers and floats whatever the machine, and however many threads.
TEST(ThresholdSearch, EveryInstructionSetFindsTheSame) {
  std::mt19937 random(22);
  std::vector<float> values = makeValues(Shape::Heavy, 70000, random);
  ChannelView views[] = {{1, 1, 70000}, {1, 10, 2000}, {2000, 10, 1}};
  struct Found {
    std::vector<RealRange> ranges;
    double noise;
    bool operator==(const Found &other) const {
      return ranges == other.ranges && noise == other.noise;
    }
  };
  auto find = [&](ParallelFor parallel) {
    Found found;
    for (QuantFormat format : {kWeight, kAffine})
      for (Kind kind : {Kind::OMSE, Kind::KL, Kind::Auto})
        for (ChannelView view : views)
          for (auto range : deriveExactRanges(
                   values.data(), view, makeParams(kind), format, parallel))
            found.ranges.push_back(*range);
    found.noise = measureError(values.data(), views[0],
                               computeQuantParams(found.ranges[0], kWeight.grid,
                                                  kWeight.scheme),
                               kWeight.grid, parallel)
                      .noise;
    return found;
  };
  const Found expected = find(serialFor);
  EXPECT_EQ(expected.ranges.size(), 2u * 3 * 21);
  EXPECT_TRUE(find(twoThreads) == expected);
  unsigned sets = 0;
  for (int64_t targets = hwy::SupportedTargets(); targets != 0;
       targets &= targets - 1) {
    hwy::SetSupportedTargetsForTest(targets & -targets);
    EXPECT_TRUE(find(serialFor) == expected)
        << hwy::TargetName(targets & -targets);
    hwy::SetSupportedTargetsForTest(0);
    ++sets;
  }
  EXPECT_GE(sets, 1u);
}

/// Shrinking one end alone may only help, and does where one side has outliers.
TEST(ThresholdSearch, TwoSidesAreBetterThanOne) {
  std::mt19937 random(23);
  std::vector<float> values = makeValues(Shape::Gauss, 20000, random);
  for (size_t i = 0; i < values.size(); i += 400)
    values[i] = 9.0f + float(i) * 1e-4f;
  TensorStatistics statistics;
  statistics.record(values, {0, true});
  QuantFormat format{{4, false, false}, QuantScheme::Affine};
  ObserverParams both = makeParams(Kind::OMSE), one = both;
  one.twoSided = false;
  auto mse = [&](const ObserverParams &params, bool isExact) {
    RealRange range =
        isExact ? *deriveExactRanges(values.data(), {1, 1, values.size()},
                                     params, format)[0]
                : deriveRange(statistics, params, format);
    return bruteError(values, range, format);
  };
  for (bool isExact : {false, true})
    EXPECT_LT(mse(both, isExact), 0.97 * mse(one, isExact));
  EXPECT_NEAR(mse(both, false), mse(both, true), 0.01 * mse(both, true));
}

/// Values of a unit normal or Laplace distribution, one from each of as many
/// slices of equal probability: chance has hardly a say in their tails.
std::vector<float> makeEven(bool isLaplace, size_t size) {
  std::mt19937 random(24);
  std::uniform_real_distribution<double> uniform;
  std::vector<float> values(size);
  double x = 0.0;
  for (size_t i = 0; i + 1 < size; i += 2) {
    // What is to lie beyond x.
    double beyond = 1.0 - (double(i / 2) + uniform(random)) / double(size / 2);
    if (isLaplace) {
      x = -std::log(beyond) / std::sqrt(2.0);
    } else {
      // From slice to slice it is a small step, for Newton.
      for (int step = 0; step < 3; ++step)
        x += (std::erfc(x / std::sqrt(2.0)) - beyond) /
             (std::sqrt(2.0 / 3.14159265358979323846) * std::exp(-x * x / 2));
    }
    values[i] = float(x);
    values[i + 1] = float(-x);
  }
  return values;
}

/// The best symmetric uniform quantizers of a unit normal and a unit Laplace
/// distribution, on a narrow grid, in dB.
TEST(ThresholdSearch, IsNearTheBestQuantizer) {
  struct Case {
    unsigned bits;
    bool isLaplace;
    double best;
  };
  // From the closed forms of both distributions.
  const Case cases[] = {{4, false, 18.90}, {6, false, 29.71}, {8, false, 40.54},
                        {4, true, 15.62},  {6, true, 25.26},  {8, true, 35.18}};
  constexpr size_t kSize = 1 << 20;
  for (bool isLaplace : {false, true}) {
    std::vector<float> values = makeEven(isLaplace, kSize);
    TensorStatistics statistics;
    statistics.record(values, {0, true});
    for (const Case &one : cases) {
      if (one.isLaplace != isLaplace)
        continue;
      SCOPED_TRACE(one.bits);
      QuantFormat format{{one.bits, true, true}, QuantScheme::Symmetric};
      for (Kind kind : {Kind::OMSE, Kind::Auto}) {
        RealRange exact = *deriveExactRanges(values.data(), {1, 1, kSize},
                                             makeParams(kind), format)[0];
        RealRange fromBins = deriveRange(statistics, makeParams(kind), format);
        for (RealRange range : {exact, fromBins}) {
          QuantParams params =
              computeQuantParams(range, format.grid, format.scheme);
          double sqnr =
              measureError(values.data(), {1, 1, kSize}, params, format.grid)
                  .sqnr();
          EXPECT_NEAR(sqnr, one.best, 0.1);
        }
      }
    }
  }
}

/// None of the others is better than what Auto chooses, and it says which of
/// them it chose.
TEST(ThresholdSearch, AutoIsTheBestOfAll) {
  std::mt19937 random(25);
  for (Shape shape : kShapes)
    for (QuantFormat format :
         {kWeight, kAffine,
          QuantFormat{{4, true, false}, QuantScheme::Symmetric}}) {
      TensorStatistics statistics;
      for (uint64_t index = 0; index < 4; ++index) {
        std::vector<float> batch = makeValues(shape, 30000, random);
        for (float &x : batch)
          x *= float(index + 1);
        statistics.record(batch, {index, true});
      }
      DerivedRange best =
          explainRange(statistics, makeParams(Kind::Auto), format);
      EXPECT_NE(best.winner, Kind::Auto);
      double least = estimateError(statistics, best.range, format).mse();
      for (Kind kind :
           {Kind::MinMax, Kind::EMA, Kind::Percentile, Kind::OMSE, Kind::KL}) {
        if (kind == Kind::KL && format.scheme == QuantScheme::Affine)
          continue;
        RealRange range = deriveRange(statistics, makeParams(kind), format);
        double mse = estimateError(statistics, range, format).mse();
        EXPECT_GE(mse, least * (1 - 1e-9)) << stringifyObserver(kind).str();
        if (kind == best.winner) {
          EXPECT_EQ(range, best.range);
        }
      }
    }
}

TEST(ThresholdSearch, EMAFollowsTheDataSet) {
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
TEST(ThresholdSearch, PercentilesOfBatches) {
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

TEST(ThresholdSearch, Groups) {
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

TEST(ThresholdSearch, ChannelsFromStatistics) {
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
TEST(ThresholdSearch, KLCutsBothEndsOfAnAffineRange) {
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
TEST(ThresholdSearch, ObserverKeepsSoManyValues) {
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
