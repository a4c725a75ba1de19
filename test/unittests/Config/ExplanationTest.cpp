// This file tests what is told of how a tensor came to its spec.
#include "npir/Config/Explanation.h"
#include "ConfigTestUtils.h"

using namespace mlir::npir;

namespace {

TEST(Explanation, TellsWhereEveryKeyComesFrom) {
  QuantConfig config = load("version: 1\n"
                            "default:\n"
                            "  activation: {scheme: symmetric}\n"
                            "rules:\n"
                            "  - match: {layer: fc}\n"
                            "    activation: {observer: kl, bits: 4}\n"
                            "  - match: {layer: fc}\n"
                            "    activation: {bits: 6, profile: false}\n"
                            "skip: [head]\n");
  ConfigResolver resolver(config);
  std::vector<TensorExplanation> tensors(2);
  tensors[0].id = "fc:0";
  tensors[0].op = "linear";
  tensors[0].roles = {"mlp_act2", "mine"};
  tensors[0].note = "a note";
  tensors[0].setSpec(resolver.resolve({"fc", "linear", kActivation}));
  tensors[1].id = "head.weight:0";
  tensors[1].op = "linear";
  tensors[1].isWeight = true;
  tensors[1].setSpec(resolver.resolve({"head", "linear", kWeight}));
  std::string text;
  llvm::raw_string_ostream os(text);
  print(tensors, os);
  EXPECT_EQ(text, "fc:0: activation of linear, mlp_act2, mine\n"
                  "  int6 symmetric per_tensor, kl 2048 (requested)\n"
                  "    quantize    true        c.yaml:7:5 (rule)\n"
                  "    bits        6           c.yaml:7:5 (rule)\n"
                  "    signed      true        built-in default\n"
                  "    narrow      false       built-in default\n"
                  "    scheme      symmetric   c.yaml:2:1 (default)\n"
                  "    granularity per_tensor  built-in default\n"
                  "    observer    kl          c.yaml:5:5 (rule)\n"
                  "    bins        2048        built-in default\n"
                  "    profile     false       c.yaml:7:5 (rule)\n"
                  "    a note\n"
                  "head.weight:0: weight of linear\n"
                  "  float (by default)\n"
                  "    quantize    false       c.yaml:9:8 (skip pattern "
                  "'head')\n"
                  "    profile     true        built-in default\n");
  llvm::json::Value json = toJSON(tensors);
  const llvm::json::Object &first = *(*json.getAsArray())[0].getAsObject();
  EXPECT_EQ(first.getString("id"), "fc:0");
  EXPECT_EQ(first.getString("tensor"), "activation");
  EXPECT_EQ(first.getBoolean("requested"), true);
  EXPECT_EQ(first.getString("note"), "a note");
  const llvm::json::Object &bits = *(*first.getArray("keys"))[1].getAsObject();
  EXPECT_EQ(bits.getString("key"), "bits");
  EXPECT_EQ(bits.getString("value"), "6");
  EXPECT_EQ(bits.getString("origin"), "c.yaml:7:5 (rule)");
}

/// A profile is no order to quantize, but an entry of a block's file is.
TEST(Explanation, OnlyToProfileRequestsNothing) {
  QuantConfig config = load("version: 1\n"
                            "default: {activation: none}\n"
                            "rules:\n"
                            "  - match: {layer: fc}\n"
                            "    activation: {profile: false}\n"
                            "    weight: {profile: false}\n");
  ConfigResolver resolver(config);
  ResolvedSpec weight = resolver.resolve({"fc", "linear", kWeight});
  EXPECT_FALSE(weight.isRequested);
  EXPECT_FALSE(weight.spec.profile);
  EXPECT_FALSE(resolver.resolve({"fc", "linear", kActivation}).spec.enabled);
  config = load("layers: {attn_qkv: {enable_profiler: false}}\n"
                "attn_layer: {kv_act: {}}\n");
  ConfigResolver block(config);
  weight = block.resolve({"attn.qkv", "linear", kWeight});
  EXPECT_TRUE(weight.isRequested);
  EXPECT_FALSE(weight.spec.profile);
  EXPECT_TRUE(block.resolve({"kv_act", "matmul", kActivation}).spec.profile);
}

TEST(Explanation, ProfilesByFileSectionAndEntry) {
  auto profiles = [](const std::string &text, QuantRole role) {
    QuantConfig config = load(text);
    return ConfigResolver(config)
        .resolve({"mlp.fc1", "linear", role})
        .spec.profile;
  };
  EXPECT_FALSE(profiles("enable_profiler: false\nlayers: {}\n", kWeight));
  EXPECT_FALSE(profiles("enable_profiling: false\noutputs: {}\n", kActivation));
  EXPECT_FALSE(profiles("default: {enable_profiler: false}\n", kWeight));
  EXPECT_TRUE(profiles("enable_profiler: false\n"
                       "layers: {mlp_fc1: {enable_profiler: true}}\n",
                       kWeight));
  EXPECT_TRUE(profiles("outputs: {enable_profiler: false}\n", kWeight));
  EXPECT_FALSE(profiles("outputs: {enable_profiler: false}\n", kActivation));
  EXPECT_FALSE(profiles("weight: {enable_profiling: false}\n", kWeight));
}

} // namespace
