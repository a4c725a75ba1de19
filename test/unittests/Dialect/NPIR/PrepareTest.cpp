// This file tests --npir-prepare on random networks: the prepared network
// computes the same, and no transpose is left inside it.
#include "RandomNetwork.h"
#include "RandomPairs.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
class PrepareTest : public ::testing::Test {
protected:
  PrepareTest() { context.loadDialect<NPIRDialect, func::FuncDialect>(); }

  OwningOpRef<ModuleOp> parse(const std::string &text) {
    return parseSourceString<ModuleOp>(text, &context);
  }

  static func::FuncOp getMain(ModuleOp module) {
    return module.lookupSymbol<func::FuncOp>("main");
  }

  LogicalResult prepare(ModuleOp module) {
    PassManager pm(&context, ModuleOp::getOperationName());
    pm.addPass(createPreparePass());
    pm.addPass(createVerifyContractPass());
    return pm.run(module);
  }

  /// The results for a batch of two.
  static SmallVector<Tensor> run(func::FuncOp func) {
    return runOnRandomInput(func, 2);
  }

  void expectSameResults(ArrayRef<Tensor> a, ArrayRef<Tensor> b) {
    ASSERT_EQ(a.size(), 2u);
    ASSERT_EQ(b.size(), 2u);
    for (auto [x, y] : llvm::zip_equal(a, b)) {
      ASSERT_EQ(x.getType(), y.getType());
      double largest = 1e-3, difference = 0;
      for (int64_t i = 0; i < x.getNumElements(); ++i) {
        double value = x.as<float>()[i];
        largest = std::max(largest, std::abs(value));
        difference = std::max(difference, std::abs(value - y.as<float>()[i]));
      }
      EXPECT_LE(difference, 2e-5 * largest);
    }
  }

  MLIRContext context;
};
} // namespace

TEST_F(PrepareTest, RandomNetworksComputeTheSame) {
  for (unsigned seed = 0; seed < 300; ++seed) {
    SCOPED_TRACE(seed);
    std::string text = RandomNetwork(seed).write(2 + seed % 20, true, seed % 2);
    auto original = parse(text), prepared = parse(text);
    ASSERT_TRUE(original && prepared) << text;
    ASSERT_TRUE(succeeded(prepare(*prepared))) << text;
    expectSameResults(run(getMain(*original)), run(getMain(*prepared)));
    if (HasFailure()) {
      prepared->dump();
      FAIL() << text;
    }
  }
}

TEST_F(PrepareTest, ResidualNetworksKeepNoTransposeInside) {
  for (unsigned seed = 1000; seed < 1200; ++seed) {
    SCOPED_TRACE(seed);
    std::string text = RandomNetwork(seed).write(40, false, seed % 2);
    auto module = parse(text);
    ASSERT_TRUE(module && succeeded(prepare(*module))) << text;
    getMain(*module).walk([&](TransposeOp op) {
      // One at the input; one at the second result, which is in NCHW.
      bool atInput = isa<BlockArgument>(op.getInput());
      bool atOutput =
          llvm::all_of(op->getUsers(), llvm::IsaPred<func::ReturnOp>);
      EXPECT_TRUE(atInput || atOutput) << text;
    });
    if (HasFailure())
      return;
  }
}

TEST_F(PrepareTest, FormsAreFused) {
  for (unsigned seed = 3000; seed < 3200; ++seed) {
    SCOPED_TRACE(seed);
    std::string text = RandomNetwork(seed).write(20, false, true);
    auto module = parse(text);
    ASSERT_TRUE(module && succeeded(prepare(*module))) << text;
    getMain(*module).walk([&](Operation *op) {
      // Parts of GELU, of layer normalization; a division by a constant.
      EXPECT_FALSE((isa<ErfOp, SquareOp, SqrtOp, DivOp>(op)))
          << op->getName().getStringRef().str() << text;
    });
    if (HasFailure())
      return;
  }
}

TEST_F(PrepareTest, PreparedNetworksStayAsTheyAre) {
  for (unsigned seed = 2000; seed < 2300; ++seed) {
    SCOPED_TRACE(seed);
    std::string text = RandomNetwork(seed).write(20, seed % 2 == 0, seed % 2);
    auto module = parse(text);
    ASSERT_TRUE(module && succeeded(prepare(*module)));
    auto hash = (*module)->getAttr(NPIRDialect::kModelHashAttrName);
    setStation(getMain(*module), Station::Float);
    ASSERT_TRUE(succeeded(prepare(*module)));
    ASSERT_EQ(hash, (*module)->getAttr(NPIRDialect::kModelHashAttrName))
        << text;
  }
}
