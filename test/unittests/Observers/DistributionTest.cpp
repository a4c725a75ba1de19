// This file tests what statistics record of a distribution: that shards give
// what one run gives, byte for byte, how files hold it, and how tensors that
// share a scale are joined.
#include "RandomData.h"
#include "npir/Observers/Observer.h"
#include "npir/Observers/StatisticsFile.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

constexpr uint64_t kBatch = 8;
constexpr size_t kPerSample = 60;

std::string print(const StatisticsFile &file) {
  std::string text;
  llvm::raw_string_ostream os(text);
  file.print(os);
  return text;
}

/// Samples of three tensors, all different; one has channels, one NaN.
class Samples {
public:
  explicit Samples(uint64_t size) {
    std::mt19937 random(6);
    for (uint64_t i = 0; i < size; ++i) {
      float scale = 0.01f + float(random() % 1000);
      gauss.push_back(makeValues(Shape::Gauss, kPerSample, random));
      for (float &x : gauss.back())
        x *= scale;
      relu.push_back(makeValues(Shape::Relu, kPerSample, random));
      damaged.push_back(makeValues(Shape::Damaged, kPerSample, random));
    }
  }

  /// What a run over [begin, end) writes.
  StatisticsFile run(uint64_t begin, uint64_t end) const {
    StatisticsFile file;
    file.modelHash = "h";
    file.batchSize = kBatch;
    file.addEngine("e");
    llvm::cantFail(file.addSamples({begin, end}));
    while (begin < end) {
      uint64_t last = std::min(end, (begin / kBatch + 1) * kBatch);
      BatchPart part{begin / kBatch, last - begin == kBatch};
      file.tensors["gauss:0"].record(slice(gauss, begin, last), part);
      std::vector<float> rows = slice(relu, begin, last);
      file.tensors["relu:0"].record(rows.data(), {rows.size() / 4, 4, 1}, part,
                                    /*withHistograms=*/true);
      file.tensors["damaged:0"].record(slice(damaged, begin, last), part);
      begin = last;
    }
    return file;
  }

private:
  using Rows = std::vector<std::vector<float>>;
  static std::vector<float> slice(const Rows &rows, uint64_t begin,
                                  uint64_t end) {
    std::vector<float> values;
    for (uint64_t i = begin; i < end; ++i)
      values.insert(values.end(), rows[i].begin(), rows[i].end());
    return values;
  }

  Rows gauss, relu, damaged;
};

TEST(Distribution, ShardsGiveTheBytesOfOneRun) {
  constexpr uint64_t kSize = 45; // the last batch is not whole
  Samples samples(kSize);
  std::string whole = print(samples.run(0, kSize));
  std::mt19937 random(7);
  for (unsigned trial = 0; trial < 60; ++trial) {
    // Cuts anywhere, inside batches, too; up to several in one batch.
    std::vector<uint64_t> cuts = {0, kSize};
    for (unsigned i = 0, count = 1 + random() % 9; i < count; ++i)
      cuts.push_back(random() % kSize);
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    std::vector<StatisticsFile> shards;
    for (size_t i = 0; i + 1 < cuts.size(); ++i)
      shards.push_back(samples.run(cuts[i], cuts[i + 1]));
    std::shuffle(shards.begin(), shards.end(), random);
    // Any tree of merges, and some shards go through a file.
    while (shards.size() > 1) {
      StatisticsFile shard = std::move(shards.back());
      shards.pop_back();
      if (random() % 2)
        shard = llvm::cantFail(StatisticsFile::parse(print(shard), "f"));
      size_t into = random() % shards.size();
      ASSERT_FALSE(bool(shards[into].merge(shard, "a", "b")));
    }
    EXPECT_EQ(print(shards[0]), whole);
  }
}

TEST(Distribution, FilesRoundTrip) {
  StatisticsFile file = Samples(21).run(3, 21);
  const TensorStatistics &gauss = file.tensors["gauss:0"];
  EXPECT_EQ(gauss.batches.size(), 1u);
  EXPECT_EQ(gauss.openBatches.size(), 2u);
  auto back = StatisticsFile::parse(print(file), "f");
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(back->tensors, file.tensors);
  EXPECT_EQ(print(*back), print(file));
  EXPECT_TRUE(back->tensors["gauss:0"].hasDistribution());
  EXPECT_EQ(back->tensors["relu:0"].channelHistograms.size(), 4u);
}

