// This file tests the reading of NPIR's own config format: every key, and
// every mistake with its place.
#include "ConfigTestUtils.h"
#include "npir/Config/ConfigResolver.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir::npir;

namespace {

TEST(NativeConfig, BuiltInDefault) {
  QuantConfig config = load("version: 1\n");
  EXPECT_EQ(print(config.defaultWeight), "i8 symmetric narrow per_channel");
  EXPECT_EQ(print(config.defaultActivation), "i8 affine per_tensor");
  EXPECT_TRUE(config.rules.empty());
  EXPECT_TRUE(config.messages.empty());
  EXPECT_TRUE(config.defaults.empty());
}

TEST(NativeConfig, DefaultIsMergedKeyByKey) {
  QuantConfig config = load("version: 1\n"
                            "default:\n"
                            "  weight: {bits: 4, granularity: per_tensor}\n"
                            "  activation:\n"
                            "    signed: false\n"
                            "    observer: minmax\n");
  EXPECT_EQ(print(config.defaultWeight), "i4 symmetric narrow per_tensor");
  EXPECT_EQ(print(config.defaultActivation), "u8 affine per_tensor");
  EXPECT_EQ(config.defaults.front().loc.str(), "c.yaml:2:1");
  config = load("version: 1\ndefault: {weight: none, activation: none}\n");
  EXPECT_EQ(print(config.defaultWeight), "none");
  EXPECT_EQ(print(config.defaultActivation), "none");
}

/// They are the weight's, so that a rule names the layer that reads them.
TEST(NativeConfig, InputsAreAKeyOfTheWeight) {
  QuantConfig config = load("version: 1\n"
                            "default: {weight: {inputs: dynamic}}\n"
                            "rules:\n"
                            "  - {match: {layer: a}, weight: {inputs: float}}\n"
                            "  - {match: {layer: b}, weight: {inputs: "
                            "configured}}\n");
  ConfigResolver resolver(config);
  auto inputsOf = [&](llvm::StringRef layer) {
    return resolver.resolve({layer, "linear", QuantRole::Weight}).spec.str();
  };
  EXPECT_EQ(inputsOf("a"),
            "int8 symmetric narrow per_channel, minmax, inputs float");
  EXPECT_EQ(inputsOf("b"), "int8 symmetric narrow per_channel, minmax");
  EXPECT_EQ(inputsOf("c"),
            "int8 symmetric narrow per_channel, minmax, inputs dynamic");
}

TEST(NativeConfig, StructureAsJSON) {
  auto print = [](llvm::StringRef text) {
    auto json = configToJSON(text, "c.yaml");
    if (!json)
      return llvm::toString(json.takeError());
    std::string result;
    llvm::raw_string_ostream(result) << *json;
    return result;
  };
  EXPECT_EQ(print("a: {b: 4, c: true, d: 0.5, e: x1, f: 1e-3, g: , h: -2}\n"
                  "i: [one, 2]\n"),
            R"({"a":{"b":4,"c":true,"d":0.5,"e":"x1","f":0.001,"g":null,)"
            R"("h":-2},"i":["one",2]})");
  // A section that is written twice is one.
  EXPECT_EQ(print("layers: {a: 1}\nlayers: {b: 2}\n"),
            R"({"layers":{"a":1,"b":2}})");
  EXPECT_EQ(print("a: [\n").substr(0, 10), "c.yaml:2:1");
}

TEST(NativeConfig, AnchorsAndEmptySections) {
  QuantConfig config = load("version: 1\n"
                            "default:\n"
                            "  weight: &spec {bits: 4}\n"
                            "  activation: *spec\n"
                            "rules:\n"
                            "skip: []\n");
  EXPECT_EQ(print(config.defaultActivation), "i4 affine per_tensor");
  EXPECT_TRUE(config.rules.empty());
}

TEST(NativeConfig, RulesKeepTheirPlace) {
  QuantConfig config = load("version: 1\n"
                            "rules:\n"
                            "  - match:\n"
                            "      layer: [a, b]\n"
                            "      op: [npir.conv2d, linear]\n"
                            "      role: weight\n"
                            "    weight: {bits: 4}\n"
                            "    optional: true\n"
                            "  - match: {role: activation}\n"
                            "    activation: none\n"
                            "    optional: false\n"
                            "skip:\n"
                            "  - head\n");
  ASSERT_EQ(config.rules.size(), 3u);
  const ConfigRule &first = config.rules[0];
  EXPECT_EQ(first.loc.str(), "c.yaml:3:5");
  ASSERT_EQ(first.layers.size(), 2u);
  EXPECT_EQ(first.layers[1].getText(), "b");
  EXPECT_EQ(first.ops, (std::vector<std::string>{"conv2d", "linear"}));
  EXPECT_EQ(first.role, QuantRole::Weight);
  EXPECT_EQ(first.ifUnmatched, std::nullopt);
  EXPECT_EQ(config.rules[1].loc.str(), "c.yaml:9:5");
  EXPECT_EQ(config.rules[1].ifUnmatched, ConfigSeverity::Error);
  EXPECT_EQ(config.rules[2].loc.str(), "c.yaml:13:5");
  EXPECT_EQ(config.rules[2].title, "skip pattern 'head'");
}

TEST(NativeConfig, SkipIsAppliedLastWhereverItStands) {
  QuantConfig config = load("skip: head\n"
                            "rules:\n"
                            "  - match: {layer: head}\n"
                            "    weight: {bits: 4}\n"
                            "version: 1\n");
  EXPECT_EQ(resolve(config, "head", "linear", kWeight), "none");
  EXPECT_EQ(resolve(config, "head", "linear", kActivation), "none");
}

TEST(NativeConfig, Mistakes) {
  expectMistakes(
      "",
      {
          // The file as a whole.
          {"", "1:1: the config is empty, expected 'version: 1'"},
          {"# nothing\n", "1:1: the config is empty, expected 'version: 1'"},
          {"- a\n", "1:1: expected a config, a map of keys to values"},
          {"rules: [\n", "2:1: not valid YAML: end of sequence flow not found"},
          {"version: 1\n---\nversion: 1\n",
           "3:1: expected one YAML document, got a second"},
          {"version: 1\n[a]: 1\n", "2:1: expected a name as key"},
          {"version: 1\nskip: &a [*a]\n",
           "2:11: an alias stands inside its own anchor"},
          {"version: 1\nskip: *b\n",
           "2:7: not valid YAML: the referenced anchor is not defined"},
          // The version.
          {"\n  skip: a\n",
           "2:3: expected 'version: 1' at the top of the config"},
          {"version: 2\nnew_key: 1\n",
           "1:10: config of version 2, but this build reads versions up to 1"},
          {"version: one\n",
           "1:10: expected 'version' to be an integer from 1 to 2147483647, "
           "got one"},
          {"version:\n", "1:1: expected one value for 'version'"},
          {"version: 1\nversion: 1\n",
           "2:1: key 'version' is given twice, first on line 1"},
          // Keys.
          {"verison: 1\n",
           "1:1: unknown key 'verison' in a config, did you mean 'version'?"},
          {"version: 1\nelephants: 2\n",
           "2:1: unknown key 'elephants' in a config, expected one of "
           "version, base, default, roles, rules, skip"},
          {"version: 1\nrules: []\nskip: a\nrules: []\n",
           "4:1: key 'rules' is given twice, first on line 2"},
          {"version: 1\ndefault: int8\n",
           "2:10: expected the default, a map of keys to values"},
          {"version: 1\ndefault:\n  wieght: none\n",
           "3:3: unknown key 'wieght' in the default, did you mean "
           "'weight'?"},
      });
}

TEST(NativeConfig, MistakesInASpec) {
  expectMistakes(
      "version: 1\ndefault:\n  weight: ",
      {
          {"\n", "3:3: expected 'weight' to be none or a map of spec keys"},
          {"off\n", "3:11: expected 'weight' to be none or a map of spec keys"},
          {"[bits]\n",
           "3:11: expected 'weight' to be none or a map of spec keys"},
          {"{bist: 8}\n",
           "3:12: unknown key 'bist' in a weight spec, did you mean 'bits'?"},
          {"{bits: 8, bits: 4}\n",
           "3:21: key 'bits' is given twice, first on line 3"},
          {"{bits: 1}\n",
           "3:18: expected 'bits' to be an integer from 2 to 16, got 1"},
          {"{bits: 17}\n",
           "3:18: expected 'bits' to be an integer from 2 to 16, got 17"},
          {"{bits: 8.0}\n",
           "3:18: expected 'bits' to be an integer from 2 to 16, got 8.0"},
          {"{bits: [8]}\n", "3:18: expected one value for 'bits'"},
          {"{bits: ''}\n", "3:18: expected one value for 'bits'"},
          {"{bits: }\n", "3:12: expected one value for 'bits'"},
          {"{signed: yes}\n",
           "3:20: expected 'signed' to be true or false, got yes"},
          {"{scheme: symetric}\n",
           "3:20: unknown value for 'scheme' 'symetric', did you mean "
           "'symmetric'?"},
          {"{granularity: per_row}\n",
           "3:25: 'per_row' is for activations, expected per_tensor, "
           "per_channel or per_group for weights"},
          {"{granularity: x}\n",
           "3:25: unknown value for 'granularity' 'x', expected one of "
           "per_tensor, per_channel, per_group, per_row"},
          {"{granularity: per_group, group_size: 16}\n",
           "3:48: expected 'group_size' to be an integer from 32 to 256, got "
           "16"},
          {"{group_size: 48}\n",
           "3:24: expected 'group_size' to be a multiple of 32, got 48"},
          {"{granularity: per_tensor, group_size: 64}\n",
           "3:49: 'group_size' needs 'granularity: per_group'"},
          {"{inputs: dinamic}\n",
           "3:20: unknown value for 'inputs' 'dinamic', did you mean "
           "'dynamic'?"},
          {"{observer: minmaxx}\n",
           "3:22: unknown value for 'observer' 'minmaxx', did you mean "
           "'minmax'?"},
          {"{observer: entropy}\n",
           "3:22: unknown value for 'observer' 'entropy', expected one of "
           "minmax, ema, percentile, omse, kl, auto"},
          {"{observer: {type: kl, bins: 3000}}\n",
           "3:39: expected 'bins' to be a power of two (512, 1024, 2048, 4096 "
           "or 8192), got 3000"},
          {"{observer: {type: kl, bins: 256}}\n",
           "3:39: expected 'bins' to be an integer from 512 to 8192, got 256"},
          {"{observer: {type: kl, alpha: 0.99}}\n",
           "3:33: observer 'kl' has no 'alpha', expected 'bins'"},
          {"{observer: {bins: 512, type: percentile}}\n",
           "3:23: observer 'percentile' has no 'bins', expected 'alpha' or "
           "'sigma'"},
          {"{observer: {type: omse, two_sided: both}}\n",
           "3:46: expected 'two_sided' to be true or false, got both"},
          {"{observer: {type: ema, sigma: 1.5}}\n",
           "3:41: expected 'sigma' to be a number from 0 to 1, got 1.5"},
          {"{observer: {type: auto, sigma: 0.5}}\n",
           "3:35: observer 'auto' has no 'sigma', nor any other parameter"},
          {"{observer: kl, scheme: affine}\n",
           "3:22: observer 'kl' needs 'scheme: symmetric', got affine"},
          {"{profile: 0}\n",
           "3:21: expected 'profile' to be true or false, got 0"},
          {"{observer: {alpha: 0.99}}\n",
           "3:22: expected an observer to have 'type'"},
          {"{observer: {type: percentile, alfa: 0.99}}\n",
           "3:41: unknown key 'alfa' in an observer, did you mean 'alpha'?"},
          {"{observer: {type: minmax, alpha: 0.99}}\n",
           "3:37: observer 'minmax' has no 'alpha', nor any other parameter"},
          {"{observer: {type: percentile, alpha: 0.5}}\n",
           "3:48: expected 'alpha' to be a number from 0.9 to 0.99999, got "
           "0.5"},
          {"{observer: {type: percentile, sigma: nan}}\n",
           "3:48: expected 'sigma' to be a number from 0 to 1, got nan"},
          {"{narrow: 1}\n",
           "3:20: expected 'narrow' to be true or false, got 1"},
          {"{signed: false, narrow: true}\n",
           "3:35: 'narrow' leaves out the most negative integer, which "
           "'signed: false' does not have"},
      });
}

TEST(NativeConfig, MistakesInRules) {
  expectMistakes(
      "version: 1\n",
      {
          {"rules: {a: b}\n",
           "2:8: expected 'rules' to be a list, each rule after '- '"},
          {"rules: [a]\n", "2:9: expected a rule, a map of keys to values"},
          {"rules:\n  - weight: none\n",
           "3:5: expected a rule to have 'match'"},
          {"rules:\n  - match: {layer: a}\n",
           "3:5: the rule changes nothing, expected 'weight' or 'activation' "
           "with spec keys"},
          {"rules:\n  - match: {layer: a}\n    weight: {}\n",
           "3:5: the rule changes nothing, expected 'weight' or 'activation' "
           "with spec keys"},
          {"rules:\n  - match: {layer: a}\n    wheight: none\n",
           "4:5: unknown key 'wheight' in a rule, did you mean 'weight'?"},
          {"rules:\n  - match: {layer: a}\n    weight: none\n"
           "    optional: maybe\n",
           "5:15: expected 'optional' to be true or false, got maybe"},
          {"rules:\n  - match: a\n    weight: none\n",
           "3:12: expected a match, a map of keys to values"},
          {"rules:\n  - match: {}\n    weight: none\n",
           "3:12: expected a match by 'layer', 'op', 'role' or 'between'; use "
           "'default' for every tensor"},
          {"rules:\n  - match: {layers: a}\n    weight: none\n",
           "3:13: unknown key 'layers' in a match, did you mean 'layer'?"},
          {"rules:\n  - match: {layer: []}\n    weight: none\n",
           "3:20: expected at least one value for 'layer'"},
          {"rules:\n  - match: {layer: [a, [b]]}\n    weight: none\n",
           "3:24: expected one value for 'layer'"},
          {"rules:\n  - match: {layer: 'conv[1'}\n    weight: none\n",
           "3:20: invalid layer pattern 'conv[1': invalid glob pattern, "
           "unmatched '['"},
          {"rules:\n  - match: {layer: [a, /a(b/]}\n    weight: none\n",
           "3:24: invalid layer pattern '/a(b/': parentheses not balanced"},
          {"rules:\n  - match: {role: wheight}\n    weight: none\n",
           "3:19: unknown value for 'role' 'wheight', did you mean "
           "'weight'?"},
          {"rules:\n  - match: {role: weight}\n    activation: none\n"
           "    weight: none\n",
           "4:5: the rule's match excludes 'activation'"},
          {"rules:\n  - match: {op: }\n    weight: none\n",
           "3:13: expected one value for 'op'"},
          {"skip: [a, '/b(/']\n",
           "2:11: invalid layer pattern '/b(/': parentheses not balanced"},
          {"skip: {a: b}\n",
           "2:8: unknown key 'a' in a skip entry, expected between"},
          {"skip: [{}]\n", "2:8: expected a skip entry to have 'between'"},
      });
}

TEST(NativeConfig, DeepNestingIsAnError) {
  std::string text = "version: 1\nskip: " + std::string(100000, '[');
  EXPECT_EQ(errorOf(text).rfind("c.yaml:2:", 0), 0u) << errorOf(text);
}

TEST(NativeConfig, DamagedTextDoesNotCrash) {
  std::string text = "version: 1\n"
                     "default: {weight: &a {bits: 4}, activation: *a}\n"
                     "rules:\n"
                     "  - match: {layer: 'x*', op: conv2d}\n"
                     "    weight: none\n";
  unsigned errors = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    errors += !errorOf(llvm::StringRef(text).take_front(i)).empty();
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string flipped = text;
      flipped[i] = char(flipped[i] ^ (1 << bit));
      errors += !errorOf(flipped).empty();
    }
  }
  EXPECT_GT(errors, text.size());
}

TEST(LoadConfig, ReadsAFile) {
  llvm::SmallString<128> path;
  int descriptor;
  ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("npir-config", "yaml",
                                                  descriptor, path));
  llvm::raw_fd_ostream(descriptor, /*shouldClose=*/true)
      << "version: 1\ndefault: {weight: {bits: 4}}\n";
  llvm::Expected<QuantConfig> config = loadConfig(path);
  ASSERT_TRUE(bool(config)) << llvm::toString(config.takeError());
  EXPECT_EQ(config->defaultWeight.bits, 4u);
  EXPECT_EQ(config->defaults.front().loc.file, path.str().str());
  llvm::sys::fs::remove(path);
}

TEST(LoadConfig, FilesThatCannotBeRead) {
  EXPECT_EQ(llvm::toString(loadConfig("/no/such.yaml").takeError()),
            "/no/such.yaml: cannot read: no such file or directory");
  EXPECT_EQ(llvm::toString(loadConfig("/tmp").takeError()),
            "/tmp: cannot read: is a directory");
}

} // namespace
