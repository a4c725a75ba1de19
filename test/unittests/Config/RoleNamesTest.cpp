// This file tests how rules match tensors by the names of their roles.
#include "npir/Config/RoleNames.h"
#include "ConfigTestUtils.h"

using namespace mlir::npir;
using llvm::StringRef;

namespace {

const char *const kBlock = "default: {observer_type: MinmaxObserver}\n";

/// The spec of a tensor in a known block, whose layer is called `layer`.
std::string resolveInBlock(const QuantConfig &config, StringRef layer,
                           QuantRole role,
                           llvm::ArrayRef<StringRef> roleNames) {
  return print(ConfigResolver(config)
                   .resolve({layer, "linear", role, roleNames,
                             /*areRolesKnown=*/true})
                   .spec);
}

TEST(RoleNames, StructureDecidesWhateverTheLayersAreCalled) {
  QuantConfig config =
      load(kBlock + std::string("layers:\n"
                                "  attn_qkv: {bit_type: {bits: 4}}\n"
                                "  mlp_fc1: {bit_type: {bits: 5}}\n"
                                "attn_layer:\n"
                                "  attn_qkv_output: {bit_type: {bits: 6}}\n"
                                "  kv_act: {bit_type: {bits: 7}}\n"));
  StringRef qkv[] = {kAttnQKV}, output[] = {kAttnQKVOutput},
            logits[] = {kKVAct};
  EXPECT_EQ(resolveInBlock(config, "MatMul_17", kWeight, qkv),
            "i4 symmetric narrow per_channel");
  EXPECT_EQ(resolveInBlock(config, "MatMul_17", kActivation, output),
            "i6 symmetric per_channel");
  EXPECT_EQ(resolveInBlock(config, "Add_3", kActivation, logits),
            "i7 symmetric per_channel");
  // In a known block a layer's name tells no role.
  EXPECT_EQ(resolveInBlock(config, "mlp.fc1", kWeight, qkv),
            "i4 symmetric narrow per_channel");
  EXPECT_EQ(resolveInBlock(config, "attn.qkv.reshape", kActivation, {}),
            "i8 symmetric per_channel");
  // Elsewhere it does.
  EXPECT_EQ(resolve(config, "mlp.fc1", "linear", kWeight),
            "i5 symmetric narrow per_channel");
}

TEST(RoleNames, LongerNamesWin) {
  // `mlp` is no role, but a part of names, and matches in a block, too.
  QuantConfig config =
      load(kBlock + std::string("attn_layer:\n"
                                "  mlp_act: {bit_type: {bits: 7}}\n"
                                "  mlp: {bit_type: {bits: 4, signed: false}}\n"
                                "  blocks_3_mlp: {bit_type: {bits: 5}}\n"));
  StringRef act[] = {kMLPAct};
  EXPECT_EQ(resolveInBlock(config, "blocks.0.mlp.gelu", kActivation, act),
            "u7 symmetric per_channel");
  EXPECT_EQ(resolveInBlock(config, "blocks.3.mlp.gelu", kActivation, act),
            "u5 symmetric per_channel");
  EXPECT_EQ(resolveInBlock(config, "blocks.0.mlp.mul", kActivation, {}),
            "u4 symmetric per_channel");
}

TEST(RoleNames, SeveralRolesOfOneTensor) {
  // A tensor that feeds attention and MLP.
  QuantConfig config =
      load(kBlock + std::string("layers:\n"
                                "  norm1: {bit_type: {bits: 4}}\n"
                                "  norm2: {quantization_method: Affine}\n"));
  StringRef both[] = {kNorm2, kNorm1};
  EXPECT_EQ(resolveInBlock(config, "ln", kActivation, both),
            "i4 affine per_channel");
}

TEST(RoleNames, NativeRules) {
  QuantConfig config =
      load("version: 1\n"
           "rules:\n"
           "  - match: {role: attn_qkv_output}\n"
           "    activation: {bits: 4}\n"
           "  - match: {role: [intSoft, kv_act], layer: 'blocks.1.*'}\n"
           "    activation: {bits: 5}\n"
           "  - match: {role: [mlp_fc2, mlp_act2]}\n"
           "    weight: {bits: 6}\n"
           "    activation: {bits: 7}\n");
  EXPECT_EQ(config.rules[0].role, QuantRole::Activation);
  EXPECT_EQ(config.rules[2].role, std::nullopt);
  StringRef output[] = {kAttnQKVOutput}, soft[] = {kIntSoft}, fc2[] = {kMLPFc2},
            act2[] = {kMLPAct2};
  EXPECT_EQ(resolveInBlock(config, "x", kActivation, output),
            "i4 affine per_tensor");
  EXPECT_EQ(resolveInBlock(config, "blocks.0.softmax", kActivation, soft),
            "i8 affine per_tensor");
  EXPECT_EQ(resolveInBlock(config, "blocks.1.softmax", kActivation, soft),
            "i5 affine per_tensor");
  EXPECT_EQ(resolveInBlock(config, "y", kWeight, fc2),
            "i6 symmetric narrow per_channel");
  EXPECT_EQ(resolveInBlock(config, "y", kActivation, act2),
            "i7 affine per_tensor");
  // By name, where structure knows nothing.
  EXPECT_EQ(resolve(config, "attn.qkv", "linear", kActivation),
            "i4 affine per_tensor");
}

TEST(RoleNames, UselessRulesSaySo) {
  QuantConfig config = load("version: 1\n"
                            "rules:\n"
                            "  - match: {role: mlp_act2}\n"
                            "    activation: none\n"
                            "  - match: {role: kv_act, layer: a}\n"
                            "    activation: none\n"
                            "  - match: {role: kv_act, layer: a, op: add}\n"
                            "    activation: none\n");
  ConfigResolver resolver(config);
  StringRef logits[] = {kKVAct};
  resolver.resolve({"a", "linear", kActivation});
  resolver.resolve({"b", "add", kActivation, logits, true});
  EXPECT_EQ(
      print(resolver.unmatchedRules()),
      "error: c.yaml:3:5: rule matched nothing: no transformer block has "
      "'mlp_act2', and no layer matches 'mlp_act2' or 'mlp_fc2'\n"
      "error: c.yaml:5:5: rule matched nothing: no layer matches both its "
      "'layer' and its 'role'\n"
      "error: c.yaml:7:5: rule matched nothing: no layer matches all of its "
      "'layer', 'op', 'role'\n");
}

TEST(RoleNames, Mistakes) {
  expectMistakes(
      "version: 1\nrules:\n  - match: ",
      {
          {"{role: kv_akt}\n    activation: none\n",
           "3:19: unknown value for 'role' 'kv_akt', did you mean 'kv_act'?"},
          {"{role: [kv_act, weight]}\n    activation: none\n",
           "3:28: unknown value for 'role' 'weight', expected one of attn_qkv, "
           "attn_proj, mlp_fc1, mlp_fc2, norm1, norm2, attn_qkv_output, "
           "kv_act, intSoft, sv_attn, mlp_act, mlp_act2, residual1, residual2"},
          {"{role: attn_qkv}\n    activation: none\n",
           "4:5: the rule's match excludes 'activation'"},
      });
}

TEST(RoleNames, ARuleThatNamesATensorRequestsIt) {
  QuantConfig config = load(kBlock + std::string("attn_layer: {kv_act: {}}\n"
                                                 "rules:\n"
                                                 "  - match: {layer: fc}\n"
                                                 "    weight: {bits: 4}\n"
                                                 "skip: [head]\n"));
  ConfigResolver resolver(config);
  StringRef logits[] = {kKVAct};
  EXPECT_TRUE(
      resolver.resolve({"x", "add", kActivation, logits, true}).isRequested);
  EXPECT_TRUE(resolver.resolve({"fc", "linear", kWeight}).isRequested);
  // The rule says nothing of activations.
  EXPECT_FALSE(resolver.resolve({"fc", "linear", kActivation}).isRequested);
  EXPECT_FALSE(resolver.resolve({"x", "add", kActivation}).isRequested);
  // What stays in float is not asked for.
  EXPECT_FALSE(resolver.resolve({"head", "linear", kActivation}).isRequested);
}

} // namespace
