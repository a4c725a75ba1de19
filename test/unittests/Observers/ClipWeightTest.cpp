// This file tests ranges for which cut values count more than rounded ones:
// against sums over the values themselves.
#include "npir/Observers/ClipWeight.h"
#include "DerivedRanges.h"
#include "RandomData.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Sums {
  double rounded = 0.0, cut = 0.0;

  double cost(double weight) const { return rounded + weight * cut; }
};

/// Squared errors of the deployed quantizer, of values inside the grid's ends
/// and beyond them.
Sums sumErrors(llvm::ArrayRef<float> values, RealRange range,
               const QuantFormat &format) {
  QuantParams params = computeQuantParams(range, format.grid, format.scheme);
  double lowest =
      double(format.grid.qmin() - params.zeroPoint) * double(params.scale);
  double highest =
      double(format.grid.qmax() - params.zeroPoint) * double(params.scale);
  Sums sums;
  for (float x : values) {
    int64_t q = quantizeValue(x, params, format.grid);
    double error =
        double(x) - double(q - params.zeroPoint) * double(params.scale);
    (x < lowest || x > highest ? sums.cut : sums.rounded) += error * error;
  }
  return sums;
}

constexpr QuantFormat kSigned{{8, true, false}, QuantScheme::Symmetric};
constexpr QuantFormat kFormats[] = {
    kSigned, kAffine, {{4, true, false}, QuantScheme::Affine}};

TEST(ClipWeight, IsTheLeastOfAllShrunkCopies) {
  std::mt19937 random(51);
  unsigned checked = 0;
  for (const QuantFormat &format : kFormats)
    for (Shape shape : {Shape::Gauss, Shape::Relu, Shape::Heavy}) {
      std::vector<float> values = makeValues(shape, 60000, random);
      TensorStatistics statistics;
      statistics.record(values, {0, true});
      for (double weight : {1.0, 4.0, 16.0, 64.0, 1000.0}) {
        DerivedRange found =
            explainRange(statistics, makeParams(Kind::Auto), format, weight);
        double cost = sumErrors(values, found.range, format).cost(weight);
        for (unsigned k = 1; k <= 100; ++k) {
          RealRange copy{std::min(0.0, k * double(statistics.minVal) / 100),
                         k * double(statistics.maxVal) / 100};
          // The histogram knows the values as well as its bins are narrow.
          EXPECT_LE(cost, 1.02 * sumErrors(values, copy, format).cost(weight))
              << "weight " << weight << ", copy " << k;
          ++checked;
        }
      }
    }
  EXPECT_EQ(checked, 3u * 3 * 5 * 100);
}

TEST(ClipWeight, OneIsTheObserverItself) {
  std::mt19937 random(52);
  for (const QuantFormat &format : kFormats)
    for (Shape shape : kShapes) {
      TensorStatistics statistics;
      statistics.record(makeValues(shape, 20000, random), {0, true});
      DerivedRange plain =
          explainRange(statistics, makeParams(Kind::Auto), format);
      DerivedRange one =
          explainRange(statistics, makeParams(Kind::Auto), format, 1.0);
      EXPECT_TRUE(plain.range == one.range);
      EXPECT_EQ(plain.winner, one.winner);
    }
}

TEST(ClipWeight, MoreOfItCutsLessAndInfinityNothing) {
  std::mt19937 random(53);
  for (Shape shape : {Shape::Gauss, Shape::Heavy}) {
    TensorStatistics statistics;
    statistics.record(makeValues(shape, 60000, random), {0, true});
    double before = 0.0;
    for (double weight : {1.0, 4.0, 16.0, 64.0, 1e6, kInfinity}) {
      RealRange range =
          explainRange(statistics, makeParams(Kind::Auto), kSigned, weight)
              .range;
      double threshold = std::max(-range.lo, range.hi);
      EXPECT_GE(threshold, before);
      before = threshold;
    }
    EXPECT_EQ(before,
              std::max(-double(statistics.minVal), double(statistics.maxVal)));
    DerivedRange whole =
        explainRange(statistics, makeParams(Kind::Auto), kAffine, kInfinity);
    EXPECT_TRUE(whole.range ==
                (RealRange{statistics.minVal, statistics.maxVal}));
    EXPECT_EQ(whole.winner, Kind::MinMax);
  }
}

TEST(ClipWeight, IsOfAutoAlone) {
  std::mt19937 random(54);
  TensorStatistics statistics;
  statistics.record(makeValues(Shape::Heavy, 60000, random), {0, true});
  for (Kind kind : {Kind::MinMax, Kind::Percentile, Kind::OMSE, Kind::KL})
    for (double weight : {16.0, kInfinity})
      EXPECT_TRUE(
          explainRange(statistics, makeParams(kind), kSigned, weight).range ==
          explainRange(statistics, makeParams(kind), kSigned).range);
}

