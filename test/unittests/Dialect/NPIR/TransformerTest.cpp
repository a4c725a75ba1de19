// This file tests the road of a transformer block: what computes in integers,
// and what a configuration that names tensors changes.
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Interpreter/Interpreter.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/FileSystem.h"

#include "gtest/gtest.h"

#include <fstream>
#include <random>
#include <set>

using namespace mlir;
using namespace mlir::npir;

namespace {

/// The results of one run, by the layer that made them.
using Tensors = llvm::StringMap<std::vector<float>>;

class TransformerTest : public ::testing::Test {
protected:
  TransformerTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
        }) {
    context.loadDialect<NPIRDialect, func::FuncDialect>();
    module = parseSourceFile<ModuleOp>(NPIR_VIT_BLOCK, &context);
    // All weights are equal in the file; the block is to compute something.
    std::mt19937 random(3);
    std::uniform_real_distribution<float> distribution(-1, 1);
    getMain().walk([&](ConstantOp op) {
      auto type = cast<RankedTensorType>(op.getType());
      if (type.getRank() != 2)
        return;
      SmallVector<float> values(type.getNumElements());
      for (float &value : values)
        value = distribution(random);
      op.setValueAttr(DenseElementsAttr::get(type, ArrayRef<float>(values)));
    });
  }

  func::FuncOp getMain() { return module->lookupSymbol<func::FuncOp>("main"); }

  void apply(std::unique_ptr<Pass> pass) {
    PassManager pm(&context, ModuleOp::getOperationName());
    pm.addPass(std::move(pass));
    pm.addPass(createVerifyContractPass());
    ASSERT_TRUE(succeeded(pm.run(*module))) << messages;
  }

  Tensors run(Interpreter::Tap tap = nullptr) {
    Tensor x(RankedTensorType::get({8, 5, 4}, Float32Type::get(&context)));
    std::mt19937 random(7);
    std::normal_distribution<float> distribution;
    for (int64_t i = 0; i < x.getNumElements(); ++i)
      x.asMutable<float>()[i] = distribution(random);
    Tensors results;
    auto interpreter = Interpreter::create(getMain());
    if (failed(interpreter))
      return results;
    auto record = [&](Value value, const Tensor &tensor) {
      if (tap)
        tap(value, tensor);
      Type element = cast<RankedTensorType>(value.getType()).getElementType();
      if (element.isF32())
        results[getLayerName(value.getLoc())].assign(
            tensor.as<float>(), tensor.as<float>() + tensor.getNumElements());
    };
    EXPECT_TRUE(succeeded((*interpreter)->run({x}, record))) << messages;
    return results;
  }

  /// The road to integers, under the configuration `config`.
  void quantize(StringRef config) {
    llvm::SmallString<64> path;
    ASSERT_FALSE(llvm::sys::fs::createTemporaryFile("config", "yaml", path));
    std::ofstream(path.c_str()) << config.str();
    apply(createInsertObserversPass({path.str().str()}));
    llvm::sys::fs::remove(path);
    StatisticsFile file;
    file.modelHash = "00112233445566778899aabbccddeeff";
    run([&](Value value, const Tensor &tensor) {
      if (auto observe = value.getDefiningOp<ObserveOp>())
        file.tensors[observe.getId().str()].update(
            ArrayRef(tensor.as<float>(), tensor.getNumElements()));
    });
    llvm::cantFail(file.addSamples({0, 400}));
    ASSERT_TRUE(succeeded(attachCalibration(*module, &file, "statistics")))
        << messages;
    apply(createInsertQDQPass());
    apply(createCanonicalizeQDQPass());
    apply(createPartitionPass({{"xnnpack"}}));
    apply(createFoldQDQPass());
  }

  /// The layers that are in float, in program order.
  std::string getFloatLayers() {
    std::string names;
    getMain().walk([&](QuantizableOpInterface op) {
      if (!isa<QuantizeOp>(op) &&
          !isQuantizedTensor(op->getResult(0).getType()))
        names += (getLayerName(op) + " ").str();
    });
    return names;
  }

  /// Signal over noise of one layer's result, dequantized in `actual`, in dB.
  static double getSQNR(const Tensors &expected, const Tensors &actual,
                        StringRef layer) {
    double signal = 0, noise = 1e-30;
    const std::vector<float> &a = expected.find(layer)->second;
    const std::vector<float> &b =
        actual.find((layer + ".dequantize").str())->second;
    EXPECT_EQ(a.size(), b.size()) << layer.str();
    for (auto [x, y] : llvm::zip_equal(a, b)) {
      signal += double(x) * x;
      noise += (double(x) - y) * (double(x) - y);
    }
    return 10 * std::log10(signal / noise);
  }

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
};

