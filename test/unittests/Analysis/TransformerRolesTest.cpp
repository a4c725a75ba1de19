// This file tests the finding of transformer blocks by structure. Layers have
// names that tell nothing.
#include "npir/Analysis/TransformerRoles.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::npir;

namespace {

class TransformerRolesTest : public ::testing::Test {
protected:
  TransformerRolesTest() {
    context.loadDialect<NPIRDialect, func::FuncDialect>();
  }

  /// What the roles of @f with body `text` are: `layer: names`, of weights
  /// `layer weight: names`, a line each in program order. The constants %w
  /// [4, 4], %u [12, 4], %s (scalar), %m (mask) and %g, %o [4] are there.
  std::string find(StringRef text, StringRef results = "tensor<?x5x4xf32>",
                   StringRef input = "%x") {
    std::string module =
        ("func.func @f(" + input +
         R"(: tensor<?x5x4xf32> loc("x"), %y: tensor<?x5x4xf32> loc("y")) -> )" +
         results + R"( {
      %w = npir.constant dense<1.0> : tensor<4x4xf32>
      %u = npir.constant dense<1.0> : tensor<12x4xf32>
      %d = npir.constant dense<1.0> : tensor<4x12xf32>
      %s = npir.constant dense<2.0> : tensor<1xf32>
      %m = npir.constant dense<1.0> : tensor<5x5xf32>
      %g = npir.constant dense<1.0> : tensor<4xf32>
      %o = npir.constant dense<0.0> : tensor<4xf32>
)" + text +
         "}")
            .str();
    op = parseSourceString<ModuleOp>(module, &context);
    if (!op)
      return "does not parse";
    auto func = *op->getOps<func::FuncOp>().begin();
    TransformerRoles roles(func);
    std::string found;
    auto print = [&](StringRef layer, ArrayRef<StringRef> names) {
      if (!names.empty())
        found += (layer + ": " + llvm::join(names, ", ") + "\n").str();
    };
    func.walk([&](Operation *layer) {
      std::string name = getLayerName(layer).str();
      print(name + " weight", roles.getWeightRoles(layer));
      if (isa<ObserveOp>(layer)) {
        EXPECT_EQ(roles.getRoles(layer->getResult(0)),
                  roles.getRoles(layer->getOperand(0)));
      } else if (layer->getNumResults() == 1) {
        print(name, roles.getRoles(layer->getResult(0)));
        if (roles.isInBlock(layer->getResult(0)))
          inBlock.push_back(name);
      }
    });
    return found;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> op;
  /// Layers whose tensors lie in blocks.
  SmallVector<std::string> inBlock;
};

/// Attention on %n, whose result is %proj. Two heads, as timm exports them: one
/// layer for Q, K and V, cut into three; %q is scaled.
const char *const kFusedAttention = R"(
  %1 = npir.linear %n, %u : (tensor<?x5x4xf32>, tensor<12x4xf32>) -> tensor<?x5x12xf32> loc("l1")
  %2 = npir.reshape %1 : tensor<?x5x12xf32> -> tensor<?x5x3x2x2xf32> loc("l2")
  %3 = npir.transpose %2 {perm = array<i64: 0, 2, 3, 1, 4>} : tensor<?x5x3x2x2xf32> -> tensor<?x3x2x5x2xf32> loc("l3")
  %4 = npir.slice %3 {offsets = array<i64: 0, 0, 0, 0, 0>, sizes = array<i64: -1, 1, -1, -1, -1>} : tensor<?x3x2x5x2xf32> -> tensor<?x1x2x5x2xf32> loc("l4")
  %5 = npir.reshape %4 : tensor<?x1x2x5x2xf32> -> tensor<?x2x5x2xf32> loc("l5")
  %6 = npir.slice %3 {offsets = array<i64: 0, 1, 0, 0, 0>, sizes = array<i64: -1, 1, -1, -1, -1>} : tensor<?x3x2x5x2xf32> -> tensor<?x1x2x5x2xf32> loc("l6")
  %7 = npir.reshape %6 : tensor<?x1x2x5x2xf32> -> tensor<?x2x5x2xf32> loc("l7")
  %8 = npir.slice %3 {offsets = array<i64: 0, 2, 0, 0, 0>, sizes = array<i64: -1, 1, -1, -1, -1>} : tensor<?x3x2x5x2xf32> -> tensor<?x1x2x5x2xf32> loc("l8")
  %9 = npir.reshape %8 : tensor<?x1x2x5x2xf32> -> tensor<?x2x5x2xf32> loc("l9")
  %10 = npir.mul %5, %s : (tensor<?x2x5x2xf32>, tensor<1xf32>) -> tensor<?x2x5x2xf32> loc("l10")
  %11 = npir.transpose %7 {perm = array<i64: 0, 1, 3, 2>} : tensor<?x2x5x2xf32> -> tensor<?x2x2x5xf32> loc("l11")
  %12 = npir.matmul %10, %11 : (tensor<?x2x5x2xf32>, tensor<?x2x2x5xf32>) -> tensor<?x2x5x5xf32> loc("l12")
  %13 = npir.softmax %12 : tensor<?x2x5x5xf32> -> tensor<?x2x5x5xf32> loc("l13")
  %14 = npir.matmul %13, %9 : (tensor<?x2x5x5xf32>, tensor<?x2x5x2xf32>) -> tensor<?x2x5x2xf32> loc("l14")
  %15 = npir.transpose %14 {perm = array<i64: 0, 2, 1, 3>} : tensor<?x2x5x2xf32> -> tensor<?x5x2x2xf32> loc("l15")
  %16 = npir.reshape %15 : tensor<?x5x2x2xf32> -> tensor<?x5x4xf32> loc("l16")
  %proj = npir.linear %16, %w : (tensor<?x5x4xf32>, tensor<4x4xf32>) -> tensor<?x5x4xf32> loc("l17")
)";

