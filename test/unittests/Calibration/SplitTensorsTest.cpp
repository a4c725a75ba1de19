// This file tests the statistics of tensors that are split into others: they
// are made of those of the parts.
#include "Fixture.h"

#include "llvm/Support/FileSystem.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
constexpr int64_t kSamples = 11, kRows = 5, kChannels = 12;

class SplitTensorsTest : public CalibrationTest {
protected:
  SplitTensorsTest() {
    samples.resize(kSamples * kRows * kChannels);
    // Each channel has its own range.
    for (size_t i = 0; i < samples.size(); ++i)
      samples[i] =
          float(int(i * 7919 % 1009) - 400) * float(i % 12 + 1) * 0.01f;
    options.batch = 4;
  }

  /// x is made of three slices of a view of it, the second of which begins at
  /// `second`, and y of these.
  void parseSplit(int64_t second = 1) {
    std::string x = "tensor<?x5x12xf32>", view = "tensor<?x5x3x4xf32>",
                part = "tensor<?x5x1x4xf32>";
    std::string body = observe("%0", "x:0", "%x", x) +
                       "%1 = npir.reshape %0 : " + x + " -> " + view +
                       " loc(\"view\")\n" + observe("%2", "view:0", "%1", view);
    std::string parts;
    int64_t offsets[] = {0, second, 2};
    for (int i = 0; i < 3; ++i) {
      std::string n = std::to_string(i);
      body += "%s" + n + " = npir.slice %2 {offsets = array<i64: 0, 0, " +
              std::to_string(offsets[i]) +
              ", 0>, sizes = array<i64: -1, -1, 1, -1>} : " + view + " -> " +
              part + " loc(\"part" + n + "\")\n" +
              observe("%p" + n, "part" + n + ":0", "%s" + n, part);
    }
    body += "%3 = npir.concat %p0, %p1, %p2 {axis = 2 : i64} : (" + part +
            ", " + part + ", " + part + ") -> " + view + " loc(\"concat\")\n" +
            observe("%4", "concat:0", "%3", view) +
            "%5 = npir.reshape %4 : " + view + " -> " + x + " loc(\"y\")\n" +
            observe("%y", "y:0", "%5", x);
    parse(x, body);
  }

  FailureOr<StatisticsFile> run() {
    return calibrateOn({kSamples, kRows, kChannels});
  }

  /// Of channels [first, first + count), which are `repeats` times `own`.
  TensorStatistics expect(int64_t first, int64_t count, int64_t own) {
    TensorStatistics result;
    Moments moments;
    for (int64_t begin = 0; begin < kSamples; begin += options.batch) {
      int64_t end = std::min(kSamples, begin + options.batch);
      std::vector<float> values;
      for (int64_t row = begin * kRows; row < end * kRows; ++row)
        for (int64_t i = first; i < first + count; ++i)
          values.push_back(samples[row * kChannels + i]);
      ChannelView view{values.size() / size_t(own), size_t(own), 1};
      // A sample of the last batch might follow.
      bool isWhole = end - begin == options.batch;
      result.record(values.data(), view,
                    {uint64_t(begin / options.batch), isWhole}, false);
      for (float value : values) {
        moments.sum.add(value);
        moments.squares.add(double(value) * value);
      }
      moments.count += values.size();
    }
    result.moments = moments;
    return result;
  }
};
} // namespace

/// Sums are rounded in chunks of a tensor, which those of its parts are not.
static void expectSame(TensorStatistics actual, TensorStatistics expected) {
  EXPECT_EQ(actual.moments.count, expected.moments.count);
  EXPECT_NEAR(actual.moments.sum.toDouble(), expected.moments.sum.toDouble(),
              1e-3);
  EXPECT_NEAR(actual.moments.squares.toDouble(),
              expected.moments.squares.toDouble(), 1e-2);
  actual.moments = expected.moments = Moments();
  EXPECT_TRUE(actual == expected);
}

TEST_F(SplitTensorsTest, HoldWhatTheirPartsHold) {
  parseSplit();
  FailureOr<StatisticsFile> file = run();
  ASSERT_TRUE(succeeded(file)) << messages;
  expectSame(file->tensors.at("x:0"), expect(0, 12, 12));
  for (int i = 0; i < 3; ++i)
    expectSame(file->tensors.at("part" + std::to_string(i) + ":0"),
               expect(4 * i, 4, 4));
  TensorStatistics view = expect(0, 12, 12);
  view.channelMin.clear();
  view.channelMax.clear();
  expectSame(file->tensors.at("view:0"), view);
}

TEST_F(SplitTensorsTest, AreRecordedWhereSlicesDoNotMakeThem) {
  parseSplit(/*second=*/0);
  FailureOr<StatisticsFile> file = run();
  ASSERT_TRUE(succeeded(file)) << messages;
  expectSame(file->tensors.at("x:0"), expect(0, 12, 12));
  expectSame(file->tensors.at("part1:0"), expect(0, 4, 4));
}

TEST_F(SplitTensorsTest, AreRecordedWithHistogramsOfChannels) {
  parseSplit();
  options.channelHistograms = true;
  FailureOr<StatisticsFile> file = run();
  ASSERT_TRUE(succeeded(file)) << messages;
  EXPECT_EQ(file->tensors.at("x:0").channelHistograms.size(), 12u);
  EXPECT_EQ(file->tensors.at("part2:0").channelHistograms.size(), 4u);
}

TEST_F(SplitTensorsTest, DoNotDependOnRunsThreadsAndStops) {
  parseSplit();
  options.rowSample = 3;
  options.batchHistograms = true;
  FailureOr<StatisticsFile> whole = run();
  ASSERT_TRUE(succeeded(whole)) << messages;
  uint64_t sampled = whole->tensors.at("x:0").sampledCount;
  EXPECT_GT(sampled, 0u);
  EXPECT_LT(sampled, samples.size());
  SmallString<128> path;
  ASSERT_FALSE(
      llvm::sys::fs::createTemporaryFile("npir-split", "npirstats", path));
  for (unsigned threads : {1, 2}) {
    llvm::sys::fs::remove(path);
    options.stats = path.str().str();
    options.resume = true;
    options.threads = threads;
    options.runBatch = threads;
    for (SampleSpan span : {SampleSpan{3, 6}, {0, 3}, {6, 11}}) {
      options.samples = span;
      FailureOr<StatisticsFile> file = run();
      ASSERT_TRUE(succeeded(file)) << messages;
      if (file->sampleCount() == kSamples) {
        EXPECT_EQ(print(*file), print(*whole)) << threads;
        EXPECT_TRUE(file->tensors == whole->tensors);
      }
    }
  }
  llvm::sys::fs::remove(path);
}
