// This file tests that comparisons survive a file, and what is refused.
#include "npir/Report/Comparison.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"
#include <cmath>
#include <fstream>

using namespace mlir::npir;

static std::string print(const Comparison &comparison) {
  return llvm::formatv("{0:2}", comparison.toJSON()).str();
}

static Comparison makeComparison() {
  Comparison comparison;
  comparison.reference = "float.mlirbc";
  comparison.test = "int8.npx";
  comparison.samples = 7;
  comparison.bitExactSamples = 3;
  comparison.bitsCompared = true;
  comparison.tensors.resize(3);
  comparison.tensors[0].id = "conv:0";
  comparison.tensors[0].statistics.add({0.1f, -0.7f, 3}, {0.11f, -0.7f, 2.9f});
  comparison.tensors[0].bitsCompared = true;
  comparison.tensors[0].differing = 2;
  comparison.tensors[1].id = "equal:0";
  comparison.tensors[1].statistics.add({1}, {1});
  comparison.tensors[2].id = "broken:0";
  comparison.tensors[2].statistics.add({1}, {std::nanf("")});
  comparison.outputs.resize(1);
  comparison.outputs[0].id = "y";
  comparison.outputs[0].statistics.add({0}, {1});
  return comparison;
}

TEST(ComparisonReader, WhatIsWrittenIsRead) {
  Comparison comparison = makeComparison();
  std::string text = print(comparison);
  llvm::Expected<Comparison> read = Comparison::parse(text, "c.json");
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(print(*read), text);
  EXPECT_EQ(read->samples, 7);
  EXPECT_EQ(read->bitExactSamples, 3);
  ASSERT_EQ(read->tensors.size(), 3u);
  EXPECT_EQ(read->tensors[0].statistics.getSQNR(),
            comparison.tensors[0].statistics.getSQNR());
  EXPECT_EQ(read->tensors[0].differing, 2u);
  EXPECT_TRUE(std::isinf(read->tensors[1].statistics.getSQNR()));
  EXPECT_FALSE(read->tensors[1].bitsCompared);
  EXPECT_TRUE(std::isnan(read->tensors[2].statistics.getMaxError()));
  EXPECT_TRUE(std::isnan(read->outputs[0].statistics.getCosine()));
}

TEST(ComparisonReader, ReadsFiles) {
  std::string path = ::testing::TempDir() + "/npir-comparison.json";
  std::ofstream(path) << print(makeComparison());
  llvm::Expected<Comparison> read = Comparison::load(path);
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(read->test, "int8.npx");
  std::remove(path.c_str());
  EXPECT_EQ(llvm::toString(Comparison::load(path).takeError()),
            path + ": cannot read: no such file or directory");
}

TEST(ComparisonReader, RefusesWhatIsNoComparison) {
  std::string good = print(makeComparison());
  auto replaced = [&](llvm::StringRef from, llvm::StringRef to) {
    size_t at = good.find(from);
    EXPECT_NE(at, std::string::npos) << from.str();
    return std::string(good).replace(at, from.size(), to.str());
  };
  struct Case {
    std::string text, message;
  };
  const Case cases[] = {
      {"", "c.json: not a comparison: "},
      {good.substr(0, good.size() / 2), "c.json: not a comparison: "},
      {"[]", "c.json: not a comparison: expected a JSON object"},
      {std::string(100, '['),
       "c.json: not a comparison: the JSON nests too deep"},
      {"{}", "c.json: damaged comparison: field 'version': is missing"},
      {replaced("\"version\": 1", "\"version\": \"1\""),
       "c.json: damaged comparison: field 'version': expected a positive "
       "integer"},
      {replaced("\"version\": 1", "\"version\": 2"),
       "c.json: comparison of version 2, but this build reads versions up to "
       "1: use a newer build or compare again"},
      {replaced("\"samples\": 7", "\"samples\": -7"),
       "c.json: damaged comparison: expected non-negative integer at "
       "comparison.samples"},
      {replaced("\"samples\": 7", "\"samples\": 2"),
       "c.json: damaged comparison: expected at most 'samples' at "
       "comparison.bit_exact_samples"},
      {replaced("\"id\": \"conv:0\"", "\"id\": 3"),
       "c.json: damaged comparison: expected string at "
       "comparison.tensors[0].id"},
      {replaced("\"max_error\": \"nan\"", "\"max_error\": \"none\""), ""},
      {replaced("\"noise\"", "\"noises\""),
       "c.json: damaged comparison: missing value at "
       "comparison.outputs[0].sums.noise"},
      {replaced("\"signal\": 0", "\"signal\": -1"),
       "c.json: damaged comparison: expected non-negative number at "
       "comparison.outputs[0].sums.signal"},
      {replaced("\"energy\": 1", "\"energy\": \"much\""),
       "c.json: damaged comparison: expected number, \"inf\", \"-inf\" or "
       "\"nan\" at comparison.outputs[0].sums.energy"},
      {replaced("\"sums\"", "\"sum\""),
       "c.json: damaged comparison: missing value at "
       "comparison.outputs[0].sums"},
  };
  for (const Case &c : cases) {
    llvm::Expected<Comparison> read = Comparison::parse(c.text, "c.json");
    if (c.message.empty()) {
      // A derived figure is for people; the sums count.
      EXPECT_TRUE(bool(read)) << llvm::toString(read.takeError());
      continue;
    }
    ASSERT_FALSE(bool(read)) << c.message;
    std::string message = llvm::toString(read.takeError());
    EXPECT_EQ(message.substr(0, c.message.size()), c.message);
  }
}
