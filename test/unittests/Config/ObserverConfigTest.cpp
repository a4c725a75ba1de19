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

TEST(NativeObserver, AllNamesAndParameters) {
  auto observer = [](const std::string &text) {
    return print(load("version: 1\ndefault:\n  activation: {scheme: "
                      "symmetric, observer: " +
                      text + "}\n")
                     .defaultActivation.observer);
  };
  EXPECT_EQ(observer("minmax"), "minmax");
  EXPECT_EQ(observer("ema"), "ema sigma 0.01");
  EXPECT_EQ(observer("{type: ema, sigma: 0.2}"), "ema sigma 0.2");
  EXPECT_EQ(observer("omse"), "omse");
  EXPECT_EQ(observer("{type: omse, two_sided: false}"), "omse one-sided");
  EXPECT_EQ(observer("{type: omse, two_sided: true}"), "omse");
  EXPECT_EQ(observer("kl"), "kl 2048");
  for (const char *bins : {"512", "1024", "2048", "4096", "8192"})
    EXPECT_EQ(observer("{type: kl, bins: " + std::string(bins) + "}"),
              "kl " + std::string(bins));
  EXPECT_EQ(observer("auto"), "auto");
}

TEST(NativeObserver, ARuleReplacesParameters) {
  QuantConfig config = load(
      "version: 1\n"
      "default:\n"
      "  activation: {observer: {type: kl, bins: 512}, scheme: symmetric}\n"
      "  weight: {observer: {type: omse, two_sided: false}}\n"
      "rules:\n"
      "  - match: {layer: named}\n"
      "    activation: {observer: kl}\n"
      "    weight: {observer: omse}\n"
      "  - match: {layer: percentile}\n"
      "    activation: {observer: {type: percentile, sigma: 0.5}}\n"
      "  - match: {layer: percentile}\n"
      "    activation: {observer: ema}\n");
  auto observer = [&](llvm::StringRef layer, llvm::StringRef op,
                      QuantRole role = kActivation) {
    return resolveObserver(config, layer, op, role);
  };
  EXPECT_EQ(observer("x", "linear"), "kl 512");
  EXPECT_EQ(observer("named", "linear"), "kl 2048");
  EXPECT_EQ(observer("named", "linear", kWeight), "omse");
  EXPECT_EQ(observer("x", "linear", kWeight), "omse one-sided");
  EXPECT_EQ(observer("percentile", "linear"), "ema sigma 0.01");
  // Softmax has more bins where nothing sets them.
  EXPECT_EQ(observer("x", "softmax"), "kl 512");
  EXPECT_EQ(observer("named", "npir.softmax"), "kl 4096");
}

TEST(NativeObserver, KLNeedsASymmetricScheme) {
  const char *setBeside =
      "observer 'kl' needs 'scheme: symmetric' beside it, the default's "
      "scheme is affine";
  expectMistakes(
      "version: 1\n",
      {
          // In one place, from the built-in default, from the file's.
          {"default:\n  weight: {scheme: affine, observer: kl}\n",
           "3:38: observer 'kl' needs 'scheme: symmetric', got affine"},
          {"default:\n  activation: {observer: {type: kl, bins: 512}}\n",
           "2:1: the default for activations has observer 'kl', which needs "
           "'scheme: symmetric', and the scheme affine"},
          {"rules:\n  - match: {layer: a}\n    activation: {observer: kl}\n",
           std::string("3:5: ") + setBeside},
          {"default: {weight: {scheme: affine}}\n"
           "rules:\n  - match: {layer: a}\n    weight: {observer: kl}\n",
           std::string("4:5: ") + setBeside},
          {"default: {weight: {observer: kl}}\n"
           "rules:\n  - match: {layer: a}\n    weight: {scheme: affine}\n",
           "4:5: 'scheme: affine' needs another observer beside it than the "
           "default's 'kl'"},
      });
}

/// What only rules together decide is seen at the tensor.
TEST(NativeObserver, KLByOneRuleAndASchemeByAnother) {
  QuantConfig config = load("version: 1\n"
                            "rules:\n"
                            "  - match: {layer: a*}\n"
                            "    activation: {scheme: symmetric}\n"
                            "  - match: {layer: '*b'}\n"
                            "    activation: {observer: kl}\n"
                            "  - match: {layer: ac*}\n"
                            "    activation: {scheme: affine}\n");
  ConfigResolver resolver(config);
  auto explain = [&](llvm::StringRef layer) {
    return resolver.resolve({layer, "linear", kActivation})
        .explainContradiction();
  };
  EXPECT_EQ(explain("ab"), "");
  EXPECT_EQ(explain("c"), "");
  EXPECT_EQ(explain("b"),
            "observer 'kl' (c.yaml:5:5 (rule)) needs a symmetric scheme, got "
            "affine (built-in default); set 'scheme: symmetric'");
  EXPECT_EQ(explain("acb"),
            "observer 'kl' (c.yaml:5:5 (rule)) needs a symmetric scheme, got "
            "affine (c.yaml:7:5 (rule)); set 'scheme: symmetric'");
}

