// This file tests the reading of a ViT block's config format, case by case.
#include "ConfigTestUtils.h"

using namespace mlir::npir;

namespace {

/// A default of five lines, and `text`.
std::string withDefault(llvm::StringRef text) {
  return "default:\n"
         "  calibration_mode: channel_wise\n"
         "  bit_type: {bits: 8, signed: true, name: int8}\n"
         "  observer_type: MinmaxObserver\n"
         "  quantization_method: Uniform\n" +
         text.str();
}

TEST(ViTBlockConfig, DefaultIsForWeightsAndActivations) {
  QuantConfig config = load(withDefault("layers: {}\n"));
  EXPECT_EQ(print(config.defaultWeight), "i8 symmetric narrow per_channel");
  EXPECT_EQ(print(config.defaultActivation), "i8 symmetric per_channel");
  EXPECT_EQ(config.defaults.front().loc.str(), "c.yaml:1:1");
  EXPECT_EQ(print(config.messages), "");
}

TEST(ViTBlockConfig, DefaultAloneIsRecognized) {
  QuantConfig config = load(withDefault(""));
  EXPECT_EQ(print(config.defaultActivation), "i8 symmetric per_channel");
}

TEST(ViTBlockConfig, MissingKeysTakeTheBuiltInDefault) {
  QuantConfig config =
      load("default: {observer_type: MinmaxObserver}\nlayers: {}\n");
  EXPECT_EQ(print(config.defaultWeight), "i8 symmetric narrow per_channel");
  EXPECT_EQ(print(config.defaultActivation), "i8 symmetric per_channel");
}

TEST(ViTBlockConfig, AffineDefaultLeavesWeightsSymmetric) {
  QuantConfig config = load("default:\n"
                            "  observer_type: MinmaxObserver\n"
                            "  quantization_method: Affine\n"
                            "layers:\n"
                            "  mlp_fc1: {quantization_method: Affine}\n");
  EXPECT_EQ(print(config.messages),
            "remark: c.yaml:3:24: 'Affine' in the default is for activations, "
            "weights stay symmetric\n");
  EXPECT_EQ(print(config.defaultWeight), "i8 symmetric narrow per_channel");
  EXPECT_EQ(print(config.defaultActivation), "i8 affine per_channel");
  EXPECT_EQ(resolve(config, "mlp.fc1", "linear", kWeight),
            "i8 affine per_channel");
}

TEST(ViTBlockConfig, RolesAreMatchedByName) {
  QuantConfig config =
      load(withDefault("layers:\n"
                       "  attn_qkv: {bit_type: {bits: 4, name: int4}}\n"
                       "  mlp_fc2: {calibration_mode: layer_wise}\n"
                       "  norm1: {bit_type: {bits: 7}}\n"
                       "  stem: {bit_type: {bits: 3}}\n"
                       "attn_layer:\n"
                       "  attn_qkv_output: {quantization_method: Affine}\n"
                       "  mlp_act: {bit_type: {signed: false}}\n"
                       "  mlp_act2: {bit_type: {bits: 10}}\n"
                       "  mlp: {bit_type: {bits: 11}}\n"
                       "residual_layer:\n"
                       "  residual1: {bit_type: {bits: 16}}\n"));
  auto weight = [&](llvm::StringRef layer) {
    return resolve(config, layer, "linear", kWeight);
  };
  auto activation = [&](llvm::StringRef layer) {
    return resolve(config, layer, "linear", kActivation);
  };
  // Deep merge: the default's sign is kept.
  EXPECT_EQ(weight("blocks.0.attn.qkv"), "i4 symmetric narrow per_channel");
  EXPECT_EQ(activation("blocks.0.attn.qkv"), "i8 affine per_channel");
  EXPECT_EQ(weight("blocks.0.attn.proj"), "i8 symmetric narrow per_channel");
  EXPECT_EQ(weight("blocks.1.mlp.fc2"), "i8 symmetric narrow per_tensor");
  EXPECT_EQ(activation("blocks.1.mlp.fc2"), "i10 symmetric per_channel");
  // A normalization's entry is about its output.
  EXPECT_EQ(activation("blocks.1.norm1"), "i7 symmetric per_channel");
  EXPECT_EQ(weight("blocks.1.norm1"), "i8 symmetric narrow per_channel");
  EXPECT_EQ(weight("stem.conv"), "i3 symmetric narrow per_channel");
  // The longer name wins, key by key, though the shorter one stands later.
  EXPECT_EQ(activation("blocks.0.mlp.act"), "u11 symmetric per_channel");
  EXPECT_EQ(activation("blocks.0.mlp.act2"), "i10 symmetric per_channel");
  EXPECT_EQ(activation("blocks.0.mlp.drop"), "i11 symmetric per_channel");
  EXPECT_EQ(activation("blocks.0.residual1"), "i16 symmetric per_channel");
}

TEST(ViTBlockConfig, UnmatchedRolesWarn) {
  QuantConfig config = load(withDefault("layers: {mlp_fc1: {}, norm2: {}}\n"
                                        "residual_layer: {conv1: {}}\n"));
  ConfigResolver resolver(config);
  resolver.resolve({"mlp.fc1", "linear", kWeight});
  resolver.resolve({"conv1", "conv2d", kWeight});
  EXPECT_EQ(
      print(resolver.unmatchedRules()),
      "warning: c.yaml:6:23: role 'norm2' matched nothing: no transformer "
      "block has 'norm2', and no layer matches 'norm2'\n"
      "warning: c.yaml:7:18: role 'conv1' matched nothing: the layers "
      "it matches have no activation to quantize\n");
}

TEST(ViTBlockConfig, RulesAndSkipMayFollow) {
  QuantConfig config =
      load("skip: [head]\n" + withDefault("layers: {mlp_fc1: {}}\n"
                                          "rules:\n"
                                          "  - match: {layer: mlp.fc1}\n"
                                          "    weight: {bits: 5}\n"));
  EXPECT_EQ(resolve(config, "mlp.fc1", "linear", kWeight),
            "i5 symmetric narrow per_channel");
  EXPECT_EQ(resolve(config, "head", "linear", kWeight), "none");
  ConfigResolver resolver(config);
  resolver.resolve({"mlp.fc1", "linear", kWeight});
  EXPECT_EQ(print(resolver.unmatchedRules()),
            "error: c.yaml:1:8: skip pattern 'head' matched nothing: no layer "
            "matches 'head'\n");
}

TEST(ViTBlockConfig, RepeatedSectionsAreMerged) {
  QuantConfig config = load(withDefault("layers: {attn_qkv: {}}\n"
                                        "attn_layer: {kv_act: {}}\n"
                                        "layers: {attn_proj: {}}\n"));
  EXPECT_EQ(config.rules.size(), 3u);
  EXPECT_EQ(print(config.messages),
            "remark: c.yaml:8:1: section 'layers' is repeated and merged with "
            "that on line 6\n");
}

TEST(ViTBlockConfig, Elisions) {
  QuantConfig config = load(withDefault("layers:\n"
                                        "  attn_qkv: { ... }\n"
                                        "  attn_proj:\n"
                                        "  mlp_fc1: ...\n"
                                        "  mlp_fc2: {bit_type: {...}}\n"
                                        "attn_layer: {kv_act: {}, ...}\n"
                                        "residual_layer:\n"));
  EXPECT_EQ(config.rules.size(), 5u);
  EXPECT_EQ(
      print(config.messages),
      "remark: c.yaml:7:15: '...' is read as left out: the default holds\n"
      "remark: c.yaml:9:12: '...' is read as left out: the default holds\n"
      "remark: c.yaml:10:24: '...' is read as left out: the default holds\n"
      "remark: c.yaml:11:26: '...' is read as left out: the default holds\n");
}

TEST(ViTBlockConfig, ElidedLines) {
  QuantConfig config = load("default:\n"
                            "  observer_type: MinmaxObserver\n"
                            "  ...\n"
                            "layers:\n"
                            "  attn_qkv: {}\n"
                            "  ...\n"
                            "attn_layer:\n"
                            "  kv_act:\n"
                            "    ...\n");
  EXPECT_EQ(config.rules.size(), 2u);
  EXPECT_EQ(
      print(config.messages),
      "remark: c.yaml:3:3: '...' is read as left out: the default holds\n"
      "remark: c.yaml:6:3: '...' is read as left out: the default holds\n"
      "remark: c.yaml:9:5: '...' is read as left out: the default holds\n");
}

TEST(ViTBlockConfig, UnknownRoleNearAKnownOneIsRemarked) {
  EXPECT_EQ(messagesOf(withDefault("layers: {attn_qvk: {}, conv1: {}}\n")),
            "remark: c.yaml:6:10: 'attn_qvk' is not the name of a role, did "
            "you mean 'attn_qkv'? It is taken for part of a layer's name\n");
}

TEST(ViTBlockConfig, LabelThatDisagreesWarns) {
  EXPECT_EQ(messagesOf(withDefault(
                "layers:\n"
                "  attn_qkv: {bit_type: {bits: 4, name: int8}}\n"
                "  attn_proj: {bit_type: {bits: 4}}\n"
                "  mlp_fc1: {bit_type: {name: int8}}\n"
                "  mlp_fc2: {bit_type: {signed: false, name: fancy}}\n")),
            "warning: c.yaml:7:40: the name 'int8' disagrees with bits and "
            "signed, which decide: int4\n"
            "warning: c.yaml:10:45: the name 'fancy' disagrees with bits and "
            "signed, which decide: uint8\n");
}

TEST(ViTBlockConfig, MinmaxPerChannelOnSoftmaxWarns) {
  EXPECT_EQ(messagesOf(withDefault("attn_layer: {intSoft: {}}\n")),
            "warning: c.yaml:6:14: MinmaxObserver with channel_wise loses "
            "accuracy on softmax, set 'calibration_mode: layer_wise'\n");
  EXPECT_EQ(messagesOf(withDefault(
                "attn_layer: {intSoft: {calibration_mode: layer_wise}}\n")),
            "");
}

TEST(ViTBlockConfig, ParametersOfOtherObserversAreAccepted) {
  EXPECT_EQ(messagesOf(withDefault("  percentile_alpha: 0.95\n"
                                   "  percentile_sigma: 0.01\n"
                                   "  kv_bins: 2048\n"
                                   "  kl_bins: 2048\n"
                                   "  module_type: linear_weight\n"
                                   "  enable_profiler: true\n"
                                   "  enable_profiling: true\n"
                                   "layers: {}\n"
                                   "enable_profiler: false\n")),
            "");
}

TEST(ViTBlockConfig, Mistakes) {
  expectMistakes(
      withDefault(""),
      {
          {"layers: {}\noutputs: {}\n",
           "7:1: unknown key 'outputs' in a config, expected one of default, "
           "layers, attn_layer, residual_layer, roles, rules, "
           "skip, enable_profiler, enable_profiling"},
          {"layers: {}\natn_layer: {}\n",
           "7:1: unknown key 'atn_layer' in a config, did you mean "
           "'attn_layer'?"},
          {"layers: {}\ndefault: {}\n",
           "7:1: key 'default' is given twice, first on line 1"},
          {"layers: [a]\n",
           "6:9: expected 'layers' to be a map of layers to specs"},
          {"layers:\n  attn_qkv: {}\nattn_layer: {}\nlayers:\n"
           "  attn_qkv: {}\n",
           "10:3: layer 'attn_qkv' of section 'layers' is given twice, first "
           "on line 7"},
          {"layers: {a: {}, a: {}}\n",
           "6:17: layer 'a' of section 'layers' is given twice, first on line "
           "6"},
          {"layers: {a: 4}\n", "6:13: expected 'a', a map of keys to values"},
          {"layers: {a: {bit_typ: {}}}\n",
           "6:14: unknown key 'bit_typ' in 'a', did you mean 'bit_type'?"},
          {"layers: {a: {bit_type: int8}}\n",
           "6:24: expected a bit_type, a map of keys to values"},
          {"layers: {a: {bit_type: {bit: 8}}}\n",
           "6:25: unknown key 'bit' in a bit_type, did you mean 'bits'?"},
          {"layers: {a: {bit_type: {bits: 0}}}\n",
           "6:31: expected 'bits' to be an integer from 2 to 16, got 0"},
          {"layers: {a: {quantization_method: uniform}}\n",
           "6:35: unknown value for 'quantization_method' 'uniform', did you "
           "mean 'Uniform'?"},
          {"layers: {a: {calibration_mode: tensor_wise}}\n",
           "6:32: unknown value for 'calibration_mode' 'tensor_wise', did you "
           "mean 'layer_wise'?"},
          {"layers: {a: {observer_type: MinMaxObserver}}\n",
           "6:29: unknown value for 'observer_type' 'MinMaxObserver', did you "
           "mean 'MinmaxObserver'?"},
          {"layers: {a: {module_type: weight}}\n",
           "6:27: unknown value for 'module_type' 'weight', did you mean "
           "'conv_weight'?"},
          {"layers: {a: {percentile_alpha: 0.5}}\n",
           "6:32: expected 'percentile_alpha' to be a number from 0.9 to "
           "0.99999, got 0.5"},
          {"layers: {a: {percentile_alpha: nan}}\n",
           "6:32: expected 'percentile_alpha' to be a number from 0.9 to "
           "0.99999, got nan"},
          {"layers: {a: {percentile_sigma: 2}}\n",
           "6:32: expected 'percentile_sigma' to be a number from 0 to 1, got "
           "2"},
          {"layers: {a: {kl_bins: 100}}\n",
           "6:23: expected 'kl_bins' to be an integer from 512 to 8192, got "
           "100"},
          {"layers: {a: {kl_bins: 2048, kv_bins: 4096}}\n",
           "6:38: 'kl_bins' and 'kv_bins' are two names of one key, got 2048 "
           "and 4096"},
          {"layers: {a: {enable_profiler: true, enable_profiling: false}}\n",
           "6:55: 'enable_profiler' and 'enable_profiling' are two names of "
           "one key, got true and false"},
          {"layers: {}\nenable_profiling: false\nenable_profiler: true\n",
           "8:18: 'enable_profiler' and 'enable_profiling' are two names of "
           "one key, got false and true"},
          {"layers: {a: {enable_profiler: on}}\n",
           "6:31: expected 'enable_profiler' to be true or false, got on"},
          {"layers: {}\nenable_profiler: 3\n",
           "7:18: expected 'enable_profiler' to be true or false, got 3"},
          {"layers: {}\nrules:\n  - match: {layr: a}\n",
           "8:13: unknown key 'layr' in a match, did you mean 'layer'?"},
      });
}

} // namespace
