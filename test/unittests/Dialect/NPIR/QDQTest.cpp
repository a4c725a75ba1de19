// This file tests --npir-canonicalize-qdq and --npir-fold-qdq on random
// networks with pairs in random places: no bit changes, and layers become
// integer ones that compute the same to a step.
#include "RandomNetwork.h"
#include "RandomPairs.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Targets/Target.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// What a function at station integer costs beside its integer layers.
struct Cost {
  unsigned floatLayers = 0;
  /// Elements of a sample that are quantized, dequantized or requantized.
  int64_t converted = 0;

  bool operator<=(const Cost &other) const {
    return std::tie(floatLayers, converted) <=
           std::tie(other.floatLayers, other.converted);
  }
};

/// A clamp between two types does the work of a conversion.
bool isConvertingClamp(Operation *op) {
  auto unary = dyn_cast<UnaryOpInterface>(op);
  Type result = op->getResult(0).getType();
  return unary && isQuantizedTensor(result) &&
         unary.getUnaryFunction().kind == npir_kernels::UnaryKind::Clamp &&
         op->getOperand(0).getType() != result;
}

class QDQTest : public ::testing::Test {
protected:
  QDQTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
        }) {
    context.loadDialect<NPIRDialect, func::FuncDialect>();
  }

  static func::FuncOp getMain(ModuleOp module) {
    return module.lookupSymbol<func::FuncOp>("main");
  }

  /// A random network with pairs; every other one is prepared before.
  OwningOpRef<ModuleOp> make(unsigned seed, unsigned density) {
    std::string text =
        RandomNetwork(seed).write(2 + seed % 14, seed % 3, seed % 4 == 0);
    auto module = parseSourceString<ModuleOp>(text, &context);
    if (seed % 2)
      apply(*module, createPreparePass());
    RandomPairs(getMain(*module), seed, density).place();
    return module;
  }

  void apply(ModuleOp module, std::unique_ptr<Pass> pass) {
    PassManager pm(&context, ModuleOp::getOperationName());
    pm.addPass(std::move(pass));
    ASSERT_TRUE(succeeded(pm.run(module))) << messages;
  }

  void canonicalize(ModuleOp module, bool allowRounding = false) {
    CanonicalizeQDQPassOptions options;
    options.allowRounding = allowRounding;
    apply(module, createCanonicalizeQDQPass(options));
  }

  void fold(ModuleOp module) {
    apply(module, createPartitionPass({{"xnnpack"}}));
    apply(module, createFoldQDQPass());
  }

  static std::string print(ModuleOp module) {
    std::string text;
    llvm::raw_string_ostream os(text);
    module->print(os, OpPrintingFlags().enableDebugInfo());
    return text;
  }

  /// Layers that the target could compute in integers but for their types, and
  /// what is converted.
  static Cost getCost(ModuleOp module) {
    Cost cost;
    const Target *target = lookupTarget("xnnpack");
    getMain(module).walk([&](Operation *op) {
      if (op->getNumResults() != 1 || op->use_empty())
        return;
      if (isa<QuantizeOp, DequantizeOp>(op) || isConvertingClamp(op)) {
        int64_t elements = 1;
        for (int64_t dim :
             cast<RankedTensorType>(op->getResult(0).getType()).getShape())
          elements *= ShapedType::isDynamic(dim) ? 1 : dim;
        cost.converted += elements;
        return;
      }
      auto layer = dyn_cast<QuantizableOpInterface>(op);
      cost.floatLayers += layer && !target->isFloatOnly(op) &&
                          layer.getArithmetic() != Arithmetic::None &&
                          layer.getArithmetic() != Arithmetic::Copy &&
                          !isQuantizedTensor(op->getResult(0).getType());
    });
    return cost;
  }

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
};
} // namespace

TEST_F(QDQTest, CanonicalizeChangesNoBit) {
  unsigned numRemoved = 0, numDearer = 0;
  for (unsigned seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    auto module = make(seed, 6 + seed % 5);
    // Else folding leaves out roundings, and there is nothing to compare.
    if (seed % 4)
      getMain(*module).walk([](QuantizeOp op) { op.setRequested(true); });
    OwningOpRef<ModuleOp> original = module->clone();
    SmallVector<Tensor> before = runOnRandomInput(getMain(*module), 2);
    ASSERT_FALSE(before.empty()) << messages;
    canonicalize(*module);
    EXPECT_TRUE(haveEqualBytes(before, runOnRandomInput(getMain(*module), 2)));

    std::string once = print(*module);
    canonicalize(*module);
    EXPECT_EQ(once, print(*module)) << "a second time nothing is left to do";

    OwningOpRef<ModuleOp> canonical = module->clone();
    OwningOpRef<ModuleOp> input = original->clone();
    fold(*original);
    fold(*module);
    Cost costBefore = getCost(*original), costAfter = getCost(*module);
    if (seed % 4) {
      EXPECT_LE(costAfter.floatLayers, costBefore.floatLayers);
      numDearer += !(costAfter <= costBefore);
    }
    numRemoved += costBefore.floatLayers - costAfter.floatLayers;
    if (HasFailure()) {
      input->dump();
      canonical->dump();
      FAIL() << messages;
    }
  }
  EXPECT_GT(numRemoved, 400u);
  EXPECT_EQ(numDearer, 0u);
}