TEST(NativeObserver, MinmaxPerChannelOnSoftmaxWarns) {
  const char *warning =
      "warning: c.yaml:3:5: observer 'minmax' with per_channel loses accuracy "
      "on softmax, set 'granularity: per_tensor'\n";
  auto messages = [](const std::string &match, const std::string &spec) {
    return messagesOf("version: 1\nrules:\n  - match: {" + match +
                      "}\n    activation: {" + spec + "}\n");
  };
  EXPECT_EQ(messages("op: softmax", "granularity: per_channel"), warning);
  EXPECT_EQ(messages("role: intSoft", "granularity: per_channel"), warning);
  EXPECT_EQ(messages("role: intSoft", "bits: 4"), "");
  EXPECT_EQ(messages("op: linear", "granularity: per_channel"), "");
  EXPECT_EQ(
      messages("op: softmax", "granularity: per_channel, observer: percentile"),
      "");
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

TEST(BlockObserver, AllNames) {
  QuantConfig config =
      load("default: {kl_bins: 1024, percentile_sigma: 0.2}\n"
           "layers:\n"
           "  attn_qkv: {observer_type: OmseObserver}\n"
           "  attn_proj: {observer_type: KLObserver}\n"
           "  mlp_fc1: {observer_type: EmaObserver}\n"
           "  mlp_fc2: {observer_type: AutoObserver}\n"
           "attn_layer:\n"
           "  kv_act: {observer_type: KLObserver, kv_bins: 8192}\n"
           "  intSoft: {observer_type: KLObserver, calibration_mode: "
           "layer_wise}\n"
           "  mlp_act: {observer_type: MinmaxObserver}\n");
  auto observer = [&](llvm::StringRef layer, QuantRole role) {
    return resolveObserver(config, layer, "softmax", role);
  };
  EXPECT_EQ(observer("attn.qkv", kWeight), "omse");
  EXPECT_EQ(observer("attn.proj", kWeight), "kl 1024");
  EXPECT_EQ(observer("mlp.fc1", kWeight), "ema sigma 0.2");
  EXPECT_EQ(observer("mlp.fc2", kWeight), "auto");
  EXPECT_EQ(observer("kv_act", kActivation), "kl 8192");
  EXPECT_EQ(observer("intSoft", kActivation), "kl 1024");
  EXPECT_EQ(observer("mlp.act", kActivation), "minmax");
  EXPECT_EQ(print(config.messages), "");
}

TEST(BlockObserver, SoftmaxHasMoreBinsWhereNothingSetsThem) {
  QuantConfig config =
      load("attn_layer:\n"
           "  intSoft: {observer_type: KLObserver, calibration_mode: "
           "layer_wise}\n"
           "  kv_act: {observer_type: KLObserver}\n");
  EXPECT_EQ(resolveObserver(config, "intSoft", "softmax", kActivation),
            "kl 4096");
  EXPECT_EQ(resolveObserver(config, "kv_act", "matmul", kActivation),
            "kl 2048");
}

TEST(BlockObserver, BinsAreRoundedUp) {
  QuantConfig config =
      load("default: {observer_type: KLObserver, kl_bins: 3000, kv_bins: "
           "3000}\n"
           "layers: {attn_qkv: {kv_bins: 513}, attn_proj: {kl_bins: 8192}}\n");
  EXPECT_EQ(print(config.defaultWeight.observer), "kl 4096");
  EXPECT_EQ(resolveObserver(config, "attn.qkv", "linear", kWeight), "kl 1024");
  EXPECT_EQ(resolveObserver(config, "attn.proj", "linear", kWeight), "kl 8192");
  EXPECT_EQ(print(config.messages),
            "remark: c.yaml:1:47: 'kl_bins' 3000 is rounded up to a power of "
            "two, 4096\n"
            "remark: c.yaml:2:30: 'kv_bins' 513 is rounded up to a power of "
            "two, 1024\n");
}

TEST(BlockObserver, KLNeedsUniform) {
  expectMistakes(
      "", {
              {"default: {observer_type: KLObserver, quantization_method: "
               "Affine}\nlayers: {}\n",
               "1:26: KLObserver needs 'quantization_method: Uniform', got "
               "Affine"},
              // From the default.
              {"default: {quantization_method: Affine}\n"
               "attn_layer: {kv_act: {observer_type: KLObserver}}\n",
               "2:38: KLObserver needs 'quantization_method: Uniform', got "
               "Affine from what this overrides"},
              {"default: {observer_type: KLObserver}\n"
               "attn_layer: {kv_act: {quantization_method: Affine}}\n",
               "2:44: KLObserver needs 'quantization_method: Uniform', got "
               "Affine"},
              // A weight's own.
              {"layers: {attn_qkv: {observer_type: KLObserver, "
               "quantization_method: Affine}}\n",
               "1:36: KLObserver needs 'quantization_method: Uniform', got "
               "Affine"},
              {"outputs: {observer_type: KLObserver, quantization_method: "
               "Affine}\n",
               "1:26: KLObserver needs 'quantization_method: Uniform', got "
               "Affine"},
          });
  // An affine default is for activations only.
  EXPECT_EQ(messagesOf("default: {quantization_method: Affine}\n"
                       "layers: {attn_qkv: {observer_type: KLObserver}}\n"),
            "remark: c.yaml:1:32: 'Affine' in the default is for activations, "
            "weights stay symmetric\n");
}

} // namespace
