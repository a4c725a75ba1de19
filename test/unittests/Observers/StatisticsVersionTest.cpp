// This file tests the fields of statistics files that versions 3 and 4 brought,
// what is said when they are damaged, and that older files still load.
#include "RandomData.h"
#include "npir/Observers/Observer.h"
#include "npir/Observers/StatisticsFile.h"
#include "npir/Observers/TensorRecorder.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

std::string print(const StatisticsFile &file) {
  std::string text;
  llvm::raw_string_ostream os(text);
  file.print(os);
  return text;
}

std::string errorOf(llvm::StringRef text) {
  auto file = StatisticsFile::parse(text, "f.npirstats");
  return file ? "" : llvm::toString(file.takeError());
}

/// Batches of 4 samples of [4][2] each, the last one of 2.
StatisticsFile makeFile(uint64_t rowSample, bool batchHistograms) {
  StatisticsFile file;
  file.modelHash = "h";
  file.batchSize = 4;
  file.rowSample = rowSample;
  file.keepsBatchHistograms = batchHistograms;
  file.addEngine("e");
  llvm::cantFail(file.addSamples({0, 10}));
  std::mt19937 random(1);
  std::vector<float> values = makeValues(Shape::Gauss, 80, random);
  RecordOptions options;
  options.rowSample = rowSample;
  options.batchHistograms = batchHistograms;
  options.channelHistograms = true;
  TensorRecorder recorder(options);
  for (uint64_t begin = 0; begin < 10; begin += 4) {
    SampleBlock block;
    block.data = values.data() + begin * 8;
    block.firstSample = begin;
    block.samples = std::min<uint64_t>(4, 10 - begin);
    block.sample = {4, 2, 1};
    block.rowLength = 2;
    recorder.record(block);
    recorder.endBatch({begin / 4, block.samples == 4});
  }
  file.tensors["a:0"] = recorder.take();
  return file;
}

TEST(StatisticsVersion, FilesRoundTrip) {
  for (uint64_t rowSample : {1, 3, 16})
    for (bool batchHistograms : {false, true}) {
      StatisticsFile file = makeFile(rowSample, batchHistograms);
      auto back = StatisticsFile::parse(print(file), "f");
      ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
      EXPECT_EQ(back->rowSample, rowSample);
      EXPECT_EQ(back->keepsBatchHistograms, batchHistograms);
      EXPECT_TRUE(back->tensors == file.tensors);
      EXPECT_TRUE(back->tensors["a:0"].hasMoments());
      EXPECT_EQ(print(*back), print(file));
    }
}

TEST(StatisticsVersion, FieldsAreNamed) {
  std::string text = print(makeFile(3, true));
  ASSERT_EQ(errorOf(text), "");
  auto replace = [&](llvm::StringRef key, llvm::StringRef value) {
    std::string damaged = text;
    size_t begin = damaged.find(("\"" + key + "\":").str());
    EXPECT_NE(begin, std::string::npos) << key.str();
    begin += key.size() + 3;
    char last = damaged[begin] == '[' ? ']' : ',';
    size_t end = damaged.find(last, begin) + (last == ']');
    return errorOf(damaged.replace(begin, end - begin, value.str()));
  };
  const std::string file = "f.npirstats: damaged statistics file: field '";
  const std::string tensor = file + "tensors[0].";
  EXPECT_EQ(replace("row_sample", "0"),
            file + "row_sample': expected at least 1");
  EXPECT_EQ(replace("row_sample", "\"x\""),
            file + "row_sample': expected a non-negative integer");
  EXPECT_EQ(replace("per_batch", "\"x\""),
            file + "per_batch': expected 'tails' or 'histogram'");
  EXPECT_EQ(replace("sum", "\"12x\""),
            tensor + "sum': expected a hexadecimal number");
  EXPECT_EQ(replace("sum", "1"), tensor + "sum': expected a string");
  EXPECT_EQ(replace("squares", "\"-1\""), tensor + "squares': is negative");
  EXPECT_EQ(replace("sampled", "81"),
            tensor + "sampled': is above the finite values");
  EXPECT_EQ(replace("sampled", "1"),
            tensor + "histogram': expected 1 finite values, got 28");
  EXPECT_EQ(replace("batch_histograms", "[]"),
            tensor + "batch_histograms': expected 2 histograms, got 0");
  EXPECT_EQ(replace("batch_histograms", "[\"AA==\",\"AA==\"]"),
            tensor + "batch_histograms[0]': does not hold the bins between "
                     "the extrema");
  EXPECT_EQ(replace("batch_histograms", "7"),
            tensor + "batch_histograms': expected an array");
  EXPECT_EQ(replace("channel_min", "\"AAAA\""),
            tensor + "channel_min': ends within a number");
  EXPECT_EQ(replace("channel_min", "\"*\""),
            tensor + "channel_min': expected bytes in base64");
  // NaN.
  EXPECT_EQ(replace("channel_min", "\"AADAfwAAwH8=\""),
            tensor + "channel_min[0]': is above the channel's maximum");
}

TEST(StatisticsVersion, BitFlipsDoNotCrash) {
  std::string text = print(makeFile(3, true));
  for (size_t i = 0; i < text.size(); ++i)
    for (unsigned bit = 0; bit < 7; ++bit) {
      std::string flipped = text;
      flipped[i] = char(flipped[i] ^ (1 << bit));
      auto file = StatisticsFile::parse(flipped, "f");
      if (file)
        EXPECT_EQ(errorOf(print(*file)), "") << i << " " << bit;
      else
        llvm::consumeError(file.takeError());
    }
}

