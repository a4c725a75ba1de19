// This file tests the printing of profiles.
#include "npir/Report/QuantizationProfile.h"

#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

using namespace mlir::npir;

namespace {
/// A tensor of value 10 that is off by `error`.
TensorProfile makeTensor(const std::string &id, float error) {
  TensorProfile tensor;
  tensor.id = id;
  tensor.scales = {0.5f};
  tensor.zeroPoints = {-3};
  tensor.count = 4;
  tensor.clipped = 1;
  tensor.min = -1;
  tensor.max = 2;
  tensor.local.add({10.0f}, {10.0f + error});
  tensor.cumulative.add({10.0f}, {10.0f + 10 * error});
  tensor.edges = {-2, 0, 2};
  tensor.counts = {1, 3};
  tensor.seconds = 0.25;
  tensor.bytes = 100;
  return tensor;
}

QuantizationProfile makeProfile() {
  QuantizationProfile profile;
  profile.model = "m.mlirbc";
  profile.samples = 7;
  profile.layers.resize(3);
  profile.layers[0] = {"a", makeTensor("a:0", 0), makeTensor("w:0", 1)};
  profile.layers[1] = {"b", makeTensor("b:0", 1), std::nullopt};
  profile.layers[2] = {"c", makeTensor("c:0", 0.1f), std::nullopt};
  profile.outputs.emplace_back("y", profile.layers[2].output->cumulative);
  return profile;
}
} // namespace

TEST(QuantizationProfile, PrintsLayersAndSummary) {
  std::string text;
  llvm::raw_string_ostream os(text);
  QuantizationProfile profile = makeProfile();
  profile.layers[0].weight->scales = {0.5f, 0.25f};
  profile.layers[0].weight->zeroPoints = {0, 0};
  profile.layers[0].weight->axis = 0;
  profile.print(os);
  EXPECT_EQ(text,
            "m.mlirbc, 7 samples\n"
            "a\n"
            "  Output QSNR: inf dB (cumulative inf dB), MSE 0, clipped 25 %, "
            "values -1 to 2, i8 scale 0.5 zero point -3\n"
            "  Weight QSNR: 20.00 dB, MSE 1, clipped 25 %, "
            "values -1 to 2, i8 scale 0.25 to 0.5 zero point 0\n"
            "b\n"
            "  Output QSNR: 20.00 dB (cumulative 0.00 dB), MSE 1, clipped "
            "25 %, values -1 to 2, i8 scale 0.5 zero point -3\n"
            "c\n"
            "  Output QSNR: 40.00 dB (cumulative 20.00 dB), MSE 0.01, clipped "
            "25 %, values -1 to 2, i8 scale 0.5 zero point -3\n"
            "Output QSNR over layers: least 20.00 dB (b), median 40.00 dB\n"
            "Cumulative output QSNR over layers: least 0.00 dB (b), median "
            "20.00 dB\n"
            "Weight QSNR over layers: least 20.00 dB (a), median 20.00 dB\n"
            "Model output 'y' QSNR: 20.00 dB\n");
}

TEST(QuantizationProfile, BecomesJSON) {
  QuantizationProfile profile = makeProfile();
  llvm::json::Value json = profile.toJSON();
  const llvm::json::Object &root = *json.getAsObject();
  EXPECT_EQ(*root.getInteger("version"), QuantizationProfile::kVersion);
  const llvm::json::Array &layers = *root.getArray("layers");
  ASSERT_EQ(layers.size(), 3u);
  const llvm::json::Object &a = *layers[0].getAsObject();
  EXPECT_EQ(*a.getString("layer"), "a");
  const llvm::json::Object &output = *a.getObject("output");
  const llvm::json::Object &statistics = *output.getObject("statistics");
  EXPECT_EQ(*statistics.getString("qsnr"), "inf");
  EXPECT_EQ(*statistics.getNumber("mse"), 0);
  EXPECT_EQ(*statistics.getNumber("scale"), 0.5);
  EXPECT_EQ(*statistics.getInteger("zero_point"), -3);
  EXPECT_EQ(*statistics.getNumber("clipped"), 0.25);
  EXPECT_EQ(output.getObject("histogram")->getArray("edges")->size(), 3u);
  EXPECT_EQ(output.getObject("histogram")->getArray("counts")->size(), 2u);
  EXPECT_EQ(*output.getNumber("time"), 0.25);
  EXPECT_EQ(*output.getInteger("memory"), 100);
  EXPECT_TRUE(a.getObject("weight"));
  EXPECT_FALSE(layers[1].getAsObject()->getObject("weight"));
  const llvm::json::Object &summary = *root.getObject("summary");
  const llvm::json::Object &least =
      *summary.getObject("layers")->getObject("cumulative_output_qsnr");
  EXPECT_EQ(*least.getString("min_layer"), "b");
  EXPECT_NEAR(*least.getNumber("min"), 0, 1e-9);
  EXPECT_EQ(summary.getArray("outputs")->size(), 1u);
}

