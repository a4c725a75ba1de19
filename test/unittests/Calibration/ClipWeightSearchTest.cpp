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

/// A network that is best at two levels, and loses 1 dB for each one off.
auto makeNetwork(double summed, double others) {
  return [=](ClipWeights weights) -> FailureOr<double> {
    return 30.0 - std::fabs(levelOf(weights.summed) - summed) -
           std::fabs(levelOf(weights.others) - others);
  };
}

TEST(ClipWeightSearch, FindsThePeakOfEverySmoothNetwork) {
  for (int summed = 0; summed < 5; ++summed)
    for (int others = 0; others < 5; ++others) {
      auto search = searchClipWeights(makeNetwork(summed, others));
      ASSERT_TRUE(succeeded(search));
      EXPECT_EQ(levelOf(search->getBest().weights.summed), summed);
      EXPECT_EQ(levelOf(search->getBest().weights.others), others);
      EXPECT_EQ(search->getBest().sqnr, 30.0);
      EXPECT_EQ(search->getBest().weights.share, 0.0);
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
  EXPECT_EQ(seen.front(), std::make_tuple(1.0, 1.0, 0.0));
  EXPECT_EQ(seen[4], std::make_tuple(kInfinity, kInfinity, 0.0));
  ASSERT_EQ(seen.size(), search->trials.size());
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(std::unique(seen.begin(), seen.end()), seen.end());
}

TEST(ClipWeightSearch, FindsTheShareThatIsBestOfAll) {
  auto pairs = makeNetwork(2, 2);
  for (double share : {1e-6, 1e-5, 1e-4}) {
    auto search =
        searchClipWeights([&](ClipWeights weights) -> FailureOr<double> {
          return weights.share == share ? 31.0 : *pairs(weights);
        });
    ASSERT_TRUE(succeeded(search));
    EXPECT_EQ(search->getBest().weights.share, share);
    EXPECT_TRUE(std::isinf(search->getBest().weights.summed));
    EXPECT_TRUE(std::isinf(search->getBest().weights.others));
  }
}

TEST(ClipWeightSearch, KeepsWhatASmallGainDoesNotBeat) {
  auto search = searchClipWeights([](ClipWeights weights) -> FailureOr<double> {
    return weights.summed == 1.0 && weights.others == 1.0 ? 20.0 : 20.4;
  });
  ASSERT_TRUE(succeeded(search));
  EXPECT_EQ(search->best, 0u);
  // Where nothing differs from the float network, nothing is to be gained.
  search = searchClipWeights(
      [](ClipWeights) -> FailureOr<double> { return kInfinity; });
  ASSERT_TRUE(succeeded(search));
  EXPECT_EQ(search->best, 0u);
}

TEST(ClipWeightSearch, EndsWithTheNetwork) {
  unsigned runs = 0;
  auto search = searchClipWeights([&](ClipWeights) -> FailureOr<double> {
    if (++runs == 3)
      return failure();
    return 1.0;
  });
  EXPECT_TRUE(failed(search));
  EXPECT_EQ(runs, 3u);
}

} // namespace