TEST(ClipWeight, HoldsForChannels) {
  std::mt19937 random(55);
  constexpr size_t kChannels = 4, kRows = 20000;
  std::vector<float> values =
      makeValues(Shape::Heavy, kChannels * kRows, random);
  TensorStatistics statistics;
  statistics.record(values.data(), {kRows, kChannels, 1}, {0, true},
                    /*withHistograms=*/true);
  auto plain =
      explainChannelRanges(statistics, makeParams(Kind::Auto), kSigned);
  auto heavy =
      explainChannelRanges(statistics, makeParams(Kind::Auto), kSigned, 8.0);
  auto whole = explainChannelRanges(statistics, makeParams(Kind::Auto), kSigned,
                                    kInfinity);
  ASSERT_EQ(whole.size(), kChannels);
  auto threshold = [](const DerivedRange &found) {
    return std::max(-found.range.lo, found.range.hi);
  };
  for (size_t c = 0; c < kChannels; ++c) {
    EXPECT_LT(threshold(plain[c]), threshold(heavy[c]));
    EXPECT_LE(threshold(heavy[c]), threshold(whole[c]));
    EXPECT_TRUE(whole[c].range == (RealRange{statistics.channelMin[c],
                                             statistics.channelMax[c]}));
  }
}

double silu(double x) { return x / (1.0 + std::exp(-x)); }
double hardSigmoid(double x) { return std::clamp(x / 6.0 + 0.5, 0.0, 1.0); }

TEST(SteepRange, EndsWhereTheFunctionStaysNear) {
  for (double tolerance : {0.1, 0.03, 0.001}) {
    RealRange found = getSteepRange(silu, {-30.0, 20.0}, tolerance);
    // Beyond the lower end silu is between 0 and its value there.
    EXPECT_LE(-silu(found.lo), tolerance);
    EXPECT_GT(-silu(found.lo + 30.0 / 1024), tolerance);
    EXPECT_LT(found.lo, -2.0);
    EXPECT_NEAR(found.hi, 20.0, 1.1 * tolerance + 20.0 / 1024);
  }
  RealRange flat = getSteepRange(hardSigmoid, {-10.0, 12.0}, 1e-9);
  EXPECT_NEAR(flat.lo, -3.0, 10.0 / 1024);
  EXPECT_NEAR(flat.hi, 3.0, 12.0 / 1024);
  EXPECT_LE(flat.lo, -3.0);
  EXPECT_GE(flat.hi, 3.0);
}

TEST(SteepRange, IsTheExtremaOfWhatIsNowhereFlat) {
  auto same = [](double x) { return x; };
  EXPECT_TRUE(getSteepRange(same, {-3.0, 5.0}, 1e-6) == (RealRange{-3.0, 5.0}));
  // It holds zero, whatever the values.
  EXPECT_TRUE(getSteepRange(same, {2.0, 5.0}, 1e-6) == (RealRange{0.0, 5.0}));
  auto constant = [](double) { return 7.0; };
  EXPECT_TRUE(getSteepRange(constant, {-3.0, 5.0}, 0.0) == RealRange());
}

TEST(ClipRule, CutsNothingButTheShare) {
  std::mt19937 random(56);
  TensorStatistics statistics;
  std::vector<float> values = makeValues(Shape::Heavy, 60000, random);
  statistics.record(values, {0, true});
  std::sort(values.begin(), values.end());
  DerivedRange found = explainRange(statistics, makeParams(Kind::Auto), kAffine,
                                    ClipRule(kInfinity, 0.001));
  EXPECT_EQ(found.winner, Kind::Percentile);
  double bin = statistics.histogram.binWidth();
  EXPECT_NEAR(found.range.lo, values[60], bin + 1e-3 * -values[60]);
  EXPECT_NEAR(found.range.hi, values[60000 - 61],
              bin + 1e-3 * values[60000 - 61]);
}

TEST(ClipRule, CountsValuesBeyondLimitsAsTheirEnd) {
  std::mt19937 random(57);
  std::vector<float> values = makeValues(Shape::Gauss, 60000, random);
  for (float &x : values)
    x *= 8.0f;
  constexpr RealRange kLimits{-5.0, 100.0};
  std::vector<float> limited = values;
  for (float &x : limited)
    x = std::max(x, float(kLimits.lo));
  TensorStatistics all, inside;
  all.record(values, {0, true});
  inside.record(limited, {0, true});
  for (const QuantFormat &format : {kAffine, kSigned})
    for (double weight : {1.0, 16.0, kInfinity}) {
      RealRange range = explainRange(all, makeParams(Kind::Auto), format,
                                     {weight, 0.0, kLimits})
                            .range;
      EXPECT_GE(range.lo, kLimits.lo);
      RealRange known =
          explainRange(inside, makeParams(Kind::Auto), format, weight).range;
      auto costOf = [&](RealRange one) {
        return sumErrors(limited, one, format)
            .cost(std::isinf(weight) ? 1.0 : weight);
      };
      // A quarter of the values are at the limit: how they are rounded, the
      // histogram does not know.
      EXPECT_NEAR(costOf(range), costOf(known), 0.15 * costOf(known));
    }
}

} // namespace
