// This file tests the error of a network's outputs against numbers that numpy
// gave, and where there is no such number.
#include "npir/Calibration/OutputSums.h"

#include "gtest/gtest.h"

#include <cmath>
#include <limits>

using namespace mlir;
using namespace mlir::npir;

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Two outputs of four samples: of four values, and of one. In two runs.
OutputSums makeSums(ArrayRef<float> wide, ArrayRef<float> narrow) {
  const std::vector<float> first = {1,  2, 3,  4, 0.5, -1, 2,  -0.25,
                                    10, 0, -3, 1, 2,   2,  -2, 1};
  const std::vector<float> second = {3, 1, -2, 0.5};
  OutputSums sums;
  auto add = [&](size_t output, ArrayRef<float> reference,
                 ArrayRef<float> errors) {
    std::vector<float> actual;
    for (auto [x, error] : llvm::zip_equal(reference, errors))
      actual.push_back(x + error);
    size_t border = reference.size() / 4 * 3;
    sums.add(output, 3, reference.take_front(border),
             ArrayRef(actual).take_front(border));
    sums.add(output, 1, reference.drop_front(border),
             ArrayRef(actual).drop_front(border));
  };
  add(0, first, wide);
  add(1, second, narrow);
  return sums;
}

TEST(OutputSums, AgreesWithNumpy) {
  OutputSums a = makeSums(
      {0.5, 0, -0.25, 0, 0, 0.125, 0, 0, 1, -0.5, 0, 0.25, 0, 0, 0.5, 0},
      {0.25, 0, 0.5, 0.125});
  OutputSums b =
      makeSums({0, 0.25, 0, 0, 0.25, 0, 0, 0.5, 0, 0, 0.125, 0, 1, 0, 0, -0.5},
               {0, 0.25, 0, 0.125});
  EXPECT_NEAR(a.getSQNR(), 17.573507987197882, 1e-9);
  EXPECT_NEAR(b.getSQNR(), 21.011196125934966, 1e-9);
  EXPECT_NEAR(a.getDeviation(b), 6.7348578256639104, 1e-9);
  EXPECT_NEAR(b.getDeviation(a), 6.7348578256639104, 1e-9);
  EXPECT_NEAR(a.getDeviation(a), 0.0, 1e-12);
}

TEST(OutputSums, SplitsOnlyWhatCanBeSplit) {
  OutputSums whole, split, other;
  std::vector<float> reference = {1, 2, 3}, actual = {1.5, 2.25, 4},
                     near = {1, 2.5, 3.5};
  whole.add(0, 2, reference, actual);
  split.add(0, 3, reference, actual);
  other.add(0, 3, reference, near);
  EXPECT_EQ(whole.getSQNR(), split.getSQNR());
  EXPECT_GT(split.getDeviation(other), 0.0);
  // The first of two samples has all; without it there is no noise.
  EXPECT_EQ(whole.getDeviation(whole), 0.0);
}

TEST(OutputSums, HasNoDeviationWithoutNumbers) {
  OutputSums none, exact, broken, single;
  std::vector<float> values = {1, 2}, wrong = {NAN, 2}, off = {1.5, 2};
  exact.add(0, 2, values, values);
  broken.add(0, 2, values, wrong);
  single.add(0, 1, values, off);
  EXPECT_EQ(none.getSQNR(), kInfinity);
  EXPECT_EQ(exact.getSQNR(), kInfinity);
  EXPECT_EQ(broken.getSQNR(), -kInfinity);
  EXPECT_EQ(none.getDeviation(none), 0.0);
  EXPECT_EQ(exact.getDeviation(broken), 0.0);
  EXPECT_EQ(broken.getDeviation(exact), 0.0);
  EXPECT_EQ(single.getDeviation(single), 0.0);
}

TEST(OutputSums, LeavesOutWhatHasNoSignal) {
  OutputSums sums;
  std::vector<float> zeros = {0, 0}, noise = {1, 1}, values = {1, 2},
                     off = {1, 2.5};
  sums.add(0, 2, zeros, noise);
  sums.add(1, 2, values, off);
  EXPECT_NEAR(sums.getSQNR(), -10.0 * std::log10(0.25 / 5.0), 1e-12);
}

} // namespace
