// This file tests the statistics file: exact round trips, merging, and every
// error that a damaged file gives.
#include "npir/Observers/StatisticsFile.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"
#include <algorithm>
#include <cfloat>
#include <cmath>
#include <cstring>
#include <random>

using namespace mlir::npir;

namespace {

std::string print(const StatisticsFile &file) {
  std::string text;
  llvm::raw_string_ostream os(text);
  file.print(os);
  return text;
}

bool equal(const StatisticsFile &a, const StatisticsFile &b) {
  return a.modelHash == b.modelHash && a.batchSize == b.batchSize &&
         a.engines == b.engines && a.samples == b.samples &&
         a.tensors == b.tensors;
}

StatisticsFile makeFile(uint64_t begin, uint64_t end) {
  StatisticsFile file;
  file.modelHash = "abc123";
  file.batchSize = 8;
  file.addEngine("xnnpack 20241108 x86-avx512");
  llvm::cantFail(file.addSamples({begin, end}));
  std::mt19937 random(unsigned(begin + 1));
  std::normal_distribution<float> normal;
  std::vector<float> values(24);
  for (float &x : values)
    x = normal(random);
  file.tensors["conv1:0"].update(values.data(), {6, 4, 1});
  values[3] = std::nanf("");
  file.tensors["add \"1\":0"].update(values);
  file.tensors["unseen:0"];
  return file;
}

TEST(StatisticsFile, TextIsFixed) {
  StatisticsFile file;
  file.modelHash = "h";
  file.batchSize = 2;
  file.addEngine("e");
  ASSERT_FALSE(bool(file.addSamples({0, 4})));
  const float values[] = {0.1f, -2.0f, 3.0f, std::nanf("")};
  file.tensors["b:0"].update(values, {2, 2, 1});
  file.tensors["a:0"];
  EXPECT_EQ(print(file), R"json({
 "version": 4,
 "model": "h",
 "batch_size": 2,
 "row_sample": 1,
 "per_batch": "tails",
 "engines": [
  "e"
 ],
 "samples": [
  [0,4]
 ],
 "tensors": [
  {"id":"a:0","count":0,"nan":0,"pos_inf":0,"neg_inf":0,"min":null,"max":null},
  {"id":"b:0","count":4,"nan":1,"pos_inf":0,"neg_inf":0,"min":-2,"max":3,"channel_min":"zczMPQAAAMA=","channel_max":"AABAQAAAAMA="}
 ]
}
)json");
}

TEST(StatisticsFile, RoundTripIsExact) {
  StatisticsFile file = makeFile(0, 16);
  const float hard[] = {0.1f,      1.0f / 3,   FLT_MAX,     -FLT_MAX,
                        0x1p-126f, -0x1p-126f, 16777217.0f, 1e-38f};
  file.tensors["hard:0"].update(hard, {1, 8, 1});
  llvm::Expected<StatisticsFile> back =
      StatisticsFile::parse(print(file), "a.npirstats");
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_TRUE(equal(*back, file));
  EXPECT_EQ(print(*back), print(file));
}

/// Random bit patterns, so that no float is printed too short.
TEST(StatisticsFile, PackedTensorsAreTheSame) {
  StatisticsFile file = makeFile(0, 16);
  std::mt19937 random(3);
  std::normal_distribution<float> normal;
  std::vector<float> values(4000);
  for (float &x : values)
    x = normal(random);
  TensorStatistics &recorded = file.tensors["recorded:0"];
  recorded.record(values.data(), {1000, 4, 1}, {0, true},
                  /*withHistograms=*/true);
  ASSERT_TRUE(recorded.hasDistribution());
  StatisticsFile packed = llvm::cantFail(
      StatisticsFile::parse(print(file), "f", /*keepPacked=*/true));
  EXPECT_EQ(packed.tensors["recorded:0"].histogram.bins().size(),
            Histogram().bins().size());
  ASSERT_EQ(packed.tensors.size(), file.tensors.size());
  for (auto &[id, tensor] : packed.tensors)
    EXPECT_TRUE(tensor.getUnpacked() == file.tensors[id]) << id;
}