/// What it should give.
const char *const kFusedRoles = "l1 weight: attn_qkv\n"
                                "l1: attn_qkv_output\n"
                                "l12: kv_act\n"
                                "l13: intSoft\n"
                                "l14: sv_attn\n"
                                "l17 weight: attn_proj\n";

std::string norm(StringRef result, StringRef input, StringRef name) {
  return (result + " = npir.layer_norm " + input +
          ", %g, %o {epsilon = 1.0e-5 : f32} : (tensor<?x5x4xf32>, "
          "tensor<4xf32>, tensor<4xf32>) -> tensor<?x5x4xf32> loc(\"" +
          name + "\")\n")
      .str();
}

std::string add(StringRef result, StringRef lhs, StringRef rhs,
                StringRef name) {
  return (result + " = npir.add " + lhs + ", " + rhs +
          " : (tensor<?x5x4xf32>, tensor<?x5x4xf32>) -> tensor<?x5x4xf32> "
          "loc(\"" +
          name + "\")\n")
      .str();
}

/// fc1, GELU and fc2 on `input`; the result is %fc2.
std::string mlp(StringRef input) {
  return ("%h = npir.linear " + input +
          R"(, %u : (tensor<?x5x4xf32>, tensor<12x4xf32>) -> tensor<?x5x12xf32> loc("f1")
  %a = npir.gelu %h : tensor<?x5x12xf32> -> tensor<?x5x12xf32> loc("f2")
  %fc2 = npir.linear %a, %d : (tensor<?x5x12xf32>, tensor<4x12xf32>) -> tensor<?x5x4xf32> loc("f3")
)")
      .str();
}

const char *const kMLPRoles = "f1 weight: mlp_fc1\n"
                              "f2: mlp_act\n"
                              "f3 weight: mlp_fc2\n"
                              "f3: mlp_act2\n";

const char *const kReturn = "return %r2 : tensor<?x5x4xf32>";

TEST_F(TransformerRolesTest, PreNorm) {
  EXPECT_EQ(find(norm("%n", "%x", "n1") + kFusedAttention +
                 add("%r1", "%x", "%proj", "r1") + norm("%n2", "%r1", "n2") +
                 mlp("%n2") + add("%r2", "%r1", "%fc2", "r2") + kReturn),
            "n1: norm1\n" + std::string(kFusedRoles) +
                "r1: residual1\n"
                "n2: norm2\n" +
                kMLPRoles + "r2: residual2\n");
  // The tensors between, too, are known to be in a block.
  for (const char *name : {"l2", "l6", "l10", "l15", "l16"})
    EXPECT_TRUE(llvm::is_contained(inBlock, name)) << name;
}

