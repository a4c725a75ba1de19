// This file tests the roles of a file's own, and sub-graphs.
#include "ConfigTestUtils.h"

using namespace mlir::npir;

namespace {

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

TEST(UserRoles, NamePatternsOpsAndTensors) {
  QuantConfig config =
      load("version: 1\n"
           "rules:\n"
           "  - match: {role: [stem, logits]}\n"
           "    weight: {bits: 4}\n"
           "    activation: {bits: 5}\n"
           "  - match: {role: soft}\n"
           "    activation: {bits: 6}\n"
           "roles:\n"
           "  stem: [conv1, 'stem.*']\n"
           "  logits: {layer: /head/, op: npir.linear, tensor: "
           "activation}\n"
           "  soft: {op: softmax}\n");
  auto bits = [&](llvm::StringRef layer, llvm::StringRef op, QuantRole role) {
    return ConfigResolver(config).resolve({layer, op, role}).spec.bits;
  };
  EXPECT_EQ(bits("conv1", "conv2d", kWeight), 4u);
  EXPECT_EQ(bits("stem.a", "conv2d", kActivation), 5u);
  EXPECT_EQ(bits("stem", "conv2d", kActivation), 8u);
  EXPECT_EQ(bits("my.head", "linear", kActivation), 5u);
  EXPECT_EQ(bits("my.head", "linear", kWeight), 8u);
  EXPECT_EQ(bits("my.head", "conv2d", kActivation), 8u);
  EXPECT_EQ(bits("x", "softmax", kActivation), 6u);
}

/// Layers are added to those that have a built-in role.
TEST(UserRoles, ABuiltInRoleIsExtended) {
  QuantConfig config = load("version: 1\n"
                            "roles: {attn_qkv: '*.c_attn'}\n"
                            "rules:\n"
                            "  - match: {role: attn_qkv}\n"
                            "    weight: {bits: 4}\n");
  ConfigResolver resolver(config);
  auto bits = [&](LayerQuery query) {
    return resolver.resolve(query).spec.bits;
  };
  EXPECT_EQ(bits({"h.0.c_attn", "linear", kWeight}), 4u);
  EXPECT_EQ(bits({"h.0.attn.qkv", "linear", kWeight}), 4u);
  EXPECT_EQ(bits({"h.0.c_proj", "linear", kWeight}), 8u);
  // A weight's role.
  EXPECT_EQ(bits({"h.0.c_attn", "linear", kActivation}), 8u);
  // Of a known block, structure and the file count, words do not.
  llvm::StringRef names[] = {"attn_qkv"};
  EXPECT_EQ(bits({"x", "linear", kWeight, names, true}), 4u);
  EXPECT_EQ(bits({"h.0.c_attn", "linear", kWeight, {}, true}), 4u);
  EXPECT_EQ(bits({"h.0.attn.qkv", "linear", kWeight, {}, true}), 8u);
}

TEST(UserRoles, InABlocksFormat) {
  QuantConfig config =
      load("default: {observer_type: MinmaxObserver}\n"
           "roles: {stem: conv1, logits: {layer: head, tensor: "
           "activation}}\n"
           "layers: {stem: {bit_type: {bits: 4}}, logits: "
           "{bit_type: {bits: 5}}}\n");
  EXPECT_EQ(resolve(config, "conv1", "conv2d", kWeight),
            "i4 symmetric narrow per_channel");
  EXPECT_EQ(resolve(config, "head", "linear", kActivation),
            "i5 symmetric per_channel");
  EXPECT_EQ(print(config.messages), "");
}

TEST(UserRoles, NamesOfATensor) {
  QuantConfig config = load("version: 1\n"
                            "roles: {mine: {op: linear}, kv_act: other}\n");
  ConfigResolver resolver(config);
  using Names = std::vector<std::string>;
  EXPECT_EQ(resolver.getRoleNames({"blocks.0.mlp.fc2", "linear", kWeight}),
            (Names{"mlp_fc2", "mine"}));
  EXPECT_EQ(resolver.getRoleNames({"blocks.0.mlp.fc2", "linear", kActivation}),
            (Names{"mlp_act2", "mine"}));
  EXPECT_EQ(resolver.getRoleNames({"other", "softmax", kActivation}),
            (Names{"kv_act"}));
  EXPECT_EQ(resolver.getRoleNames({"conv1", "conv2d", kWeight}), Names());
}

TEST(UserRoles, Mistakes) {
  expectMistakes(
      "version: 1\n",
      {
          {"roles: [a]\n", "2:8: expected 'roles', a map of keys to values"},
          {"roles: {a: b, a: c}\n",
           "2:15: key 'a' is given twice, first on line 2"},
          {"roles: {weight: b}\n",
           "2:9: 'weight' means every weight, expected another name for a "
           "role"},
          {"roles: {a: {layr: b}}\n",
           "2:13: unknown key 'layr' in a role, did you mean 'layer'?"},
          {"roles: {a: {tensor: weight}}\n",
           "2:12: expected a role to have 'layer' or 'op'"},
          {"roles: {a: {layer: b, tensor: wieght}}\n",
           "2:31: unknown value for 'tensor' 'wieght', did you mean 'weight'?"},
          {"roles: {a: '/b(/'}\n",
           "2:12: invalid layer pattern '/b(/': parentheses not balanced"},
          {"roles: {kv_act: {layer: b, tensor: weight}}\n",
           "2:9: role 'kv_act' is one of activations"},
          {"roles: {logits: head}\n"
           "rules:\n  - match: {role: logit}\n    weight: none\n",
           "4:19: unknown value for 'role' 'logit', did you mean 'logits'?"},
          {"roles: {logits: {layer: head, tensor: weight}}\n"
           "rules:\n  - match: {role: logits}\n    activation: none\n",
           "5:5: the rule's match excludes 'activation'"},
      });
}

TEST(UserRoles, ThatMatchNothing) {
  QuantConfig config = load("version: 1\n"
                            "roles: {a: heed, b: {op: conv2}}\n"
                            "rules:\n"
                            "  - match: {role: a}\n    weight: none\n"
                            "  - match: {role: b}\n    weight: none\n");
  ConfigResolver resolver(config);
  resolver.resolve({"head", "conv2d", kWeight});
  EXPECT_EQ(print(resolver.unmatchedRules()),
            "error: c.yaml:4:5: rule matched nothing: no layer matches 'heed', "
            "did you mean 'head'?\n"
            "error: c.yaml:6:5: rule matched nothing: no layer has op type "
            "'conv2', did you mean 'conv2d'?\n");
}

//===----------------------------------------------------------------------===//
// Sub-graphs
//===----------------------------------------------------------------------===//

TEST(Between, IsOneMoreCondition) {
  QuantConfig config =
      load("version: 1\n"
           "rules:\n"
           "  - match: {between: {from: a, to: [c, d]}, op: conv2d}\n"
           "    weight: {bits: 4}\n"
           "skip:\n"
           "  - head\n"
           "  - between: {from: /x/, to: y}\n");
  ASSERT_EQ(config.rules.size(), 3u);
  const Subgraph &first = *config.rules[0].between;
  EXPECT_EQ(first.from.front().getText(), "a");
  EXPECT_EQ(first.to.back().getText(), "d");
  const Subgraph *inFirst[] = {&first};
  const Subgraph *inSecond[] = {&*config.rules[2].between};
  ConfigResolver resolver(config);
  auto spec = [&](llvm::StringRef op, llvm::ArrayRef<const Subgraph *> in) {
    LayerQuery query = {"b", op, kWeight};
    query.subgraphs = in;
    return print(resolver.resolve(query).spec);
  };
  EXPECT_EQ(spec("conv2d", inFirst), "i4 symmetric narrow per_channel");
  EXPECT_EQ(spec("conv2d", {}), "i8 symmetric narrow per_channel");
  EXPECT_EQ(spec("linear", inFirst), "i8 symmetric narrow per_channel");
  EXPECT_EQ(spec("linear", inSecond), "none");
}

TEST(Between, Mistakes) {
  expectMistakes(
      "version: 1\nrules:\n  - weight: none\n    match: {between: ",
      {
          {"a}\n", "4:22: expected 'between', a map of keys to values"},
          {"{from: a}}\n", "4:22: expected 'between' to have 'from' and 'to'"},
          {"{from: a, two: b}}\n",
           "4:32: unknown key 'two' in 'between', did you mean 'to'?"},
          {"{from: [], to: b}}\n",
           "4:29: expected at least one value for 'from'"},
      });
}

TEST(Between, ThatMatchesNothing) {
  auto unmatched = [](const std::string &between) {
    QuantConfig config =
        load("version: 1\nrules:\n  - match: {between: " + between +
             "}\n    weight: none\n");
    ConfigResolver resolver(config);
    resolver.resolve({"conv1", "conv2d", kWeight});
    resolver.resolve({"head", "linear", kWeight});
    return print(resolver.unmatchedRules());
  };
  EXPECT_EQ(unmatched("{from: conv, to: head}"),
            "error: c.yaml:3:5: rule matched nothing: no layer matches 'conv', "
            "did you mean 'conv1'?\n");
  EXPECT_EQ(
      unmatched("{from: conv1, to: heads}"),
      "error: c.yaml:3:5: rule matched nothing: no layer matches 'heads', "
      "did you mean 'head'?\n");
  EXPECT_EQ(unmatched("{from: head, to: conv1}"),
            "error: c.yaml:3:5: rule matched nothing: no path leads from "
            "'head' to 'conv1'\n");
}

} // namespace
