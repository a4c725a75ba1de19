// This file tests that reports of single ops survive a file, and what is
// refused.
#include "npir/Report/OpCheck.h"

#include "llvm/Support/FormatVariadic.h"

#include "gtest/gtest.h"

using namespace mlir::npir;

static std::string makeReport() {
  OpCheck check;
  check.model = "int8.npx";
  check.ops = "int8.mlirbc";
  check.samples = 5;
  check.exactSamples = 4;
  check.entries.resize(2);
  check.entries[0] = {"conv:0", "npir.conv2d", true, true, {}, 1};
  check.entries[0].statistics.add({1, 0.3f}, {1, 0.2f});
  check.entries[1] = {"softmax:0", "npir.softmax", false, false, {}, 0};
  return llvm::formatv("{0:2}", check.toJSON()).str();
}

TEST(OpCheckReader, WhatIsWrittenIsRead) {
  std::string text = makeReport();
  llvm::Expected<OpCheck> read = OpCheck::parse(text, "o.json");
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(llvm::formatv("{0:2}", read->toJSON()).str(), text);
  EXPECT_FALSE(read->isExact());
  EXPECT_EQ(read->entries[0].differing, 1u);
  EXPECT_EQ(read->entries[0].statistics.getCount(), 2u);
  EXPECT_EQ(read->entries[1].op, "npir.softmax");
}

TEST(OpCheckReader, RefusesWhatIsNoReport) {
  std::string good = makeReport();
  auto replaced = [&](llvm::StringRef from, llvm::StringRef to) {
    size_t at = good.find(from.str());
    EXPECT_NE(at, std::string::npos) << from.str();
    return std::string(good).replace(at, from.size(), to.str());
  };
  const std::pair<std::string, std::string> cases[] = {
      {"3", "o.json: not a report of ops: expected a JSON object"},
      {replaced("\"version\": 1", "\"version\": 2"),
       "o.json: report of ops of version 2, but this build reads versions up "
       "to 1: use a newer build or check again"},
      {replaced("\"exact_samples\": 4", "\"exact_samples\": 6"),
       "o.json: damaged report of ops: expected at most 'samples' at "
       "report.exact_samples"},
      {replaced("\"differing\": 1", "\"differing\": -1"),
       "o.json: damaged report of ops: expected non-negative integer at "
       "report.ops[0].differing"},
      {replaced("\"checked\": true", "\"checked\": 1"),
       "o.json: damaged report of ops: expected boolean at "
       "report.ops[0].checked"},
  };
  for (const auto &[text, message] : cases) {
    llvm::Expected<OpCheck> read = OpCheck::parse(text, "o.json");
    ASSERT_FALSE(bool(read)) << message;
    EXPECT_EQ(llvm::toString(read.takeError()), message);
  }
  EXPECT_EQ(llvm::toString(OpCheck::load("/no/such/file").takeError()),
            "/no/such/file: cannot read: no such file or directory");
}