TEST_F(TransformerRolesTest, PostNorm) {
  // The normalization that feeds the MLP is norm2, that which feeds the next
  // attention norm1.
  EXPECT_EQ(
      find("%n = npir.tanh %x : tensor<?x5x4xf32> -> tensor<?x5x4xf32>\n" +
           std::string(kFusedAttention) + add("%r1", "%proj", "%n", "r1") +
           norm("%n2", "%r1", "n2") + mlp("%n2") +
           add("%r2", "%fc2", "%n2", "r2") + norm("%n3", "%r2", "n3") +
           "return %n3 : tensor<?x5x4xf32>"),
      std::string(kFusedRoles) +
          "r1: residual1\n"
          "n2: norm2\n" +
          kMLPRoles + "r2: residual2\n");
}

TEST_F(TransformerRolesTest, ScaledResiduals) {
  // Both branches are multiplied by a constant per channel before the sum.
  auto scale = [](StringRef result, StringRef input) {
    return (result + " = npir.mul " + input +
            ", %g : (tensor<?x5x4xf32>, tensor<4xf32>) -> tensor<?x5x4xf32> "
            "loc(\"scale\")\n")
        .str();
  };
  EXPECT_EQ(find(norm("%n", "%x", "n1") + kFusedAttention +
                 scale("%p", "%proj") + add("%r1", "%x", "%p", "r1") +
                 norm("%n2", "%r1", "n2") + mlp("%n2") + scale("%f", "%fc2") +
                 add("%r2", "%r1", "%f", "r2") + kReturn),
            "n1: norm1\n" + std::string(kFusedRoles) +
                "r1: residual1\n"
                "n2: norm2\n" +
                kMLPRoles + "r2: residual2\n");
}