TEST(Distribution, ABatchIsCountedOnce) {
  TensorStatistics a, b;
  a.record({1.0f, 2.0f}, {3, true});
  b.record({1.0f}, {3, false});
  TensorStatistics before = a;
  EXPECT_EQ(llvm::toString(a.merge(b)), "batch 3 was recorded already");
  EXPECT_EQ(llvm::toString(b.merge(a)), "batch 3 was recorded already");
  EXPECT_TRUE(a == before);
}

/// A distribution of some of the values is none.
TEST(Distribution, NeedsEveryPart) {
  TensorStatistics recorded, plain;
  recorded.record({1.0f, 2.0f}, {0, true});
  plain.update({3.0f});
  TensorStatistics a = recorded, b = plain;
  ASSERT_FALSE(bool(a.merge(plain)));
  ASSERT_FALSE(bool(b.merge(recorded)));
  EXPECT_FALSE(a.hasDistribution());
  EXPECT_TRUE(a == b);
  EXPECT_EQ(a.finiteCount(), 3u);
  recorded.update({3.0f});
  EXPECT_TRUE(recorded == a);
}

TEST(Distribution, ChannelHistogramsNeedEveryBatch) {
  const float data[] = {1, 2, 3, 4};
  TensorStatistics with, without;
  with.record(data, {2, 2, 1}, {0, true}, true);
  EXPECT_EQ(with.channelHistograms.size(), 2u);
  EXPECT_EQ(with.channelHistograms[1].total(), 2u);
  without.record(data, {2, 2, 1}, {1, true}, false);
  TensorStatistics a = with, b = without;
  ASSERT_FALSE(bool(a.merge(without)));
  ASSERT_FALSE(bool(b.merge(with)));
  EXPECT_TRUE(a == b);
  EXPECT_TRUE(a.channelHistograms.empty());
  EXPECT_FALSE(a.channelMin.empty());
  with.record(data, {2, 2, 1}, {1, true}, false);
  EXPECT_TRUE(with == a);
}

TEST(Distribution, JoinedTensorsShareAScale) {
  TensorStatistics small, large, joined;
  std::vector<float> ramp;
  for (int i = 0; i <= 1000; ++i)
    ramp.push_back(float(i) / 1000.0f);
  std::vector<float> negative = ramp;
  for (float &x : negative)
    x *= -4.0f;
  small.record(ramp, {0, true});
  small.record(ramp, {1, false});
  large.record(negative, {0, true});
  large.record(negative, {1, false});
  joined.join(small);
  joined.join(large);
  EXPECT_TRUE(joined.hasDistribution());
  EXPECT_EQ(joined.histogram.total(), 4004u);
  EXPECT_TRUE(joined.openBatches.empty());
  // Of a batch, neither tensor is cut more than alone.
  for (uint64_t index : {0, 1}) {
    RealRange range = joined.batches.at(index).range(0.1);
    EXPECT_NEAR(range.lo, -3.6, 1e-3);
    EXPECT_NEAR(range.hi, 0.9, 1e-3);
  }
  // All values together: half of them are above 0.
  ObserverParams params;
  params.kind = ObserverParams::Kind::Percentile;
  params.alpha = 0.9;
  RealRange pooled = deriveRange(joined, params, QuantFormat());
  EXPECT_NEAR(pooled.lo, -3.2, 2e-2);
  EXPECT_NEAR(pooled.hi, 0.8, 2e-2);
}

/// 200 tensors of 100 batches, of kinds that networks have, and large enough
/// that no bin in reach is empty.
TEST(Distribution, FilesAreSmall) {
  StatisticsFile file;
  llvm::cantFail(file.addSamples({0, 100}));
  std::mt19937 random(8);
  for (auto [kind, shape] : llvm::enumerate(kShapes)) {
    TensorStatistics statistics;
    std::vector<float> values = makeValues(shape, 50000, random);
    for (uint64_t batch = 0; batch < 100; ++batch) {
      std::shuffle(values.begin(), values.end(), random);
      llvm::ArrayRef<float> some(values.data(), 20000);
      statistics.record(some, {batch, batch != 99});
    }
    for (unsigned i = 0; i < 40; ++i)
      file.tensors[std::to_string(kind) + "/" + std::to_string(i)] = statistics;
  }
  EXPECT_LT(print(file).size(), 20u * 1000 * 1000);
}

} // namespace
