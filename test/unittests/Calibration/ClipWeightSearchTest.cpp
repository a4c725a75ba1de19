// This file tests the search for clip weights on made-up networks: what it
// finds, what it tries for that, and when it keeps what there was.
#include "npir/Calibration/ClipWeightSearch.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// The place of a weight among 1, 4, 16, 64 and infinity.
double levelOf(double weight) {
  return std::isinf(weight) ? 4.0 : std::log2(weight) / 2.0;
}

/// Outputs whose samples have these dB.
OutputSums makeSums(ArrayRef<double> decibels) {
  OutputSums sums;
  for (double sqnr : decibels) {
    float reference[] = {1.0f, -1.0f};
    auto error = static_cast<float>(std::pow(10.0, -sqnr / 20.0));
    sums.add(0, 1, reference, {1.0f + error, -1.0f + error});
  }
  return sums;
}

/// The same in each of 16 samples: nothing is left to chance.
OutputSums makeSums(double sqnr) {
  return makeSums(std::vector<double>(16, sqnr));
}

/// A network that is best at two levels, and loses 1 dB for each one off.
auto makeNetwork(double summed, double others) {
  return [=](ClipWeights weights) -> FailureOr<OutputSums> {
    return makeSums(30.0 - std::fabs(levelOf(weights.summed) - summed) -
                    std::fabs(levelOf(weights.others) - others));
  };
}

TEST(ClipWeightSearch, FindsThePeakOfEverySmoothNetwork) {
  for (int summed = 0; summed < 5; ++summed)
    for (int others = 0; others < 5; ++others) {
      auto search = searchClipWeights(makeNetwork(summed, others));
      ASSERT_TRUE(succeeded(search));
      EXPECT_EQ(levelOf(search->getChosen().weights.summed), summed);
      EXPECT_EQ(levelOf(search->getChosen().weights.others), others);
      EXPECT_NEAR(search->getChosen().sqnr, 30.0, 1e-4);
      EXPECT_EQ(search->getChosen().weights.share, 0.0);
      EXPECT_LE(search->trials.size(), 16u + 3u);
    }
}

TEST(ClipWeightSearch, TriesNothingTwice) {
  std::vector<std::tuple<double, double, double>> seen;
  auto network = makeNetwork(4, 1);
  auto search = searchClipWeights([&](ClipWeights weights) {
    seen.emplace_back(weights.summed, weights.others, weights.share);
    return network(weights);
  });
  ASSERT_TRUE(succeeded(search));
  EXPECT_EQ(seen.front(), std::make_tuple(4.0, 1.0, 0.0));
  EXPECT_EQ(seen[6], std::make_tuple(kInfinity, kInfinity, 0.0));
  ASSERT_EQ(seen.size(), search->trials.size());
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(ClipWeightSearch, FindsTheShareThatIsBestOfAll) {
  auto pairs = makeNetwork(2, 2);
  for (double share : {1e-6, 1e-5, 1e-4}) {
    auto search =
        searchClipWeights([&](ClipWeights weights) -> FailureOr<OutputSums> {
          return weights.share == share ? makeSums(31.0) : *pairs(weights);
        });
    ASSERT_TRUE(succeeded(search));
    EXPECT_EQ(search->getChosen().weights.share, share);
    EXPECT_TRUE(std::isinf(search->getChosen().weights.summed));
    EXPECT_TRUE(std::isinf(search->getChosen().weights.others));
  }
}

/// 16 samples of 20 dB, but for one of them.
OutputSums makeSums(size_t sample, double sqnr) {
  std::vector<double> samples(16, 20.0);
  samples[sample] = sqnr;
  return makeSums(samples);
}

TEST(ClipWeightSearch, KeepsTheUsualWhereOthersAreBetterByChance) {
  auto isUsual = [](ClipWeights weights) {
    return weights.summed == 4.0 && weights.others == 1.0;
  };
  // Each fails in one sample, the usual pair a little more so.
  auto search =
      searchClipWeights([&](ClipWeights weights) -> FailureOr<OutputSums> {
        return isUsual(weights) ? makeSums(3, 14.0) : makeSums(5, 15.0);
      });
  ASSERT_TRUE(succeeded(search));
  EXPECT_TRUE(isUsual(search->getChosen().weights));
  EXPECT_LT(search->getChosen().sqnr, search->trials[1].sqnr);
  // As much in each of the samples is no chance.
  search = searchClipWeights([&](ClipWeights weights) -> FailureOr<OutputSums> {
    return makeSums(isUsual(weights) ? 14.0 : 15.0);
  });
  ASSERT_TRUE(succeeded(search));
  EXPECT_FALSE(isUsual(search->getChosen().weights));
}

TEST(ClipWeightSearch, KeepsTheNearestOfThoseThatMayBeTheBest) {
  auto search =
      searchClipWeights([](ClipWeights weights) -> FailureOr<OutputSums> {
        if (weights.others == 1.0)
          return makeSums(3.0);
        return weights.summed == 64.0 ? makeSums(3, 14.0) : makeSums(5, 13.5);
      });
  ASSERT_TRUE(succeeded(search));
  EXPECT_EQ(search->getChosen().weights.summed, 4.0);
  EXPECT_EQ(search->getChosen().weights.others, 4.0);
  EXPECT_LT(search->getChosen().sqnr, search->trials[5].sqnr);
}

TEST(ClipWeightSearch, KeepsTheUsualWhereNothingIsToBeGained) {
  auto search = searchClipWeights(
      [](ClipWeights) -> FailureOr<OutputSums> { return OutputSums(); });
  ASSERT_TRUE(succeeded(search));
  EXPECT_EQ(search->chosen, 0u);
  EXPECT_EQ(search->getChosen().sqnr, kInfinity);
}

TEST(ClipWeightSearch, TakesNoPairThatGivesNoNumbers) {
  auto search =
      searchClipWeights([](ClipWeights weights) -> FailureOr<OutputSums> {
        return makeSums(weights.others == 16.0 ? 20.0 : std::nan(""));
      });
  ASSERT_TRUE(succeeded(search));
  EXPECT_EQ(search->getChosen().weights.others, 16.0);
}

TEST(ClipWeightSearch, TriesNothingWhereThereIsNoNoise) {
  unsigned runs = 0;
  auto search = searchClipWeights([&](ClipWeights) -> FailureOr<OutputSums> {
    ++runs;
    return OutputSums();
  });
  ASSERT_TRUE(succeeded(search));
  EXPECT_EQ(runs, 1u);
  EXPECT_EQ(search->getChosen().weights.summed, 4.0);
  EXPECT_EQ(search->getChosen().weights.others, 1.0);
}

TEST(ClipWeightSearch, EndsWithTheNetwork) {
  unsigned runs = 0;
  auto search = searchClipWeights([&](ClipWeights) -> FailureOr<OutputSums> {
    if (++runs == 3)
      return failure();
    return makeSums(1.0);
  });
  EXPECT_TRUE(failed(search));
  EXPECT_EQ(runs, 3u);
}

} // namespace
