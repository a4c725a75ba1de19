// This file tests what a statistics file says when the distribution that it
// holds is damaged.
#include "npir/Observers/StatisticsFile.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {

/// A file with one tensor that has every field.
std::string makeText() {
  StatisticsFile file;
  file.modelHash = "h";
  file.batchSize = 2;
  file.addEngine("e");
  llvm::cantFail(file.addSamples({0, 5}));
  const float data[] = {1.0f, -0.5f, 0.25f, 0.75f};
  TensorStatistics &tensor = file.tensors["a:0"];
  tensor.record(data, {2, 2, 1}, {0, true}, true);
  tensor.record(data, {2, 2, 1}, {1, true}, true);
  tensor.record(data, {1, 2, 1}, {2, false}, true);
  std::string text;
  llvm::raw_string_ostream os(text);
  file.print(os);
  return text;
}

std::string errorOf(llvm::StringRef text) {
  auto file = StatisticsFile::parse(text, "f.npirstats");
  return file ? "" : llvm::toString(file.takeError());
}

/// Replaces the value of `key`, which goes up to `end`.
std::string replaceValue(llvm::StringRef key, llvm::StringRef end,
                         llvm::StringRef value) {
  std::string text = makeText();
  size_t begin = text.find(("\"" + key + "\":").str());
  EXPECT_NE(begin, std::string::npos);
  begin += key.size() + 3;
  return text.replace(begin, text.find(end.str(), begin) - begin, value.str());
}

/// The value of `key`, a string.
std::string getValue(llvm::StringRef key) {
  std::string text = makeText();
  size_t begin = text.find(("\"" + key + "\":\"").str()) + key.size() + 4;
  return text.substr(begin, text.find('"', begin) - begin);
}

TEST(StatisticsDamage, FieldsAreNamed) {
  EXPECT_EQ(errorOf(makeText()), "");
  const char *field = "f.npirstats: damaged statistics file: field "
                      "'tensors[0].";
  auto expect = [&](llvm::StringRef key, llvm::StringRef end,
                    llvm::StringRef value, const std::string &message) {
    EXPECT_EQ(errorOf(replaceValue(key, end, value)), field + message);
  };
  expect("histogram", ",", "7", "histogram': expected bytes in base64");
  expect("histogram", ",", "\"*\"", "histogram': expected bytes in base64");
  expect("histogram", ",", "\"AA==\"",
         "histogram': does not hold the bins between the extrema");
  // The histogram of the tensor is that of other values.
  expect("count", ",", "11", "histogram': expected 11 finite values, got 10");
  expect("batches", ",", "null", "batches': expected bytes in base64");
  expect("batches", ",", "\"AAAA\"", "batches': does not hold batches");
  expect("batches", ",", "\"\"", "batches': expected 10 finite values, got 2");
  expect("open_batches", ",\"channel", "7", "open_batches': expected an array");
  expect("open_batches", ",\"channel", "[7]",
         "open_batches[0]': expected an object");
  expect("index", ",", "1",
         "open_batches[0].index': is that of another "
         "batch, too");
  expect("index", ",", "-1",
         "open_batches[0].index': expected a non-negative integer");
  expect("channel_histograms", "}\n", "7",
         "channel_histograms': expected an array");
  expect("channel_histograms", "}\n", "[]",
         "channel_histograms': expected 2 histograms, got 0");
  expect("channel_histograms", "}\n", "[\"AA==\",\"AA==\"]",
         "channel_histograms[0]': does not hold the bins between the extrema");
}

TEST(StatisticsDamage, OpenBatches) {
  std::string text = makeText();
  auto replace = [&](llvm::StringRef from, llvm::StringRef to) {
    std::string damaged = text;
    size_t at = damaged.find(from.str(), damaged.find("open_batches"));
    EXPECT_NE(at, std::string::npos) << from.str();
    return errorOf(damaged.replace(at, from.size(), to.str()));
  };
  const std::string field = "f.npirstats: damaged statistics file: field "
                            "'tensors[0].open_batches[0].";
  EXPECT_EQ(replace("\"min\":-0.5", "\"min\":2"),
            field + "min': is above 'max'");
  EXPECT_EQ(replace("\"min\":-0.5", "\"min\":null"),
            field + "min': is above 'max'");
  EXPECT_EQ(replace("\"min\":-0.5,", ""), field + "min': is missing");
  EXPECT_EQ(replace("\"histogram\"", "\"other\""),
            field + "histogram': is missing");
}

/// Each of the sums is checked, and none wraps round.
TEST(StatisticsDamage, BatchesOfOtherTensors) {
  // Twice the batches: the second ones have later numbers.
  std::string batches = getValue("batches");
  ASSERT_EQ(batches.size() % 4, 0u);
  std::string error =
      errorOf(replaceValue("batches", ",", "\"" + batches + batches + "\""));
  EXPECT_NE(error.find("'tensors[0].batches'"), std::string::npos) << error;
}

TEST(StatisticsDamage, EveryTruncationIsAnError) {
  std::string text = makeText();
  for (size_t size = 0; size + 1 < text.size(); ++size)
    EXPECT_NE(errorOf(llvm::StringRef(text).take_front(size)), "") << size;
}

/// A flipped bit gives one error, or a file that can be printed and read.
TEST(StatisticsDamage, BitFlipsDoNotCrash) {
  std::string text = makeText();
  unsigned errors = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[i] = char(flipped[i] ^ (1 << bit));
      auto file = StatisticsFile::parse(flipped, "f");
      if (!file) {
        llvm::consumeError(file.takeError());
        ++errors;
        continue;
      }
      std::string again;
      llvm::raw_string_ostream os(again);
      file->print(os);
      EXPECT_EQ(errorOf(again), "") << i << " " << bit;
    }
  }
  EXPECT_GT(errors, text.size());
}

/// Files of version 1 have no distribution and still load.
TEST(StatisticsDamage, Version1Loads) {
  auto file = StatisticsFile::parse(
      R"({"version":1,"model":"h","batch_size":2,"engines":["e"],)"
      R"("samples":[[0,2]],"tensors":[{"id":"a:0","count":4,"nan":0,)"
      R"("pos_inf":0,"neg_inf":0,"min":-2,"max":3}]})",
      "f");
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  EXPECT_FALSE(file->tensors["a:0"].hasDistribution());
  EXPECT_EQ(file->tensors["a:0"].maxVal, 3.0f);
}

} // namespace