TEST_F(TransformerRolesTest, SeparateLayersWithMask) {
  // Three layers; the logits are divided, a bias of constants and a mask from
  // outside are added; everything is observed.
  EXPECT_EQ(find(norm("%n", "%x", "n1") + R"(
  %on = npir.observe %n {id = "n1:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x5x4xf32>
  %q = npir.linear %on, %w : (tensor<?x5x4xf32>, tensor<4x4xf32>) -> tensor<?x5x4xf32> loc("q")
  %oq = npir.observe %q {id = "q:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x5x4xf32>
  %k = npir.linear %on, %w : (tensor<?x5x4xf32>, tensor<4x4xf32>) -> tensor<?x5x4xf32> loc("k")
  %v = npir.linear %on, %w : (tensor<?x5x4xf32>, tensor<4x4xf32>) -> tensor<?x5x4xf32> loc("v")
  %1 = npir.matmul %oq, %k {transpose_rhs} : (tensor<?x5x4xf32>, tensor<?x5x4xf32>) -> tensor<?x5x5xf32> loc("l1")
  %o1 = npir.observe %1 {id = "l1:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x5x5xf32>
  %2 = npir.div %o1, %s : (tensor<?x5x5xf32>, tensor<1xf32>) -> tensor<?x5x5xf32> loc("l2")
  %3 = npir.add %2, %m : (tensor<?x5x5xf32>, tensor<5x5xf32>) -> tensor<?x5x5xf32> loc("l3")
  %4 = npir.slice %y {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, -1, 1>} : tensor<?x5x4xf32> -> tensor<?x5x1xf32> loc("mask")
  %5 = npir.add %4, %3 : (tensor<?x5x1xf32>, tensor<?x5x5xf32>) -> tensor<?x5x5xf32> loc("l5")
  %o5 = npir.observe %5 {id = "l5:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x5x5xf32>
  %6 = npir.softmax %o5 : tensor<?x5x5xf32> -> tensor<?x5x5xf32> loc("l6")
  %o6 = npir.observe %6 {id = "l6:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x5x5xf32>
  %7 = npir.matmul %o6, %v : (tensor<?x5x5xf32>, tensor<?x5x4xf32>) -> tensor<?x5x4xf32> loc("l7")
  %8 = npir.linear %7, %w : (tensor<?x5x4xf32>, tensor<4x4xf32>) -> tensor<?x5x4xf32> loc("l8")
)" + add("%r1", "%8", "%x", "r1") +
                 "return %r1 : tensor<?x5x4xf32>"),
            "n1: norm1\n"
            "q weight: attn_qkv\n"
            "q: attn_qkv_output\n"
            "k weight: attn_qkv\n"
            "k: attn_qkv_output\n"
            "v weight: attn_qkv\n"
            "v: attn_qkv_output\n"
            "l5: kv_act\n"
            "l6: intSoft\n"
            "l7: sv_attn\n"
            "l8 weight: attn_proj\n"
            "r1: residual1\n");
  EXPECT_FALSE(llvm::is_contained(inBlock, "mask"));
}

TEST_F(TransformerRolesTest, CrossAttentionWithNormalizedQueries) {
  // Keys and values come from elsewhere; queries and keys are normalized.
  EXPECT_EQ(find(R"(
  %q = npir.linear %x, %w : (tensor<?x5x4xf32>, tensor<4x4xf32>) -> tensor<?x5x4xf32> loc("q")
)" + norm("%nq", "%q", "nq") +
                     R"(
  %kv = npir.linear %y, %u : (tensor<?x5x4xf32>, tensor<12x4xf32>) -> tensor<?x5x12xf32> loc("kv")
  %k = npir.slice %kv {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, -1, 4>} : tensor<?x5x12xf32> -> tensor<?x5x4xf32> loc("k")
  %v = npir.slice %kv {offsets = array<i64: 0, 0, 4>, sizes = array<i64: -1, -1, 8>} : tensor<?x5x12xf32> -> tensor<?x5x8xf32> loc("v")
)" + norm("%nk", "%k", "nk") +
                     R"(
  %1 = npir.matmul %nq, %nk {transpose_rhs} : (tensor<?x5x4xf32>, tensor<?x5x4xf32>) -> tensor<?x5x5xf32> loc("l1")
  %2 = npir.softmax %1 : tensor<?x5x5xf32> -> tensor<?x5x5xf32> loc("l2")
  %3 = npir.matmul %2, %v : (tensor<?x5x5xf32>, tensor<?x5x8xf32>) -> tensor<?x5x8xf32> loc("l3")
  return %3 : tensor<?x5x8xf32>
)",
                 "tensor<?x5x8xf32>"),
            "q weight: attn_qkv\n"
            "q: attn_qkv_output\n"
            "kv weight: attn_qkv\n"
            "kv: attn_qkv_output\n"
            "l1: kv_act\n"
            "l2: intSoft\n"
            "l3: sv_attn\n");
}

TEST_F(TransformerRolesTest, ActivationFunctions) {
  auto block = [&](const std::string &function) {
    return find(
        norm("%n", "%x", "n") + function +
        R"(%fc2 = npir.linear %a, %d : (tensor<?x5x12xf32>, tensor<4x12xf32>) -> tensor<?x5x4xf32> loc("f3")
)" + add("%r2", "%x", "%fc2", "r2") +
        kReturn);
  };
  const std::string behind = "f3 weight: mlp_fc2\n"
                             "f3: mlp_act2\n"
                             "r2: residual2\n";
  const std::string first =
      R"(%h = npir.linear %n, %u : (tensor<?x5x4xf32>, tensor<12x4xf32>) -> tensor<?x5x12xf32> loc("f1")
)";
  // Part of the layer.
  EXPECT_EQ(
      block(
          R"(%a = npir.linear %n, %u {clamp_min = 0.0 : f32} : (tensor<?x5x4xf32>, tensor<12x4xf32>) -> tensor<?x5x12xf32> loc("f1")
)"),
      "n: norm2\n"
      "f1 weight: mlp_fc1\n"
      "f1: mlp_act\n" +
          behind);
  // GELU as it is written out: h * (erf(h / c) + c) * c.
  inBlock.clear();
  EXPECT_EQ(
      block(
          first +
          R"(%1 = npir.div %h, %s : (tensor<?x5x12xf32>, tensor<1xf32>) -> tensor<?x5x12xf32> loc("g1")
  %2 = npir.erf %1 : tensor<?x5x12xf32> -> tensor<?x5x12xf32> loc("g2")
  %3 = npir.add %2, %s : (tensor<?x5x12xf32>, tensor<1xf32>) -> tensor<?x5x12xf32> loc("g3")
  %4 = npir.mul %h, %3 : (tensor<?x5x12xf32>, tensor<?x5x12xf32>) -> tensor<?x5x12xf32> loc("g4")
  %a = npir.mul %4, %s : (tensor<?x5x12xf32>, tensor<1xf32>) -> tensor<?x5x12xf32> loc("g5")
)"),
      "n: norm2\n"
      "f1 weight: mlp_fc1\n"
      "g5: mlp_act\n" +
          behind);
  EXPECT_TRUE(llvm::is_contained(inBlock, "g2"));
  // A gate: two first layers.
  EXPECT_EQ(
      block(
          first +
          R"(%g1 = npir.linear %n, %u : (tensor<?x5x4xf32>, tensor<12x4xf32>) -> tensor<?x5x12xf32> loc("f2")
  %g2 = npir.sigmoid %g1 : tensor<?x5x12xf32> -> tensor<?x5x12xf32> loc("g2")
  %a = npir.mul %h, %g2 : (tensor<?x5x12xf32>, tensor<?x5x12xf32>) -> tensor<?x5x12xf32> loc("g3")
)"),
      "n: norm2\n"
      "f1 weight: mlp_fc1\n"
      "f2 weight: mlp_fc1\n"
      "g3: mlp_act\n" +
          behind);
  // No function: not an MLP.
  EXPECT_EQ(
      block(
          R"(%a = npir.linear %n, %u : (tensor<?x5x4xf32>, tensor<12x4xf32>) -> tensor<?x5x12xf32> loc("f1")
)"),
      "");
  // A bias is no function; what stands behind it is the layer's output.
  const std::string bias =
      R"(%b = npir.add %h, %s : (tensor<?x5x12xf32>, tensor<1xf32>) -> tensor<?x5x12xf32> loc("b1")
)";
  EXPECT_EQ(
      block(
          first + bias +
          R"(%a = npir.mul %b, %s : (tensor<?x5x12xf32>, tensor<1xf32>) -> tensor<?x5x12xf32> loc("b2")
)"),
      "");
  EXPECT_EQ(
      find(
          first + bias +
              R"(%a = npir.gelu %b : tensor<?x5x12xf32> -> tensor<?x5x12xf32> loc("f2")
  %l = npir.linear %a, %d : (tensor<?x5x12xf32>, tensor<4x12xf32>) -> tensor<?x5x4xf32> loc("f3")
  %ol = npir.observe %l {id = "f3:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x5x4xf32>
  %fc2 = npir.add %g, %ol : (tensor<4xf32>, tensor<?x5x4xf32>) -> tensor<?x5x4xf32> loc("b3")
)" + add("%r2", "%n", "%fc2", "r2") +
              kReturn,
          "tensor<?x5x4xf32>", "%n"),
      "f1 weight: mlp_fc1\n"
      "f2: mlp_act\n"
      "f3 weight: mlp_fc2\n"
      "b3: mlp_act2\n"
      "r2: residual2\n");
  // A function of something else, too: not an MLP.
  EXPECT_EQ(
      block(
          first +
          R"(%1 = npir.slice %y {offsets = array<i64: 0, 0, 0>, sizes = array<i64: -1, -1, 1>} : tensor<?x5x4xf32> -> tensor<?x5x1xf32> loc("s")
  %a = npir.mul %h, %1 : (tensor<?x5x12xf32>, tensor<?x5x1xf32>) -> tensor<?x5x12xf32> loc("g1")
)"),
      "");
}

