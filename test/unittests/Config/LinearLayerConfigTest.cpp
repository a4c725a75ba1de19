// This file tests the reading of a linear layer's config format.
#include "ConfigTestUtils.h"

using namespace mlir::npir;

namespace {

constexpr const char *kConfig =
    "outputs:\n"
    "  calibration_mode: layer_wise\n"
    "  bit_type: {bits: 8, signed: false, name: uint8}\n"
    "  observer_type: MinmaxObserver\n"
    "  quantization_method: Affine\n"
    "  enable_profiler: true\n"
    "weight:\n"
    "  calibration_mode: channel_wise\n"
    "  bit_type: {bits: 4, signed: true, name: int4}\n"
    "  observer_type: MinmaxObserver\n"
    "  quantization_method: Uniform\n";

TEST(LinearLayerConfig, WeightAndOutputAreApart) {
  QuantConfig config = load(kConfig);
  EXPECT_EQ(print(config.defaultWeight), "i4 symmetric narrow per_channel");
  EXPECT_EQ(print(config.defaultActivation), "u8 affine per_tensor");
  EXPECT_EQ(print(config.messages), "");
  EXPECT_EQ(resolve(config, "x", kInputOpName, kActivation),
            "u8 affine per_tensor");
}

TEST(LinearLayerConfig, ActivationIsForInputsAndFallsBackToOutputs) {
  QuantConfig config =
      load(std::string(kConfig) +
           "activation: {bit_type: {bits: 6, signed: true, name: int8}}\n");
  EXPECT_EQ(resolve(config, "x", kInputOpName, kActivation),
            "i6 affine per_tensor");
  EXPECT_EQ(resolve(config, "fc", "linear", kActivation),
            "u8 affine per_tensor");
  EXPECT_EQ(print(config.messages),
            "warning: c.yaml:12:54: the name 'int8' disagrees with bits and "
            "signed, which decide: int6\n");
  ConfigResolver resolver(config);
  resolver.resolve({"fc", "linear", kActivation});
  EXPECT_EQ(print(resolver.unmatchedRules()),
            "warning: c.yaml:12:1: section 'activation' matched nothing: no "
            "layer has op type 'input'\n");
}

TEST(LinearLayerConfig, OutputIsTheSameKeyAndDefaultHolds) {
  QuantConfig config = load("default: {observer_type: MinmaxObserver}\n"
                            "output: {calibration_mode: layer_wise}\n"
                            "rules:\n"
                            "  - match: {layer: fc9}\n"
                            "    weight: none\n");
  EXPECT_EQ(print(config.defaultActivation), "i8 symmetric per_tensor");
  EXPECT_EQ(print(config.defaultWeight), "i8 symmetric narrow per_channel");
  EXPECT_EQ(resolve(config, "fc9", "linear", kWeight), "none");
}

TEST(LinearLayerConfig, LabelThatDisagreesWarns) {
  EXPECT_EQ(messagesOf("outputs:\n"
                       "  bit_type: {bits: 8, signed: false, name: int8}\n"
                       "  observer_type: MinmaxObserver\n"
                       "weight: {observer_type: MinmaxObserver}\n"),
            "warning: c.yaml:2:44: the name 'int8' disagrees with bits and "
            "signed, which decide: uint8\n");
}

TEST(LinearLayerConfig, Mistakes) {
  expectMistakes(
      "",
      {
          {"outputs: {}\noutput: {}\n",
           "2:1: key 'output' is given twice, first on line 1"},
          {"outputs: {}\nweigth: {}\n",
           "2:1: unknown key 'weigth' in a config, did you mean 'weight'?"},
          {"weight: {observer_type: MinmaxObserver}\n"
           "outputs: {quantization_method: Affine}\n"
           "activation: {observer_type: KLObserver}\n",
           "3:29: KLObserver needs 'quantization_method: Uniform', got Affine "
           "from what this overrides"},
          {"weight: none\n", "1:9: expected 'weight', a map of keys to values"},
      });
}

} // namespace