TEST_F(QDQTest, RoundingOptionLeavesFewerFloatLayers) {
  unsigned numExact = 0, numRounded = 0;
  for (unsigned seed = 1000; seed < 1100; ++seed) {
    SCOPED_TRACE(seed);
    auto exact = make(seed, 8), rounded = make(seed, 8);
    canonicalize(*exact);
    canonicalize(*rounded, /*allowRounding=*/true);
    std::string once = print(*rounded);
    canonicalize(*rounded, /*allowRounding=*/true);
    EXPECT_EQ(once, print(*rounded));
    fold(*exact);
    fold(*rounded);
    numExact += getCost(*exact).floatLayers;
    numRounded += getCost(*rounded).floatLayers;
    EXPECT_FALSE(runOnRandomInput(getMain(*rounded), 2).empty()) << messages;
  }
  EXPECT_LT(numRounded, numExact);
}

//===----------------------------------------------------------------------===//
// Folding
//===----------------------------------------------------------------------===//

/// The result of the integer `op` in float on what its operands stand for,
/// rounded to its type.
static FailureOr<Tensor> simulate(Operation *op, ArrayRef<Tensor> operands,
                                  Tensor result) {
  MLIRContext *context = op->getContext();
  Type f32 = Float32Type::get(context);
  Block block;
  IRMapping mapping;
  SmallVector<Tensor> real;
  for (auto [value, tensor] : llvm::zip_equal(op->getOperands(), operands)) {
    real.push_back(isQuantizedTensor(tensor.getType()) ? dequantize(tensor)
                                                       : tensor);
    mapping.map(value,
                block.addArgument(real.back().getType(), value.getLoc()));
  }
  OpBuilder builder(context);
  builder.setInsertionPointToEnd(&block);
  Operation *layer = builder.clone(*op, mapping);
  layer->removeAttr("requant");
  layer->getResult(0).setType(withElementType(result.getType(), f32));
  FailureOr<Tensor> output = interpretOp(layer, real);
  if (failed(output))
    return failure();
  auto quantize = QuantizeOp::create(builder, op->getLoc(), result.getType(),
                                     layer->getResult(0), TypeAttr(),
                                     UnitAttr(), Attribute());
  return interpretOp(quantize, {*output});
}

/// The layer is what `--npir-fold-qdq` makes an integer one of.
static bool isFoldable(QuantizableOpInterface op) {
  if (op.getArithmetic() == Arithmetic::None || op->use_empty() ||
      isa<QuantizeOp>(op))
    return false;
  Type type;
  for (Operation *user : op->getUsers()) {
    if (!isa<QuantizeOp>(user) ||
        (type && user->getResult(0).getType() != type))
      return false;
    type = user->getResult(0).getType();
  }
  return llvm::all_of(op->getOpOperands(), [&](OpOperand &operand) {
    Role role = op.getOperandRole(operand.getOperandNumber());
    return (role != Role::Activation && role != Role::Weight) ||
           operand.get().getDefiningOp<DequantizeOp>();
  });
}

TEST_F(QDQTest, FoldedLayersAreWithinOneStep) {
  unsigned numFolded = 0;
  for (unsigned seed = 2000; seed < 2200; ++seed) {
    SCOPED_TRACE(seed);
    auto module = make(seed, 9);
    canonicalize(*module);
    SmallVector<Operation *> foldable;
    getMain(*module).walk([&](QuantizableOpInterface op) {
      if (isFoldable(op))
        foldable.push_back(op);
    });
    fold(*module);
    for (Operation *op : foldable)
      if (!op->hasAttr("requant")) {
        // What the target lacks, not what canonicalizing left undone.
        auto reason =
            op->getAttrOfType<StringAttr>(NPIRDialect::kFloatReasonAttrName);
        EXPECT_TRUE(reason && !reason.getValue().starts_with("its "))
            << op->getName().getStringRef().str() << " stays in float";
      }
    DenseMap<Value, Tensor> tensors;
    ASSERT_FALSE(runOnRandomInput(getMain(*module), 2,
                                  [&](Value value, const Tensor &tensor) {
                                    tensors[value] = tensor;
                                  })
                     .empty())
        << messages;
    getMain(*module).walk([&](QuantizableOpInterface op) {
      // A conversion between integers is no layer.
      if (!op->hasAttr("requant") || isa<QuantizeOp>(op))
        return;
      ++numFolded;
      SmallVector<Tensor> operands(llvm::map_range(
          op->getOperands(), [&](Value value) { return tensors[value]; }));
      Tensor actual = tensors[op->getResult(0)];
      FailureOr<Tensor> expected = simulate(op, operands, actual);
      ASSERT_TRUE(succeeded(expected)) << messages;
      int largest = 0;
      for (int64_t i = 0; i < actual.getNumElements(); ++i)
        largest = std::max(largest, std::abs(actual.as<int8_t>()[i] -
                                             expected->as<int8_t>()[i]));
      EXPECT_LE(largest, 1) << op->getName().getStringRef().str();
    });
    if (HasFailure()) {
      module->dump();
      FAIL() << messages;
    }
  }
  EXPECT_GT(numFolded, 1000u);
}
