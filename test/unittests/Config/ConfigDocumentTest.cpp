// This file tests docs/Config.md: its examples load, say what the page says
// they do, and mean what it says they mean.
#include "ConfigTestUtils.h"
#include "npir/Config/ConfigResolver.h"
#include "llvm/Support/MemoryBuffer.h"

using namespace mlir::npir;
using llvm::StringRef;

namespace {

/// An example of the page, and what loading it says.
struct Example {
  std::string yaml;
  std::string console;
};

std::vector<Example> readExamples() {
  std::vector<Example> examples;
  auto buffer = llvm::MemoryBuffer::getFile(NPIR_CONFIG_DOCUMENT);
  EXPECT_TRUE(bool(buffer));
  std::string *block = nullptr;
  llvm::SmallVector<StringRef> lines;
  (*buffer)->getBuffer().split(lines, '\n');
  for (StringRef line : lines) {
    if (line == "```yaml")
      block = &examples.emplace_back().yaml;
    else if (line == "```console")
      block = &examples.back().console;
    else if (line == "```")
      block = nullptr;
    else if (block)
      *block += line.str() + "\n";
  }
  return examples;
}

TEST(ConfigDocument, ExamplesSayWhatThePageSays) {
  std::vector<Example> examples = readExamples();
  ASSERT_EQ(examples.size(), 15u);
  for (const Example &example : examples) {
    llvm::Expected<QuantConfig> config =
        parseConfig(example.yaml, "config.yaml");
    std::string said;
    if (config) {
      for (const ConfigMessage &message : config->messages)
        said += message.str() + "\n";
    } else {
      said = llvm::toString(config.takeError()) + "\n";
    }
    EXPECT_EQ(said, example.console) << example.yaml;
  }
}

TEST(ConfigDocument, FirstExampleMeansWhatItSays) {
  QuantConfig config = load(readExamples()[0].yaml);
  // "The default above is the built-in one."
  QuantConfig shortest = load(readExamples()[1].yaml);
  EXPECT_TRUE(config.defaultWeight == shortest.defaultWeight);
  EXPECT_TRUE(config.defaultActivation == shortest.defaultActivation);

  EXPECT_EQ(resolve(config, "stem", "npir.conv2d", kWeight),
            "i8 symmetric narrow per_channel");
  EXPECT_EQ(resolve(config, "dw", "npir.depthwise_conv2d", kWeight),
            "i4 symmetric narrow per_channel");
  EXPECT_EQ(resolve(config, "features.0", "npir.conv2d", kActivation),
            "i8 symmetric per_tensor");
  EXPECT_EQ(resolve(config, "features.0", "npir.conv2d", kWeight),
            "i8 symmetric narrow per_channel");
  EXPECT_EQ(resolve(config, "net.head12", "npir.linear", kWeight), "none");
  EXPECT_EQ(resolve(config, "head12.x", "npir.linear", kWeight),
            "i8 symmetric narrow per_channel");
  EXPECT_EQ(resolve(config, "softmax_last", "npir.softmax", kActivation),
            "none");
}

TEST(ConfigDocument, SchemesMeanWhatTheySay) {
  QuantConfig config = load(readExamples()[2].yaml);
  ConfigResolver resolver(config);
  auto weight = [&](llvm::StringRef layer) {
    return resolver.resolve({layer, "linear", kWeight}).spec.str();
  };
  EXPECT_EQ(weight("blocks.1.attn.qkv"),
            "int8 symmetric narrow per_channel, minmax, inputs dynamic");
  EXPECT_EQ(weight("blocks.1.mlp.fc1"),
            "int4 symmetric narrow per_group 64, minmax, inputs dynamic");
  EXPECT_EQ(weight("decoder.0"),
            "int4 symmetric narrow per_channel, minmax, inputs float");
  EXPECT_EQ(weight("head"), "float");
  EXPECT_EQ(weight("neck"), "int8 symmetric narrow per_channel, minmax");
}

TEST(ConfigDocument, ObserversMeanWhatTheySay) {
  QuantConfig config = load(readExamples()[3].yaml);
  auto observer = [&](llvm::StringRef layer, QuantRole role) {
    return resolveObserver(config, layer, "npir.conv2d", role);
  };
  EXPECT_EQ(observer("stem", kActivation), "percentile 0.9995");
  EXPECT_EQ(resolveObserver(config, "fc", "linear", kWeight), "omse");
  EXPECT_EQ(resolveObserver(config, "x", "softmax", kActivation), "kl 4096");
  EXPECT_EQ(resolveObserver(config, "x", "input", kActivation),
            "ema sigma 0.05");
  EXPECT_EQ(observer("stem", kWeight), "percentile 0.9999");
  EXPECT_EQ(observer("blocks.2.mlp.act", kActivation),
            "percentile 0.999 sigma 0.2");
}

} // namespace
