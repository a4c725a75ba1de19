// This file tests the presets, and configs that are based on others.
#include "npir/Config/Presets.h"
#include "ConfigTestUtils.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir::npir;

namespace {

/// The preset, which must load without a word.
QuantConfig loadPreset(llvm::StringRef name) {
  llvm::Expected<QuantConfig> config = loadConfig(("preset:" + name).str());
  if (!config) {
    ADD_FAILURE() << llvm::toString(config.takeError());
    return {};
  }
  EXPECT_EQ(print(config->messages), "") << name.str();
  return *config;
}

std::string defaults(const QuantConfig &config) {
  return config.defaultWeight.str() + "; " + config.defaultActivation.str();
}

TEST(Presets, GiveTheirSpecs) {
  const char *weight = "int8 symmetric narrow per_channel, ";
  const char *activation = "; int8 affine per_tensor, ";
  auto expect = [&](const char *name, const std::string &weightObserver,
                    const std::string &activationObserver) {
    EXPECT_EQ(defaults(loadPreset(name)),
              weight + weightObserver + activation + activationObserver)
        << name;
  };
  expect("minmax", "minmax", "minmax");
  expect("int8", "percentile 0.999", "percentile 0.9995");
  expect("percentile", "percentile 0.999", "percentile 0.9995");
  expect("percentile-conservative", "percentile 0.99999 sigma 0.01",
         "percentile 0.99999 sigma 0.01");
  expect("percentile-balanced", "percentile 0.9995 sigma 0.1",
         "percentile 0.9995 sigma 0.1");
  expect("percentile-aggressive", "percentile 0.99 sigma 0.3",
         "percentile 0.99 sigma 0.3");
  expect("omse", "omse", "omse");
  expect("auto", "auto", "auto");
  expect("recommended", "omse", "percentile 0.9995");
  EXPECT_EQ(defaults(loadPreset("kl")),
            "int8 symmetric narrow per_channel, kl 2048; "
            "int8 symmetric per_tensor, kl 2048");
  EXPECT_EQ(defaults(loadPreset("w4a8")),
            "int8 symmetric narrow per_channel, minmax; "
            "int8 affine per_tensor, percentile 0.9995");
  EXPECT_EQ(defaults(loadPreset("dynamic")),
            "int8 symmetric narrow per_channel, omse; int8 affine per_row");
  EXPECT_EQ(defaults(loadPreset("w4a8-dynamic")),
            "int4 symmetric narrow per_channel, omse; int8 affine per_row");
  EXPECT_EQ(defaults(loadPreset("w4a8-group")),
            "int4 symmetric narrow per_channel, omse; int8 affine per_row");
  EXPECT_EQ(defaults(loadPreset("w4a16")),
            "int4 symmetric narrow per_channel, omse; float");
  EXPECT_EQ(defaults(loadPreset("w8a16")),
            "int8 symmetric narrow per_channel, omse; float");
}

TEST(Presets, AreAllNamedAndSummed) {
  EXPECT_EQ(getPresets().size(), 16u);
  for (const Preset &preset : getPresets()) {
    EXPECT_EQ(preset.text.find("# " + preset.summary.str()), 0u);
    EXPECT_FALSE(preset.summary.empty());
    loadPreset(preset.name);
  }
}

/// 4 bits are an order: a rule, no default.
TEST(Presets, W4A8OrdersItsWeights) {
  QuantConfig config = loadPreset("w4a8");
  ConfigResolver resolver(config);
  ResolvedSpec weight = resolver.resolve({"fc", "linear", kWeight});
  EXPECT_TRUE(weight.isRequested);
  EXPECT_EQ(weight.spec.str(), "int4 symmetric narrow per_channel, omse");
  EXPECT_FALSE(resolver.resolve({"fc", "linear", kActivation}).isRequested);
}

/// Groups are for linear layers.
TEST(Presets, W4A8GroupMeansLinearLayers) {
  QuantConfig config = loadPreset("w4a8-group");
  ConfigResolver resolver(config);
  EXPECT_EQ(resolver.resolve({"fc", "linear", kWeight}).spec.str(),
            "int4 symmetric narrow per_group 32, omse");
  EXPECT_EQ(resolver.resolve({"stem", "conv2d", kWeight}).spec.str(),
            "int4 symmetric narrow per_channel, omse");
  EXPECT_TRUE(resolver.resolve({"fc", "linear", kActivation}).spec.isDynamic());
}

/// The observer guide's recommended configuration, by structure.
TEST(Presets, RecommendedFollowsTheGuide) {
  QuantConfig config = loadPreset("recommended");
  ConfigResolver resolver(config);
  auto spec = [&](llvm::StringRef role, llvm::StringRef op, QuantRole tensor) {
    ResolvedSpec resolved =
        resolver.resolve({"x", op, tensor, {role}, /*areRolesKnown=*/true});
    return resolved.spec.str() + (resolved.isRequested ? ", requested" : "");
  };
  for (const char *role : {"attn_qkv", "attn_proj", "mlp_fc1", "mlp_fc2"})
    EXPECT_EQ(spec(role, "linear", kWeight),
              "int8 symmetric narrow per_channel, omse, requested");
  EXPECT_EQ(spec("attn_qkv_output", "linear", kActivation),
            "int8 affine per_tensor, percentile 0.999 sigma 0.1, requested");
  EXPECT_EQ(spec("intSoft", "softmax", kActivation),
            "int8 symmetric per_tensor, kl 4096, requested");
  EXPECT_EQ(spec("sv_attn", "matmul", kActivation),
            "int8 affine per_tensor, percentile 0.9995 sigma 0.1, requested");
  EXPECT_EQ(spec("mlp_act", "gelu", kActivation),
            "int8 affine per_tensor, percentile 0.999 sigma 0.2, requested");
  EXPECT_EQ(print(resolver.unmatchedRules()), "");
  // A network without blocks is no error.
  EXPECT_EQ(print(ConfigResolver(config).unmatchedRules()), "");
}

TEST(Presets, UnknownName) {
  EXPECT_EQ(llvm::toString(loadConfig("preset:recomended").takeError()),
            "unknown preset 'recomended', did you mean 'recommended'?");
  EXPECT_EQ(llvm::toString(loadConfig("preset:").takeError()),
            "unknown preset '', expected one of auto, dynamic, int8, kl, "
            "minmax, omse, percentile, percentile-aggressive, "
            "percentile-balanced, percentile-conservative, recommended, w4a16, "
            "w4a8, w4a8-dynamic, w4a8-group, w8a16");
}

//===----------------------------------------------------------------------===//
// Bases
//===----------------------------------------------------------------------===//

TEST(Base, ComesFirst) {
  QuantConfig config = load("rules:\n"
                            "  - match: {role: weight}\n"
                            "    weight: {observer: minmax}\n"
                            "default: {activation: {bits: 16}}\n"
                            "base: preset:w4a8\n"
                            "version: 1\n");
  ConfigResolver resolver(config);
  ResolvedSpec weight = resolver.resolve({"fc", "linear", kWeight});
  EXPECT_EQ(weight.spec.str(), "int4 symmetric narrow per_channel, minmax");
  EXPECT_EQ(weight.originOf(SpecKey::Bits).str(), "preset:w4a8:7:5 (rule)");
  EXPECT_EQ(weight.originOf(SpecKey::Observer).str(), "c.yaml:2:5 (rule)");
  EXPECT_EQ(weight.originOf(SpecKey::Scheme).str(), "built-in default");
  ResolvedSpec activation = resolver.resolve({"fc", "linear", kActivation});
  EXPECT_EQ(activation.spec.str(),
            "int16 affine per_tensor, percentile 0.9995");
  EXPECT_EQ(activation.originOf(SpecKey::Bits).str(), "c.yaml:4:1 (default)");
  EXPECT_EQ(activation.originOf(SpecKey::Observer).str(),
            "preset:w4a8:3:1 (default)");
}

class BaseFiles : public ::testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("npir-base", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string path(llvm::StringRef name) {
    llvm::SmallString<128> path = folder;
    llvm::sys::path::append(path, name);
    return path.str().str();
  }
  void write(llvm::StringRef name, llvm::StringRef text) {
    std::error_code code;
    llvm::raw_fd_ostream(path(name), code) << text;
    ASSERT_FALSE(code);
  }
  std::string error(llvm::StringRef name) {
    std::string text = llvm::toString(loadConfig(path(name)).takeError());
    for (size_t at; (at = text.find(path(""))) != std::string::npos;)
      text.erase(at, path("").size());
    return text;
  }

  llvm::SmallString<128> folder;
};

TEST_F(BaseFiles, OfOtherFormatsAndMessages) {
  write("block.yaml", "default: {percentile_alpha: 0.95}\n"
                      "layers: {norm2: {}}\nskip: [head]\n"
                      "roles: {mine: fc}\n");
  write("top.yaml", "version: 1\nbase: block.yaml\n"
                    "rules:\n  - match: {role: mine}\n    weight: {bits: 4}\n"
                    "  - match: {layer: head}\n    weight: {bits: 5}\n");
  llvm::Expected<QuantConfig> config = loadConfig(path("top.yaml"));
  ASSERT_TRUE(bool(config)) << llvm::toString(config.takeError());
  EXPECT_EQ(config->defaultActivation.str(),
            "int8 symmetric per_channel, percentile 0.95");
  ASSERT_EQ(config->messages.size(), 1u);
  EXPECT_EQ(config->messages[0].loc.file, path("block.yaml"));
  // Behind the base, its skips included.
  EXPECT_EQ(resolve(*config, "head", "linear", kWeight),
            "i5 symmetric narrow per_channel");
  EXPECT_EQ(resolve(*config, "head", "linear", kActivation), "none");
  EXPECT_EQ(resolve(*config, "fc", "linear", kWeight),
            "i4 symmetric narrow per_channel");
}

TEST_F(BaseFiles, Mistakes) {
  write("missing.yaml", "version: 1\nbase: no.yaml\n");
  EXPECT_EQ(error("missing.yaml"), "missing.yaml:2:7: cannot read the base: "
                                   "no.yaml: cannot read: no such file or "
                                   "directory");
  write("preset.yaml", "version: 1\nbase: preset:minmx\n");
  EXPECT_EQ(error("preset.yaml"), "preset.yaml:2:7: cannot read the base: "
                                  "unknown preset 'minmx', did you mean "
                                  "'minmax'?");
  write("a.yaml", "version: 1\nbase: b.yaml\n");
  write("b.yaml", "version: 1\nbase: ./a.yaml\n");
  EXPECT_EQ(error("a.yaml"), "a.yaml:2:7: cannot read the base: b.yaml:2:7: "
                             "cannot read the base: a.yaml: is based on "
                             "itself");
  // The file's own default may break a rule of the base.
  write("kl.yaml", "version: 1\nbase: preset:recommended\n"
                   "default: {weight: {observer: kl, scheme: affine}}\n");
  EXPECT_EQ(error("kl.yaml"), "kl.yaml:3:30: observer 'kl' needs 'scheme: "
                              "symmetric', got affine");
}

} // namespace