TEST(StatisticsFile, EveryFloatRoundTrips) {
  std::mt19937 random(1);
  std::vector<float> values;
  while (values.size() < 20000) {
    uint32_t bits = random();
    float x;
    std::memcpy(&x, &bits, sizeof(x));
    if (std::isnormal(x))
      values.push_back(x);
  }
  StatisticsFile file;
  file.tensors["t:0"].update(values.data(), {1, values.size(), 1});
  auto back = StatisticsFile::parse(print(file), "a");
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_EQ(back->tensors["t:0"].channelMin, values);
}

TEST(StatisticsFile, SavesAndLoads) {
  llvm::SmallString<128> path;
  ASSERT_FALSE(
      llvm::sys::fs::createTemporaryFile("npir-stats", "npirstats", path));
  StatisticsFile file = makeFile(0, 16);
  ASSERT_FALSE(bool(file.save(path)));
  auto back = StatisticsFile::load(path);
  ASSERT_TRUE(bool(back)) << llvm::toString(back.takeError());
  EXPECT_TRUE(equal(*back, file));
  llvm::sys::fs::remove(path);
  EXPECT_EQ(
      llvm::toString(StatisticsFile::load("/no/such.npirstats").takeError()),
      "/no/such.npirstats: cannot read: no such file or directory");
  EXPECT_EQ(llvm::toString(StatisticsFile::load("/tmp").takeError()),
            "/tmp: cannot read: is a directory");
}

TEST(StatisticsFile, SaveRefusesWhatJSONCannotHold) {
  StatisticsFile file = makeFile(0, 16);
  file.tensors["conv\xff:0"];
  std::string message = llvm::toString(file.save("/tmp/npir-never-written"));
  EXPECT_EQ(message, "/tmp/npir-never-written: cannot write: tensor id "
                     "'conv\xEF\xBF\xBD:0' is not UTF-8");
  EXPECT_FALSE(llvm::sys::fs::exists("/tmp/npir-never-written"));
}

TEST(StatisticsFile, SamplesAreSortedAndJoined) {
  StatisticsFile file;
  for (SampleRange range : {SampleRange{40, 50}, {0, 10}, {20, 30}, {60, 70}})
    ASSERT_FALSE(bool(file.addSamples(range)));
  EXPECT_EQ(file.samples,
            (std::vector<SampleRange>{{0, 10}, {20, 30}, {40, 50}, {60, 70}}));
  ASSERT_FALSE(bool(file.addSamples({10, 20}))); // closes a gap
  ASSERT_FALSE(bool(file.addSamples({50, 55}))); // grows to the right
  ASSERT_FALSE(bool(file.addSamples({58, 60}))); // grows to the left
  EXPECT_EQ(file.samples,
            (std::vector<SampleRange>{{0, 30}, {40, 55}, {58, 70}}));
  EXPECT_EQ(file.sampleCount(), 57u);
}

TEST(StatisticsFile, OverlapAndEmptyRangeAreErrors) {
  StatisticsFile file;
  ASSERT_FALSE(bool(file.addSamples({10, 20})));
  for (SampleRange range :
       {SampleRange{0, 11}, {19, 25}, {12, 13}, {0, 100}, {10, 20}})
    EXPECT_EQ(llvm::toString(file.addSamples(range)),
              "samples [" + std::to_string(range.begin) + ", " +
                  std::to_string(range.end) +
                  ") overlap samples [10, 20) that were counted already");
  EXPECT_EQ(llvm::toString(file.addSamples({5, 5})),
            "sample range [5, 5) is empty");
  EXPECT_EQ(file.samples, (std::vector<SampleRange>{{10, 20}}));
}

