// This file tests how every format names observers and their parameters.
#include "ConfigTestUtils.h"

using namespace mlir::npir;

namespace {

//===----------------------------------------------------------------------===//
// NPIR's own format
//===----------------------------------------------------------------------===//

TEST(NativeObserver, ANameTakesTheRolesAlpha) {
  QuantConfig config = load("version: 1\n"
                            "default:\n"
                            "  weight: {observer: percentile}\n"
                            "  activation: {observer: percentile}\n");
  EXPECT_EQ(print(config.defaultWeight.observer), "percentile 0.999");
  EXPECT_EQ(print(config.defaultActivation.observer), "percentile 0.9995");
  EXPECT_EQ(print(config.messages), "");
}

TEST(NativeObserver, ParametersAndReplacement) {
  QuantConfig config =
      load("version: 1\n"
           "default:\n"
           "  activation:\n"
           "    observer: {type: percentile, alpha: 0.9999, sigma: 0.1}\n"
           "rules:\n"
           "  - match: {layer: plain}\n"
           "    activation: {observer: percentile}\n"
           "  - match: {layer: bits}\n"
           "    activation: {bits: 4}\n"
           "  - match: {layer: minmax}\n"
           "    activation: {observer: {type: minmax}}\n");
  auto observer = [&](llvm::StringRef layer) {
    return resolveObserver(config, layer, "linear", kActivation);
  };
  EXPECT_EQ(observer("other"), "percentile 0.9999 sigma 0.1");
  EXPECT_EQ(observer("bits"), "percentile 0.9999 sigma 0.1");
  // The observer is one key: a rule's replaces it, parameters included.
  EXPECT_EQ(observer("plain"), "percentile 0.9995");
  EXPECT_EQ(observer("minmax"), "minmax");
}

TEST(NativeObserver, ParametersThatAreSeldomMeantWarn) {
  EXPECT_EQ(messagesOf("version: 1\n"
                       "default:\n"
                       "  weight: {observer: {type: percentile, alpha: 0.9}}\n"
                       "  activation:\n"
                       "    observer: {type: percentile, sigma: 0}\n"),
            "warning: c.yaml:3:48: 'alpha' 0.9 clips 10 % of the values on "
            "each side; recommended are 0.9995 for activations and 0.999 for "
            "weights\n"
            "warning: c.yaml:5:41: 'sigma' 0 keeps the range of the first "
            "batch and ignores all others; leave it out to take all batches "
            "together\n");
}

//===----------------------------------------------------------------------===//
// The formats of a ViT block and of a linear layer
//===----------------------------------------------------------------------===//

/// An example of the observer guide, as it is.
TEST(BlockObserver, TheGuidesExampleLoads) {
  QuantConfig config = load(
      "default:                        # used where nothing else is given\n"
      "  calibration_mode: channel_wise\n"
      "  bit_type: {bits: 8, signed: true, name: int8}\n"
      "  observer_type: PercentileObserver\n"
      "  quantization_method: Uniform  # or Affine\n"
      "  percentile_alpha: 0.95\n"
      "  percentile_sigma: 0.01\n"
      "  kv_bins: 2048                 # newer: kl_bins\n"
      "layers:            {attn_qkv: {}, attn_proj: {}, mlp_fc1: {}, mlp_fc2: "
      "{}, norm1: {}, norm2: {}}\n"
      "attn_layer:        {attn_qkv_output: {}, kv_act: {}, sv_attn: {}, "
      "mlp_act: {}, mlp_act2: {}, intSoft: {}}\n"
      "residual_layer:    {residual1: {}, residual2: {}}\n");
  EXPECT_EQ(print(config.messages),
            "warning: c.yaml:6:21: 'percentile_alpha' 0.95 clips 5 % of the "
            "values on each side; recommended are 0.9995 for activations and "
            "0.999 for weights\n");
  EXPECT_EQ(print(config.defaultWeight), "i8 symmetric narrow per_channel");
  EXPECT_EQ(print(config.defaultActivation), "i8 symmetric per_channel");
  for (QuantRole role : {kWeight, kActivation})
    EXPECT_EQ(resolveObserver(config, "blocks.0.attn.qkv", "linear", role),
              "percentile 0.95 sigma 0.01");
}

TEST(BlockObserver, WithoutADefault) {
  for (const char *text : {"layers: {attn_qkv: {}}\n", "default: {}\nlayers:\n",
                           "outputs: {}\n", "weight:\noutputs: {...}\n"}) {
    QuantConfig config = load(text);
    EXPECT_EQ(print(config.defaultWeight), "i8 symmetric narrow per_channel");
    EXPECT_EQ(print(config.defaultActivation), "i8 symmetric per_channel");
    EXPECT_EQ(print(config.defaultWeight.observer), "percentile 0.999");
    EXPECT_EQ(print(config.defaultActivation.observer), "percentile 0.9995");
  }
}

TEST(BlockObserver, EntriesOverrideKeyByKey) {
  QuantConfig config =
      load("default:\n"
           "  observer_type: MinmaxObserver\n"
           "  percentile_alpha: 0.999\n"
           "  percentile_sigma: 0.1\n"
           "layers:\n"
           "  mlp_fc1: {percentile_alpha: 0.99}\n"
           "  mlp_fc2: {observer_type: PercentileObserver}\n"
           "attn_layer:\n"
           "  mlp_act:\n"
           "    observer_type: PercentileObserver\n"
           "    percentile_sigma: 0.2\n"
           "  mlp_act2: {observer_type: PercentileObserver, percentile_alpha: "
           "0.99999}\n");
  auto observer = [&](llvm::StringRef layer, QuantRole role) {
    return resolveObserver(config, layer, "linear", role);
  };
  EXPECT_EQ(observer("mlp.fc1", kWeight), "minmax");
  EXPECT_EQ(observer("mlp.fc2", kWeight), "percentile 0.999 sigma 0.1");
  EXPECT_EQ(observer("mlp.act", kActivation), "percentile 0.999 sigma 0.2");
  EXPECT_EQ(observer("mlp.fc2", kActivation), "percentile 0.99999 sigma 0.1");
  EXPECT_EQ(print(config.messages), "");
}

/// A warning stands where the value, or the observer that takes it, does; once.
TEST(BlockObserver, ParametersThatAreSeldomMeantWarn) {
  EXPECT_EQ(
      messagesOf("default: {observer_type: MinmaxObserver, percentile_alpha: "
                 "0.95}\n"
                 "layers:\n"
                 "  mlp_fc1: {}\n"
                 "  mlp_fc2: {observer_type: PercentileObserver}\n"),
      "warning: c.yaml:4:28: 'percentile_alpha' 0.95 clips 5 % of the values "
      "on each side; recommended are 0.9995 for activations and 0.999 for "
      "weights\n");
  EXPECT_EQ(
      messagesOf("default: {percentile_sigma: 0}\n"
                 "layers:\n"
                 "  mlp_fc1: {percentile_sigma: 0, percentile_alpha: 0.98}\n"
                 "  mlp_fc2: {percentile_alpha: 0.99}\n"),
      "warning: c.yaml:1:29: 'percentile_sigma' 0 keeps the range of the first "
      "batch and ignores all others; leave it out to take all batches "
      "together\n"
      "warning: c.yaml:3:52: 'percentile_alpha' 0.98 clips 2 % of the values "
      "on each side; recommended are 0.9995 for activations and 0.999 for "
      "weights\n");
}

TEST(BlockObserver, LinearLayer) {
  QuantConfig config = load("outputs:\n"
                            "  observer_type: PercentileObserver\n"
                            "  percentile_alpha: 0.9999\n"
                            "  percentile_sigma: 0\n"
                            "weight:\n"
                            "  observer_type: MinmaxObserver\n"
                            "activation: {percentile_alpha: 0.999}\n");
  EXPECT_EQ(print(config.defaultWeight.observer), "minmax");
  EXPECT_EQ(print(config.defaultActivation.observer),
            "percentile 0.9999 sigma 0");
  EXPECT_EQ(resolveObserver(config, "x", kInputOpName, kActivation),
            "percentile 0.999 sigma 0");
  EXPECT_EQ(print(config.messages),
            "warning: c.yaml:4:21: 'percentile_sigma' 0 keeps the range of the "
            "first batch and ignores all others; leave it out to take all "
            "batches together\n");
}

} // namespace