TEST_F(TransformerRolesTest, OtherNetworks) {
  // A sum of what is not the MLP's input, a residual block of convolutions, a
  // classifier's softmax.
  EXPECT_EQ(find(mlp("%x") + add("%r2", "%y", "%fc2", "r2") + kReturn), "");
  EXPECT_EQ(
      find(
          R"(%1 = npir.linear %x, %w : (tensor<?x5x4xf32>, tensor<4x4xf32>) -> tensor<?x5x4xf32> loc("fc")
  %2 = npir.softmax %1 : tensor<?x5x4xf32> -> tensor<?x5x4xf32> loc("softmax")
  return %2 : tensor<?x5x4xf32>
)"),
      "");
  EXPECT_EQ(find(
                R"(%f = npir.constant dense<1.0> : tensor<5x1x1x5xf32>
  %0 = npir.reshape %x : tensor<?x5x4xf32> -> tensor<?x2x2x5xf32> loc("image")
  %1 = npir.conv2d %0, %f {clamp_min = 0.0 : f32} : (tensor<?x2x2x5xf32>, tensor<5x1x1x5xf32>) -> tensor<?x2x2x5xf32> loc("conv1")
  %2 = npir.conv2d %1, %f : (tensor<?x2x2x5xf32>, tensor<5x1x1x5xf32>) -> tensor<?x2x2x5xf32> loc("conv2")
  %3 = npir.add %2, %0 : (tensor<?x2x2x5xf32>, tensor<?x2x2x5xf32>) -> tensor<?x2x2x5xf32> loc("add")
  return %3 : tensor<?x2x2x5xf32>
)",
                "tensor<?x2x2x5xf32>"),
            "");
}

} // namespace