TEST_F(TransformerTest, OnlyProductsOfActivationsStayInFloat) {
  Tensors real = run();
  quantize("version: 1\n");
  EXPECT_EQ(getFloatLayers(), "op11 op12 op13 op14 ");
  Tensors integer = run();
  // Nothing is rounded between them.
  for (const char *layer :
       {"op11.dequantize", "op12.dequantize", "op13.dequantize"})
    EXPECT_FALSE(integer.contains(layer)) << layer;
  EXPECT_GT(getSQNR(real, integer, "op23"), 20);
  EXPECT_EQ(messages, "");
}

TEST_F(TransformerTest, WhatIsNamedIsRounded) {
  Tensors real = run();
  quantize("version: 1\n"
           "rules:\n"
           "  - match: {role: [kv_act, intSoft]}\n"
           "    activation: {observer: minmax}\n");
  EXPECT_EQ(getFloatLayers(), "op11 op12 op13 op14 ");
  Tensors integer = run();
  EXPECT_FALSE(integer.contains("op11.dequantize"));
  for (StringRef layer : {"op12", "op13"}) {
    std::string rounded = (layer + ".dequantize").str();
    ASSERT_TRUE(integer.contains(rounded));
    // The rounding alone, and what came before it, too.
    EXPECT_GT(getSQNR(integer, integer, layer), 35);
    EXPECT_LT(getSQNR(integer, integer, layer), 70);
    EXPECT_GT(getSQNR(real, integer, layer), 20);
  }
  EXPECT_EQ(messages, "");
}

TEST_F(TransformerTest, AMaskCostsNothing) {
  // A mask that leaves nothing of some logits makes their range useless for
  // integers. The sum stays in float, and so do the logits and the mask.
  getMain().walk([&](SoftmaxOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    OpBuilder builder(op);
    std::vector<float> mask(25, 0.0f);
    mask[3] = mask[7] = -1.0e9f;
    auto named = [&](StringRef name) {
      return NameLoc::get(builder.getStringAttr(name));
    };
    auto maskType = RankedTensorType::get({5, 5}, builder.getF32Type());
    auto constant = ConstantOp::create(
        builder, named("mask"), maskType,
        DenseElementsAttr::get(maskType, ArrayRef<float>(mask)));
    auto add = AddOp::create(builder, named("masked"), type, op.getInput(),
                             constant, FloatAttr(), FloatAttr(), Attribute());
    op.getInputMutable().assign(add);
  });
  Tensors real = run();
  quantize("version: 1\n");
  EXPECT_EQ(getFloatLayers(), "op11 op12 masked op13 op14 ");
  EXPECT_EQ(messages, "");
  EXPECT_GT(getSQNR(real, run(), "op23"), 20);
}

TEST_F(TransformerTest, PartsOfOneTensorShareItsScale) {
  // Q, K and V, and the copies before and behind them: one type, asked for
  // once and for one of them.
  quantize("version: 1\n"
           "rules:\n"
           "  - match: {role: attn_qkv_output}\n"
           "    activation: {scheme: symmetric}\n");
  std::set<const void *> types;
  getMain().walk([&](Operation *op) {
    StringRef name = getLayerName(op);
    if (name != "op1" && name != "op3" && name != "op5" && name != "op7" &&
        name != "op9")
      return;
    auto type = dyn_cast_or_null<quant::UniformQuantizedType>(
        getQuantizedElementType(op->getResult(0).getType()));
    ASSERT_TRUE(type) << name.str();
    EXPECT_EQ(type.getZeroPoint(), 0);
    types.insert(type.getAsOpaquePointer());
  });
  EXPECT_EQ(types.size(), 1u);
  EXPECT_EQ(messages, "");
}

} // namespace
