// This file tests calibration as a library: samples in memory, parts of
// batches, and what it warns of.
#include "Fixture.h"

#include <numeric>

using namespace mlir;
using namespace mlir::npir;

TEST_F(CalibrationTest, TakesSamplesFromMemory) {
  parseAbs();
  FailureOr<StatisticsFile> file = calibrateOn({3, 2});
  ASSERT_TRUE(succeeded(file)) << messages;
  EXPECT_EQ(file->sampleCount(), 3u);
  EXPECT_EQ(file->tensors.at("x:0").minVal, -4);
  EXPECT_EQ(file->tensors.at("x:0").maxVal, 3);
  EXPECT_EQ(file->tensors.at("y:0").minVal, 0);
  EXPECT_EQ(file->tensors.at("y:0").maxVal, 4);
}

TEST_F(CalibrationTest, RefusesOtherSamples) {
  parseAbs();
  EXPECT_TRUE(failed(calibrateOn({2, 3})));
  expectMessage("samples: ");
  samples[3] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(failed(calibrateOn({3, 2})));
  expectMessage("samples: sample 1, element 1 is inf");
}

TEST_F(CalibrationTest, RefusesOptionsOutOfRange) {
  parseAbs();
  options.runBatch = -1;
  EXPECT_TRUE(failed(calibrateOn({3, 2})));
  EXPECT_EQ(messages, "expected run-batch of at least 0, got -1\n");
  options.runBatch = 0;
  options.rowSample = 0;
  EXPECT_TRUE(failed(calibrateOn({3, 2})));
  EXPECT_EQ(messages, "expected row-sample of at least 1, got 0\n");
  options.rowSample = 1;
  options.checkpoint = -1;
  EXPECT_TRUE(failed(calibrateOn({3, 2})));
  EXPECT_EQ(messages, "expected checkpoint of at least 0 seconds\n");
}

TEST_F(CalibrationTest, RecordsExtremaOfChannelsAlways) {
  parseAbs();
  FailureOr<StatisticsFile> file = calibrateOn({3, 2});
  ASSERT_TRUE(succeeded(file)) << messages;
  const TensorStatistics &statistics = file->tensors.at("y:0");
  EXPECT_EQ(statistics.channelMin, (std::vector<float>{0.5, 0}));
  EXPECT_EQ(statistics.channelMax, (std::vector<float>{3, 4}));
  EXPECT_TRUE(statistics.channelHistograms.empty());
  options.channelHistograms = true;
  file = calibrateOn({3, 2});
  ASSERT_TRUE(succeeded(file)) << messages;
  EXPECT_EQ(file->tensors.at("y:0").channelHistograms.size(), 2u);
}

// Samples per run, threads and parts of batches leave no trace.
TEST_F(CalibrationTest, EveryWayToRunABatchGivesTheSameBytes) {
  parseAbs();
  samples.resize(2 * 37);
  std::iota(samples.begin(), samples.end(), -20.25f);
  options.batch = 8;
  options.channelHistograms = true;
  options.batchHistograms = true;
  options.rowSample = 3;
  FailureOr<StatisticsFile> expected = calibrateOn({37, 2});
  ASSERT_TRUE(succeeded(expected)) << messages;
  for (int64_t runBatch : {1, 3, 8, 100})
    for (unsigned threads : {1, 2, 3}) {
      options.runBatch = runBatch;
      options.threads = threads;
      FailureOr<StatisticsFile> file = calibrateOn({37, 2});
      ASSERT_TRUE(succeeded(file)) << messages;
      EXPECT_EQ(print(*file), print(*expected)) << runBatch << " " << threads;
    }
}

// Runs take the one batch size there is; statistics have batches of their own.
TEST_F(CalibrationTest, RunsNetworksWithoutAFreeBatch) {
  parseAbs("tensor<1x2xf32>");
  FailureOr<StatisticsFile> fixed = calibrateOn({3, 2});
  ASSERT_TRUE(succeeded(fixed)) << messages;
  parseAbs();
  FailureOr<StatisticsFile> free = calibrateOn({3, 2});
  ASSERT_TRUE(succeeded(free)) << messages;
  EXPECT_EQ(print(*fixed), print(*free));
}

