// This file tests that coverage reports survive a file, and what is refused.
#include "npir/Analysis/Coverage.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::npir;

static std::string makeReport() {
  Coverage coverage;
  coverage.layers.push_back(
      {"conv", "npir.conv2d", "i8", true, /*macs=*/30, /*weights=*/12, true});
  coverage.layers.push_back({"fc",
                             "npir.linear",
                             "f32",
                             false,
                             /*macs=*/10,
                             /*weights=*/4,
                             false,
                             "a reason",
                             "W4A8d",
                             "a note",
                             /*converted=*/7,
                             /*island=*/1,
                             {{"xnnpack", "float", "npir", "another reason"}}});
  llvm::json::Object report{{"main", coverage.toJSON()}};
  return llvm::formatv("{0:2}", llvm::json::Value(std::move(report))).str();
}

TEST(CoverageReader, WhatIsWrittenIsRead) {
  std::string text = makeReport();
  auto read = parseCoverage(text, "c.json");
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  ASSERT_EQ(read->size(), 1u);
  const Coverage &coverage = read->at("main");
  EXPECT_EQ(coverage.getMACShare(), 0.75);
  EXPECT_EQ(coverage.getWeightShare(), 0.75);
  EXPECT_EQ(coverage.getNumQuantized(), 1u);
  EXPECT_EQ(coverage.layers[1].layer, "fc");
  EXPECT_EQ(coverage.layers[1].scheme, "W4A8d");
  EXPECT_EQ(coverage.layers[1].schemeNote, "a note");
  EXPECT_EQ(coverage.getNumIslands(), 1);
  EXPECT_EQ(coverage.getConverted(), 7);
  llvm::json::Object report{{"main", coverage.toJSON()}};
  EXPECT_EQ(llvm::formatv("{0:2}", llvm::json::Value(std::move(report))).str(),
            text);
}

TEST(CoverageReader, RefusesWhatIsNoReport) {
  std::string good = makeReport();
  auto replaced = [&](StringRef from, StringRef to) {
    size_t at = good.find(from.str());
    EXPECT_NE(at, std::string::npos) << from.str();
    return std::string(good).replace(at, from.size(), to.str());
  };
  const std::pair<std::string, std::string> cases[] = {
      {"[]", "c.json: not a coverage report: expected a JSON object"},
      {"{\"main\": 3}",
       "c.json: damaged coverage report: expected object at coverage.main"},
      {"{\"main\": {}}",
       "c.json: damaged coverage report: field 'version': is missing"},
      {replaced("\"version\": 2", "\"version\": 9"),
       "c.json: coverage report of version 9, but this build reads versions "
       "up to 2: use a newer build or report again"},
      {replaced("\"macs\": 30", "\"macs\": -30"),
       "c.json: damaged coverage report: expected non-negative integer at "
       "coverage.main.layers[0].macs"},
      {replaced("\"quantized\": true", "\"quantized\": 1"),
       "c.json: damaged coverage report: expected boolean at "
       "coverage.main.layers[0].quantized"},
  };
  for (const auto &[text, message] : cases) {
    auto read = parseCoverage(text, "c.json");
    ASSERT_FALSE(bool(read)) << message;
    EXPECT_EQ(llvm::toString(read.takeError()), message);
  }
  EXPECT_EQ(llvm::toString(loadCoverage("/no/such/file").takeError()),
            "/no/such/file: cannot read: no such file or directory");
}
