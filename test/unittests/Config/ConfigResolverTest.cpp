// This file tests how rules are applied, and what is said of useless ones.
#include "ConfigTestUtils.h"

using namespace mlir::npir;

namespace {

TEST(ConfigResolver, LaterRuleWinsKeyByKey) {
  QuantConfig config = load("version: 1\n"
                            "rules:\n"
                            "  - match: {layer: conv*}\n"
                            "    weight: {bits: 4, granularity: per_tensor}\n"
                            "  - match: {op: depthwise_conv2d}\n"
                            "    weight: {bits: 6}\n"
                            "    activation: none\n"
                            "  - match: {layer: conv3}\n"
                            "    activation: {bits: 16}\n");
  ConfigResolver resolver(config);
  auto spec = [&](llvm::StringRef layer, llvm::StringRef op, QuantRole role) {
    ResolvedSpec result = resolver.resolve({layer, op, role});
    return print(result.spec) + ", " +
           result
               .originOf(result.spec.enabled ? SpecKey::Bits : SpecKey::Enabled)
               .str();
  };
  EXPECT_EQ(spec("conv1", "npir.conv2d", kWeight),
            "i4 symmetric narrow per_tensor, c.yaml:3:5 (rule)");
  EXPECT_EQ(spec("conv1", "npir.conv2d", kActivation),
            "i8 affine per_tensor, built-in default");
  EXPECT_EQ(spec("conv2", "npir.depthwise_conv2d", kWeight),
            "i6 symmetric narrow per_tensor, c.yaml:5:5 (rule)");
  EXPECT_EQ(spec("conv2", "npir.depthwise_conv2d", kActivation),
            "none, c.yaml:5:5 (rule)");
  // Naming a key quantizes again what an earlier rule left in float.
  EXPECT_EQ(spec("conv3", "depthwise_conv2d", kActivation),
            "i16 affine per_tensor, c.yaml:8:5 (rule)");
  EXPECT_EQ(spec("fc", "npir.linear", kWeight),
            "i8 symmetric narrow per_channel, built-in default");
  EXPECT_EQ(print(resolver.unmatchedRules()), "");
}

TEST(ConfigResolver, NarrowMeansNothingForUnsigned) {
  QuantConfig config = load("version: 1\n"
                            "rules:\n"
                            "  - match: {layer: a}\n"
                            "    weight: {signed: false}\n"
                            "  - match: {layer: b}\n"
                            "    weight: {signed: false}\n"
                            "  - match: {layer: b}\n"
                            "    weight: {signed: true}\n");
  EXPECT_EQ(resolve(config, "a", "linear", kWeight),
            "u8 symmetric per_channel");
  EXPECT_EQ(resolve(config, "b", "linear", kWeight),
            "i8 symmetric narrow per_channel");
}

TEST(ConfigResolver, InputsHaveAnOpTypeOfTheirOwn) {
  QuantConfig config = load("version: 1\n"
                            "rules:\n"
                            "  - match: {op: input}\n"
                            "    activation: {signed: false}\n");
  EXPECT_EQ(resolve(config, "image", kInputOpName, kActivation),
            "u8 affine per_tensor");
  EXPECT_EQ(resolve(config, "input", "conv2d", kActivation),
            "i8 affine per_tensor");
}

TEST(ConfigResolver, UselessRulesAreErrorsWithTheNearestName) {
  QuantConfig config = load("version: 1\n"
                            "rules:\n"
                            "  - match: {layer: convv1}\n"
                            "    weight: none\n"
                            "  - match: {op: npir.convd2}\n"
                            "    weight: none\n"
                            "  - match: {layer: conv1, op: relu}\n"
                            "    activation: none\n"
                            "  - match: {layer: relu1}\n"
                            "    weight: none\n"
                            "  - match: {layer: [x, y]}\n"
                            "    weight: none\n"
                            "  - match: {op: [x, y]}\n"
                            "    weight: none\n"
                            "  - match: {layer: gone}\n"
                            "    weight: none\n"
                            "    optional: true\n"
                            "  - match: {layer: conv1}\n"
                            "    weight: none\n"
                            "  - match: {layer: fc}\n"
                            "    activation: none\n"
                            "skip: [conv2, zebra]\n");
  ConfigResolver resolver(config);
  resolver.resolve({"conv1", "npir.conv2d", kWeight});
  resolver.resolve({"conv1", "npir.conv2d", kActivation});
  resolver.resolve({"relu1", "npir.relu", kActivation});
  resolver.resolve({"fc", "npir.linear", kWeight});
  EXPECT_EQ(
      print(resolver.unmatchedRules()),
      "error: c.yaml:3:5: rule matched nothing: no layer matches 'convv1', "
      "did you mean 'conv1'?\n"
      "error: c.yaml:5:5: rule matched nothing: no layer has op type "
      "'convd2', did you mean 'conv2d'?\n"
      "error: c.yaml:7:5: rule matched nothing: no layer matches both its "
      "'layer' and its 'op'\n"
      "error: c.yaml:9:5: rule matched nothing: the layers it matches have no "
      "weight to quantize\n"
      "error: c.yaml:11:5: rule matched nothing: no layer matches 'x' or 'y'\n"
      "error: c.yaml:13:5: rule matched nothing: no layer has op type 'x' or "
      "'y'\n"
      "error: c.yaml:20:5: rule matched nothing: the layers it matches have "
      "no activation to quantize\n"
      "error: c.yaml:22:8: skip pattern 'conv2' matched nothing: no layer "
      "matches 'conv2', did you mean 'conv1'?\n"
      "error: c.yaml:22:15: skip pattern 'zebra' matched nothing: no layer "
      "matches 'zebra'\n");
}

TEST(ConfigResolver, ConfigsCanBeMadeWithoutAFile) {
  QuantConfig config;
  ConfigRule &rule = config.rules.emplace_back();
  rule.loc.file = "my program";
  rule.layers.push_back(llvm::cantFail(NamePattern::parse("head")));
  rule.weight = SpecPatch::none();
  EXPECT_EQ(resolve(config, "head", "linear", kWeight), "none");
  EXPECT_EQ(resolve(config, "head", "linear", kActivation),
            "i8 affine per_tensor");
  ConfigResolver resolver(config);
  EXPECT_EQ(
      print(resolver.unmatchedRules()),
      "error: my program: rule matched nothing: no layer matches 'head'\n");
}

} // namespace