TEST(StatisticsFile, MergeIsFreeOfOrder) {
  StatisticsFile parts[] = {makeFile(0, 8), makeFile(8, 16), makeFile(32, 40)};
  parts[1].engines = {"another engine"};
  std::vector<unsigned> order{0, 1, 2};
  std::string first;
  do {
    StatisticsFile merged = parts[order[0]];
    for (unsigned i : {order[1], order[2]}) {
      llvm::Error error = merged.merge(parts[i], "a", "b");
      ASSERT_FALSE(bool(error));
    }
    if (first.empty())
      first = print(merged);
    EXPECT_EQ(print(merged), first);
    EXPECT_TRUE(merged.hasMixedEngines());
    EXPECT_EQ(merged.samples, (std::vector<SampleRange>{{0, 16}, {32, 40}}));
    EXPECT_EQ(merged.tensors["conv1:0"].count, 72u);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST(StatisticsFile, MergeRefusals) {
  StatisticsFile file = makeFile(0, 8);
  std::string before = print(file);
  auto refusal = [&](const StatisticsFile &other) {
    return llvm::toString(file.merge(other, "a", "b"));
  };
  StatisticsFile other = makeFile(8, 16);
  other.modelHash = "fff";
  EXPECT_EQ(refusal(other),
            "cannot merge b into a: they belong to different models, expected "
            "model hash abc123, got fff");
  other = makeFile(8, 16);
  other.batchSize = 4;
  EXPECT_EQ(refusal(other),
            "cannot merge b into a: expected batch size 8, got 4");
  EXPECT_EQ(refusal(makeFile(4, 12)),
            "cannot merge b into a: samples [4, 12) overlap samples [0, 8) "
            "that were counted already");
  other = makeFile(8, 16);
  other.tensors["conv1:0"] = {};
  const float values[] = {1, 2};
  other.tensors["conv1:0"].update(values, {1, 2, 1});
  EXPECT_EQ(refusal(other), "cannot merge b into a: tensor 'conv1:0': "
                            "expected 4 channels, got 2");
  EXPECT_EQ(print(file), before);
}

std::string errorOf(llvm::StringRef text) {
  auto file = StatisticsFile::parse(text, "f.npirstats");
  if (file)
    return "";
  return llvm::toString(file.takeError());
}

/// A small file with `from` replaced.
std::string damage(llvm::StringRef from, llvm::StringRef to) {
  std::string text =
      R"({"version":1,"model":"h","batch_size":2,"engines":["e"],)"
      R"("samples":[[0,4],[6,8]],"tensors":[{"id":"a:0","count":4,"nan":1,)"
      R"("pos_inf":0,"neg_inf":0,"min":-2,"max":3,)"
      R"("channel_min":[-2,null],"channel_max":[3,null]}]})";
  if (from.empty())
    return text;
  size_t at = text.find(from.str());
  EXPECT_NE(at, std::string::npos) << from.str();
  return text.replace(at, from.size(), to.str());
}

TEST(StatisticsFile, DamagedFieldsAreNamed) {
  EXPECT_EQ(errorOf(damage("", "")), "");
  struct {
    const char *from, *to, *message;
  } cases[] = {
      {"\"version\":1,", "", "'version': is missing"},
      {"\"version\":1", "\"version\":\"1\"",
       "'version': expected a positive integer"},
      {"\"version\":1", "\"version\":0",
       "'version': expected a positive integer"},
      {"\"model\":\"h\"", "\"model\":7", "'model': expected a string"},
      {"\"model\":\"h\",", "", "'model': is missing"},
      {"\"batch_size\":2", "\"batch_size\":0",
       "'batch_size': expected at least 1"},
      {"\"batch_size\":2", "\"batch_size\":2.5",
       "'batch_size': expected a non-negative integer"},
      {"[\"e\"]", "\"e\"", "'engines': expected an array"},
      {"[\"e\"]", "[3]", "'engines[0]': expected a string"},
      {"[6,8]", "[6]",
       "'samples[1]': expected an array of two sample "
       "indices"},
      {"[6,8]", "[6,-8]", "'samples[1][1]': expected a non-negative integer"},
      {"[6,8]", "[3,8]", "'samples[1]': overlaps the range before it"},
      {"[6,8]", "[6,6]", "'samples[1]': sample range [6, 6) is empty"},
      {"\"tensors\":[", "\"tensors\":[7,", "'tensors[0]': expected an object"},
      {"\"id\":\"a:0\",", "", "'tensors[0].id': is missing"},
      {"\"count\":4", "\"count\":-4",
       "'tensors[0].count': expected a non-negative integer"},
      {"\"nan\":1", "\"nan\":5",
       "'tensors[0].count': is less than the non-finite values"},
      {"\"nan\":1", "\"nan\":18446744073709551615",
       "'tensors[0].count': is less than the non-finite values"},
      {"\"min\":-2,", "", "'tensors[0].min': is missing"},
      {"\"min\":-2", "\"min\":null",
       "'tensors[0].min': expected 'min' and 'max' to be numbers where finite "
       "values were counted, else null"},
      {"\"nan\":1", "\"nan\":4",
       "'tensors[0].min': expected 'min' and 'max' to be numbers where finite "
       "values were counted, else null"},
      {"\"min\":-2", "\"min\":\"x\"",
       "'tensors[0].min': expected a number or null"},
      {"\"min\":-2", "\"min\":0.1",
       "'tensors[0].min': expected a finite f32 value"},
      {"\"max\":3", "\"max\":1e300",
       "'tensors[0].max': expected a finite f32 value"},
      {"\"min\":-2", "\"min\":4", "'tensors[0].min': is above 'max'"},
      {"[3,null]", "[3]",
       "'tensors[0].channel_max': expected 2 values, got "
       "1"},
      {",\"channel_max\":[3,null]", "", "'tensors[0].channel_max': is missing"},
      {"[-2,null]", "[]", "'tensors[0].channel_min': is empty"},
      {"[-2,null]", "[-2,true]",
       "'tensors[0].channel_min[1]': expected a number or null"},
      {"[-2,null]", "[-2,9]",
       "'tensors[0].channel_min[1]': is above the channel's maximum"},
      {"[-2,null]", "[-1,null]",
       "'tensors[0].channel_min': the channels disagree with 'min' and "
       "'max'"},
      {"]}]}",
       "]},{\"id\":\"a:0\",\"count\":0,\"nan\":0,\"pos_inf\":0,"
       "\"neg_inf\":0,\"min\":null,\"max\":null}]}",
       "'tensors[1].id': tensor 'a:0' is there twice"},
  };
  for (auto &c : cases)
    EXPECT_EQ(errorOf(damage(c.from, c.to)),
              std::string("f.npirstats: damaged statistics file: field ") +
                  c.message);
}

TEST(StatisticsFile, NewerVersionIsRejected) {
  EXPECT_EQ(errorOf(R"({"version":5,"other":1})"),
            "f.npirstats: statistics file of version 5, but this build reads "
            "versions up to 4: use a newer build or calibrate again");
}

TEST(StatisticsFile, WhatIsNoStatisticsFile) {
  EXPECT_EQ(errorOf("[1]"),
            "f.npirstats: not a statistics file: expected a JSON object");
  EXPECT_EQ(errorOf(std::string(100000, '[')),
            "f.npirstats: not a statistics file: the JSON nests too deep");
  EXPECT_EQ(errorOf("").rfind("f.npirstats: not a statistics file: ", 0), 0u);
}

/// A file cut anywhere is an error, never a crash or a smaller file.
TEST(StatisticsFile, EveryTruncationIsAnError) {
  std::string text = print(makeFile(0, 8));
  for (size_t size = 0; size + 1 < text.size(); ++size)
    EXPECT_NE(errorOf(llvm::StringRef(text).take_front(size)), "") << size;
}

/// Flipped bits either leave a readable file or give one error.
TEST(StatisticsFile, BitFlipsDoNotCrash) {
  std::string text = print(makeFile(0, 8));
  unsigned errors = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    for (unsigned bit = 0; bit < 8; bit += 3) {
      std::string flipped = text;
      flipped[i] = char(flipped[i] ^ (1 << bit));
      errors += !errorOf(flipped).empty();
    }
  }
  EXPECT_GT(errors, text.size());
}

} // namespace