TEST(StatisticsVersion, OtherRowSamplesDoNotMerge) {
  StatisticsFile a = makeFile(3, false), b = makeFile(1, false);
  b.samples = {{10, 20}};
  std::string before = print(a);
  EXPECT_EQ(llvm::toString(a.merge(b, "a", "b")),
            "cannot merge b into a: expected row sample 3, got 1");
  EXPECT_EQ(print(a), before);
}

/// What one side did not record the result has not.
TEST(StatisticsVersion, BatchHistogramsNeedEveryPart) {
  StatisticsFile a = makeFile(1, true), b;
  b.modelHash = "h";
  b.batchSize = 4;
  llvm::cantFail(b.addSamples({12, 16}));
  b.tensors["a:0"];
  ASSERT_FALSE(bool(a.merge(b, "a", "b")));
  EXPECT_EQ(print(a).find("batch_histograms"), std::string::npos);
  StatisticsFile c = makeFile(1, false);
  b.engines = c.engines;
  ASSERT_FALSE(bool(b.merge(c, "b", "c")));
  EXPECT_EQ(print(a), print(b));
}

/// Files of version 3, whose moments are those of all rows.
TEST(StatisticsVersion, Version3Loads) {
  for (uint64_t rowSample : {1, 3}) {
    std::string text = print(makeFile(rowSample, false));
    llvm::StringRef now = "\"version\": 4";
    ASSERT_NE(text.find(now), std::string::npos);
    text.replace(text.find(now), now.size(), "\"version\": 3");
    auto file = StatisticsFile::parse(text, "f");
    ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
    EXPECT_TRUE(file->tensors["a:0"].hasDistribution());
    EXPECT_EQ(file->tensors["a:0"].hasMoments(), rowSample == 1);
  }
}

/// Files of version 2, whose channels were numbers.
TEST(StatisticsVersion, Version2Loads) {
  auto file = StatisticsFile::parse(
      R"({"version":2,"model":"h","batch_size":2,"engines":["e"],)"
      R"("samples":[[0,2]],"tensors":[{"id":"a:0","count":4,"nan":0,)"
      R"("pos_inf":0,"neg_inf":0,"min":-2,"max":3,"channel_min":[-2,null],)"
      R"("channel_max":[3,null]}]})",
      "f");
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  const TensorStatistics &tensor = file->tensors["a:0"];
  EXPECT_EQ(file->rowSample, 1u);
  EXPECT_FALSE(tensor.hasMoments());
  EXPECT_FALSE(tensor.hasDistribution());
  EXPECT_EQ(tensor.channelMin, std::vector<float>({-2.0f, INFINITY}));
  // It merges with a new one, which loses what this one lacks.
  StatisticsFile merged = *file;
  ASSERT_FALSE(bool(merged.addSamples({2, 4})));
  EXPECT_EQ(errorOf(print(merged)), "");
}

/// The type-7 quantile of a batch's values.
double quantileOf(std::vector<float> values, double p) {
  std::sort(values.begin(), values.end());
  double position = double(values.size() - 1) * p;
  auto rank = size_t(position);
  double next = values[std::min(rank + 1, values.size() - 1)];
  return values[rank] + (position - double(rank)) * (next - values[rank]);
}

/// Averages of percentiles are within a bin for every alpha.
TEST(StatisticsVersion, BatchHistogramsGiveExactAverages) {
  std::mt19937 random(5);
  RecordOptions options;
  options.batchHistograms = true;
  for (Shape shape : {Shape::Gauss, Shape::Heavy, Shape::Relu}) {
    TensorRecorder recorder(options);
    std::vector<std::vector<float>> batches;
    double width = 0.0;
    for (uint64_t i = 0; i < 12; ++i) {
      batches.push_back(makeValues(shape, 3000, random));
      const std::vector<float> &values = batches.back();
      SampleBlock block;
      block.data = values.data();
      block.samples = 1;
      block.sample = {values.size(), 1, 1};
      recorder.record(block);
      // The last one stays open.
      recorder.endBatch({i, i != 11});
      auto [least, greatest] =
          std::minmax_element(values.begin(), values.end());
      width = std::max(width, Histogram::binWidthFor(*least, *greatest));
    }
    TensorStatistics statistics = recorder.take();
    for (double alpha : {0.9137, 0.99, 0.9971, 0.99983}) {
      ObserverParams params;
      params.kind = ObserverParams::Kind::Percentile;
      params.alpha = alpha;
      params.sigma = 0.3;
      RealRange expected;
      for (const auto &values : batches) {
        double lo = quantileOf(values, 1.0 - alpha);
        double hi = quantileOf(values, alpha);
        bool isFirst = &values == &batches.front();
        expected.lo += (isFirst ? 1.0 : 0.3) * (lo - expected.lo);
        expected.hi += (isFirst ? 1.0 : 0.3) * (hi - expected.hi);
      }
      RealRange got = deriveRange(statistics, params, QuantFormat());
      EXPECT_NEAR(got.lo, expected.lo, width) << alpha;
      EXPECT_NEAR(got.hi, expected.hi, width) << alpha;
    }
  }
}

} // namespace
