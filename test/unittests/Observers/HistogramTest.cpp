// This file tests histograms: against counting one value after the other, their
// independence of order, and their quantiles against sorted values.
#include "npir/Observers/Histogram.h"
#include "RandomData.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cfloat>
#include <map>

using namespace mlir::npir;

namespace {

/// Finite values, denormals as 0, sorted.
std::vector<float> sortFinite(const std::vector<float> &values) {
  std::vector<float> result;
  for (float x : values)
    if (std::isfinite(x))
      result.push_back(std::fabs(x) < 0x1p-126f ? 0.0f : x);
  std::sort(result.begin(), result.end());
  return result;
}

void add(Histogram &histogram, const std::vector<float> &values) {
  std::vector<float> sorted = sortFinite(values);
  if (sorted.empty())
    return;
  histogram.cover(sorted.front(), sorted.back());
  histogram.count(values);
}

/// The definition: bins as signed numbers, the first positive one being 1.
std::map<int64_t, uint64_t> countSlowly(const std::vector<float> &values,
                                        double width) {
  std::map<int64_t, uint64_t> bins;
  for (float x : sortFinite(values)) {
    auto bin = int64_t(std::floor(std::fabs(double(x)) / width)) + 1;
    ++bins[x == 0.0f ? 0 : x < 0.0f ? -bin : bin];
  }
  return bins;
}

std::map<int64_t, uint64_t> getBins(const Histogram &histogram) {
  std::map<int64_t, uint64_t> bins;
  for (size_t i = 0; i < histogram.bins().size(); ++i)
    if (uint64_t count = histogram.bins()[i])
      bins[int64_t(i) - int64_t(histogram.zeroBin())] = count;
  return bins;
}

TEST(Histogram, EqualsTheDefinition) {
  std::mt19937 random(1);
  for (Shape shape : kShapes) {
    for (size_t size : {1u, 7u, 2048u, 2049u, 30000u}) {
      std::vector<float> values = makeValues(shape, size, random);
      for (unsigned logBins :
           {Histogram::kTensorLogBins, Histogram::kChannelLogBins}) {
        Histogram histogram(logBins);
        add(histogram, values);
        EXPECT_EQ(getBins(histogram),
                  countSlowly(values, histogram.binWidth()));
        EXPECT_EQ(histogram.total(), sortFinite(values).size());
        // At least half of the larger side's bins are in use.
        size_t above = histogram.bins().size() - 1 - histogram.zeroBin();
        size_t larger = std::max(histogram.zeroBin(), above);
        if (histogram.bins().size() > 1) {
          EXPECT_GE(larger, size_t(1) << (logBins - 1));
          EXPECT_LE(larger, size_t(1) << logBins);
        }
      }
    }
  }
}

TEST(Histogram, ExtremeValues) {
  for (float size : {FLT_MAX, FLT_MIN, 1.0f, 0x1.fffffep10f, 0x1p-20f}) {
    std::vector<float> values = {-size, 0.0f, size, size};
    Histogram histogram;
    add(histogram, values);
    EXPECT_EQ(getBins(histogram), countSlowly(values, histogram.binWidth()));
    EXPECT_EQ(histogram.quantiles(Histogram::Side::Upper, {0.0}, -size, size),
              std::vector<double>{size});
  }
}

/// Nothing seen, zeros alone, values of very different sizes: growing by more
/// octaves than there are bins.
TEST(Histogram, GrowsOverManyOctaves) {
  std::vector<float> values = {0.0f, -1e-30f, 1e-20f, -3.0f, 1e30f};
  Histogram whole;
  add(whole, values);
  std::sort(values.begin(), values.end());
  do {
    Histogram grown;
    for (float x : values)
      add(grown, {x});
    EXPECT_TRUE(grown == whole);
  } while (std::next_permutation(values.begin(), values.end()));
}

TEST(Histogram, IsFreeOfOrderBatchesAndShards) {
  std::mt19937 random(2);
  for (Shape shape : kShapes) {
    std::vector<float> values = makeValues(shape, 5000, random);
    Histogram whole;
    add(whole, values);
    for (unsigned trial = 0; trial < 20; ++trial) {
      std::shuffle(values.begin(), values.end(), random);
      // Some go to one histogram after the other, some are merged.
      std::vector<Histogram> shards(1 + random() % 4);
      for (size_t at = 0; at < values.size();) {
        size_t size = std::min<size_t>(1 + random() % 2000, values.size() - at);
        add(shards[random() % shards.size()],
            {values.begin() + at, values.begin() + at + size});
        at += size;
      }
      Histogram merged;
      for (const Histogram &shard : shards)
        merged.merge(shard);
      EXPECT_TRUE(merged == whole);
    }
  }
}

TEST(Histogram, RowsOfChannels) {
  std::mt19937 random(3);
  for (size_t channels : {1u, 3u, 16u, 37u}) {
    size_t rows = 999;
    std::vector<float> values =
        makeValues(Shape::Damaged, rows * channels, random);
    std::vector<Histogram> expected, got;
    for (size_t c = 0; c < channels; ++c) {
      std::vector<float> channel;
      for (size_t i = c; i < values.size(); i += channels)
        channel.push_back(c % 2 ? values[i] : 100.0f * values[i]);
      for (size_t i = 0; i < rows; ++i)
        values[i * channels + c] = channel[i];
      Histogram empty(Histogram::kChannelLogBins);
      std::vector<float> sorted = sortFinite(channel);
      add(expected.emplace_back(empty), channel);
      got.emplace_back(empty).cover(sorted.front(), sorted.back());
    }
    Histogram::countRows(got, llvm::ArrayRef<float>(values));
    for (size_t c = 0; c < channels; ++c)
      EXPECT_TRUE(got[c] == expected[c]) << c << " of " << channels;
  }
}

/// Type 7 on sorted values.
double exactQuantile(const std::vector<float> &sorted, double p) {
  double h = double(sorted.size() - 1) * p;
  auto k = size_t(h);
  double next = k + 1 < sorted.size() ? sorted[k + 1] : sorted[k];
  return sorted[k] + (h - double(k)) * (next - sorted[k]);
}

TEST(Histogram, QuantilesAreWithinABin) {
  std::mt19937 random(4);
  const double tails[] = {0.0,  1e-5, 1e-4, 5e-4, 1e-3, 1e-2,
                          0.05, 0.1,  0.25, 0.3,  0.5};
  for (Shape shape : kShapes) {
    for (size_t size : {1u, 2u, 3u, 50u, 1000u, 100000u}) {
      std::vector<float> values = makeValues(shape, size, random);
      Histogram histogram;
      add(histogram, values);
      std::vector<float> sorted = sortFinite(values);
      if (sorted.empty())
        continue;
      float least = sorted.front(), greatest = sorted.back();
      auto lower =
          histogram.quantiles(Histogram::Side::Lower, tails, least, greatest);
      auto upper =
          histogram.quantiles(Histogram::Side::Upper, tails, least, greatest);
      for (size_t i = 0; i < std::size(tails); ++i) {
        SCOPED_TRACE(tails[i]);
        double bin = histogram.binWidth();
        EXPECT_NEAR(lower[i], exactQuantile(sorted, tails[i]), bin);
        EXPECT_NEAR(upper[i], exactQuantile(sorted, 1.0 - tails[i]), bin);
        EXPECT_TRUE(lower[i] >= least && upper[i] <= greatest);
      }
    }
  }
}

TEST(Histogram, QuantilesOfNothingAreZero) {
  EXPECT_EQ(Histogram().quantiles(Histogram::Side::Lower, {0.1}, 0, 0),
            std::vector<double>{0.0});
}

TEST(Histogram, BytesRoundTripAndAreFew) {
  std::mt19937 random(5);
  Histogram reused;
  for (Shape shape : kShapes) {
    for (size_t size : {0u, 1u, 10u, 20000u}) {
      std::vector<float> values = makeValues(shape, size, random);
      Histogram histogram;
      add(histogram, values);
      std::vector<float> sorted = sortFinite(values);
      std::string bytes = histogram.pack();
      float least = sorted.empty() ? INFINITY : sorted.front();
      float greatest = sorted.empty() ? -INFINITY : sorted.back();
      auto back =
          Histogram::unpack(bytes, least, greatest, Histogram::kTensorLogBins);
      ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
      EXPECT_TRUE(*back == histogram);
      llvm::cantFail(reused.assign(bytes, least, greatest));
      EXPECT_TRUE(reused == histogram);
      EXPECT_LE(bytes.size(), 8 + 4 * sorted.size());
    }
  }
}

std::string unpackError(llvm::StringRef bytes, float least, float greatest) {
  auto histogram =
      Histogram::unpack(bytes, least, greatest, Histogram::kChannelLogBins);
  return histogram ? "" : llvm::toString(histogram.takeError());
}

TEST(Histogram, DamagedBytes) {
  Histogram histogram(Histogram::kChannelLogBins);
  histogram.cover(-1.0f, 1.5f);
  histogram.count({-1.0f, 0.0f, 0.5f, 1.5f});
  std::string bytes = histogram.pack();
  EXPECT_EQ(unpackError(bytes, -1.0f, 1.5f), "");
  const char *bins = "does not hold the bins between the extrema";
  EXPECT_EQ(unpackError(bytes, -1.0f, 1.0f), bins);
  EXPECT_EQ(unpackError(bytes, -1.0f, 1.75f), bins);
  EXPECT_EQ(unpackError(bytes, INFINITY, -INFINITY), bins);
  EXPECT_EQ(unpackError(bytes + '\0', -1.0f, 1.5f), bins);
  for (size_t size = 0; size < bytes.size(); ++size)
    EXPECT_EQ(unpackError(llvm::StringRef(bytes).take_front(size), -1.0f, 1.5f),
              bins);
  // Runs of no bins, and of too many; counts that wrap round; an open number.
  for (llvm::StringRef bad :
       {llvm::StringRef("\0\0", 2), llvm::StringRef("\0\xff\xff\xff\x7f", 5),
        llvm::StringRef("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01"),
        llvm::StringRef("\xff\xff\xff")})
    EXPECT_EQ(unpackError(bad, -1.0f, 1.5f), bins);
  // All in order, but that nothing lies in the bin of an extremum.
  Histogram other(Histogram::kChannelLogBins);
  other.cover(-1.0f, 1.5f);
  other.count({0.0f, 1.5f});
  EXPECT_EQ(unpackError(other.pack(), -1.0f, 1.5f),
            "has no value at the extrema");
  Histogram positive(Histogram::kChannelLogBins);
  positive.cover(0.0f, 1.5f);
  positive.count({1.0f, 1.5f});
  EXPECT_EQ(unpackError(positive.pack(), 0.5f, 1.5f), "");
  EXPECT_EQ(unpackError(positive.pack(), 0.0f, 1.5f),
            "has no value at the extrema");
}

} // namespace