TEST(QuantizationProfile, MedianLiesBetweenTwo) {
  QuantizationProfile profile = makeProfile();
  profile.layers.pop_back();
  auto output = profile.summarize(&LayerProfile::output, &TensorProfile::local);
  // 20 dB and infinitely many.
  EXPECT_EQ(output->median, std::numeric_limits<double>::infinity());
  profile.layers[0].output = makeTensor("a:0", 10);
  output = profile.summarize(&LayerProfile::output, &TensorProfile::local);
  EXPECT_NEAR(output->median, 10, 1e-9);
  EXPECT_EQ(output->leastLayer, "a");
  profile.layers.clear();
  EXPECT_FALSE(profile.summarize(&LayerProfile::weight, &TensorProfile::local));
}

TEST(QuantizationProfile, WhatIsWrittenIsRead) {
  QuantizationProfile profile = makeProfile();
  profile.layers[0].weight->scales = {0.5f, 0.1f};
  profile.layers[0].weight->zeroPoints = {0, 3};
  profile.layers[0].weight->axis = 2;
  profile.layers[1].output->edges.clear();
  profile.layers[1].output->counts.clear();
  std::string text = llvm::formatv("{0:2}", profile.toJSON()).str();
  llvm::Expected<QuantizationProfile> read =
      QuantizationProfile::parse(text, "p.json");
  ASSERT_TRUE(bool(read)) << llvm::toString(read.takeError());
  EXPECT_EQ(llvm::formatv("{0:2}", read->toJSON()).str(), text);
}

TEST(QuantizationProfile, RefusesWhatIsNoProfile) {
  std::string good = llvm::formatv("{0:2}", makeProfile().toJSON()).str();
  auto replaced = [&](llvm::StringRef from, llvm::StringRef to) {
    size_t at = good.find(from.str());
    EXPECT_NE(at, std::string::npos) << from.str();
    return std::string(good).replace(at, from.size(), to.str());
  };
  const std::string where = "p.json: damaged profile: ";
  const std::string statistics = " at profile.layers[0].output.statistics.";
  const std::pair<std::string, std::string> cases[] = {
      {"3", "p.json: not a profile: expected a JSON object"},
      {replaced("\"version\": 1", "\"version\": 2"),
       "p.json: profile of version 2, but this build reads versions up to 1: "
       "use a newer build or profile again"},
      {replaced("\"samples\": 7", "\"samples\": -7"),
       where + "expected non-negative integer at profile.samples"},
      {replaced("\"bits\": 8", "\"bits\": 32"),
       where + "expected 2 to 16" + statistics + "bits"},
      {replaced("\"scale\": 0.5", "\"scale\": 0"),
       where + "expected a positive number" + statistics + "scale"},
      {replaced("\"zero_point\": -3", "\"zero_point\": 0.5"),
       where + "expected integer" + statistics + "zero_point"},
      {replaced("\"bits\": 8", "\"axis\": 0, \"bits\": 8"),
       where + "expected array" + statistics + "scale"},
      {replaced("\"non_finite\": 0", "\"non_finite\": 5"),
       where + "expected at most 'count'" + statistics + "non_finite"},
      {replaced("\"clipped_count\": 1", "\"clipped_count\": 5"),
       where + "expected at most the finite values" + statistics +
           "clipped_count"},
      {replaced("\"edges\": [", "\"edges\": [1,"),
       where + "expected one more than 'counts' at "
               "profile.layers[0].output.histogram.edges"},
      {replaced("\"sums\"", "\"sum\""),
       where + "missing value at profile.layers[0].output.sums"},
      {replaced("\"summary\"", "\"sommaire\""),
       where + "missing value at profile.summary"},
  };
  for (const auto &[text, message] : cases) {
    llvm::Expected<QuantizationProfile> read =
        QuantizationProfile::parse(text, "p.json");
    ASSERT_FALSE(bool(read)) << message;
    EXPECT_EQ(llvm::toString(read.takeError()), message);
  }
  EXPECT_EQ(
      llvm::toString(QuantizationProfile::load("/no/such/file").takeError()),
      "/no/such/file: cannot read: no such file or directory");
}
