// This file tests threshold searches beyond the vectors: against every
// candidate tried in turn, against the theory, and on every instruction set.
#include "DerivedRanges.h"
#include "RandomData.h"
#include "npir/Observers/ObserverName.h"
#include "npir/Observers/QuantizationError.h"
#include "gtest/gtest.h"
#include <hwy/targets.h>

using namespace mlir::npir;

namespace {

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

} // namespace