// A tensor that is the same for every sample counts once per batch, in the part
// of it that has the first sample: so shards count it as one run does.
TEST_F(CalibrationTest, CountsWhatDoesNotFollowTheBatchOncePerBatch) {
  const std::string type = "tensor<?x2xf32>", row = "tensor<1x2xf32>";
  parse(type, "%c = npir.constant dense<[[-3.0, 1.0]]> : " + row +
                  " loc(\"c\")\n%0 = npir.abs %c : " + row + " -> " + row +
                  " loc(\"row\")\n" + observe("%1", "row:0", "%0", row) +
                  "%2 = npir.add %x, %1 : (" + type + ", " + row + ") -> " +
                  type + " loc(\"y\")\n" + observe("%y", "y:0", "%2", type));
  samples.resize(2 * 8);
  std::iota(samples.begin(), samples.end(), 0.0f);
  options.batch = 4;
  FailureOr<StatisticsFile> whole = calibrateOn({8, 2});
  ASSERT_TRUE(succeeded(whole)) << messages;
  EXPECT_EQ(whole->tensors.at("row:0").count, 4u);
  EXPECT_EQ(whole->tensors.at("y:0").count, 16u);
  options.runBatch = 1;
  std::vector<StatisticsFile> shards;
  for (SampleSpan span : {SampleSpan{2, 3}, {0, 2}, {5, 8}, {3, 5}}) {
    options.samples = span;
    FailureOr<StatisticsFile> shard = calibrateOn({8, 2});
    ASSERT_TRUE(succeeded(shard)) << messages;
    // 0:2 and 3:5 have the first samples of the two batches.
    if (span.begin == 2 || span.begin == 5)
      expectMessage("tensor row:0 was never recorded");
    else
      EXPECT_EQ(messages, "");
    shards.push_back(std::move(*shard));
  }
  for (size_t i = 1; i < shards.size(); ++i)
    llvm::cantFail(shards[0].merge(shards[i], "a", "b"));
  EXPECT_EQ(print(shards[0]), print(*whole));
}

TEST_F(CalibrationTest, WarnsOfTensorsThatTellNothing) {
  parseAbs();
  samples.assign(6, -2.5f);
  ASSERT_TRUE(succeeded(calibrateOn({3, 2})));
  expectMessage("tensor x:0 is -2.5 in all 6 values");
  expectMessage("tensor y:0 is 2.5 in all 6 values");
  samples.assign(6, 0.0f);
  ASSERT_TRUE(succeeded(calibrateOn({3, 2})));
  expectMessage("tensor x:0 is zero in all 6 values");
  samples = {1, 2, 3, 4, 5, 6};
  ASSERT_TRUE(succeeded(calibrateOn({3, 2})));
  EXPECT_EQ(messages, "");
}

// Infinities come from 3e38 + 3e38; 25 layers have them, 20 are shown.
TEST_F(CalibrationTest, WarnsOfNonFiniteValuesUpToACount) {
  const std::string type = "tensor<?x2xf32>";
  std::string body, last = "%x";
  for (int i = 0; i < 25; ++i) {
    std::string n = std::to_string(i);
    body += "%a" + n + " = npir.add " + last + ", " + last + " : (" + type +
            ", " + type + ") -> " + type + " loc(\"a" + n + "\")\n";
    last = i == 24 ? "%y" : "%o" + n;
    body += observe(last, "a" + n + ":0", "%a" + n, type);
  }
  parse(type, body);
  samples = {1, 2, 3e38f, 4, 5, 6};
  ASSERT_TRUE(succeeded(calibrateOn({3, 2})));
  expectMessage("tensor a0:0 holds 1 non-finite of 6 values");
  expectMessage("tensor a19:0 holds 1 non-finite of 6 values");
  EXPECT_EQ(messages.find("tensor a20:0"), std::string::npos);
  expectMessage("5 more tensors hold non-finite values\n");
  options.strict = true;
  EXPECT_TRUE(failed(calibrateOn({3, 2})));
}
