// This file tests the passes on ops of another dialect, to which
// QuantizableOpInterface was attached from outside.
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
struct AddModel
    : QuantizableOpInterface::ExternalModel<AddModel, arith::AddFOp> {
  Arithmetic getArithmetic(Operation *) const { return Arithmetic::Add; }
};

/// Answers that no op can be quantized by.
struct BadAxisModel
    : QuantizableOpInterface::ExternalModel<BadAxisModel, arith::MulFOp> {
  Arithmetic getArithmetic(Operation *) const {
    return Arithmetic::Elementwise;
  }
  Role getOperandRole(Operation *, unsigned) const { return Role::Weight; }
  std::optional<int64_t> getChannelAxis(Operation *, unsigned) const {
    return -1;
  }
};
struct BadOperandModel
    : QuantizableOpInterface::ExternalModel<BadOperandModel, arith::NegFOp> {
  Arithmetic getArithmetic(Operation *) const { return Arithmetic::Copy; }
  SmallVector<unsigned> getSameScaleOperands(Operation *) const { return {1}; }
};

class ExternalModelTest : public ::testing::Test {
protected:
  ExternalModelTest()
      : handler(&context, [this](Diagnostic &diagnostic) {
          messages += diagnostic.str() + "\n";
        }) {
    context.loadDialect<arith::ArithDialect, func::FuncDialect, NPIRDialect,
                        quant::QuantDialect>();
    context.printOpOnDiagnostic(false);
    arith::AddFOp::attachInterface<AddModel>(context);
    arith::MulFOp::attachInterface<BadAxisModel>(context);
    arith::NegFOp::attachInterface<BadOperandModel>(context);
  }

  /// Prepare and observe `%y = <op>`.
  LogicalResult run(StringRef op) {
    module = parseSourceString<ModuleOp>(
        ("func.func @main(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {\n%y = " +
         op + " : tensor<?x2xf32>\nreturn %y : tensor<?x2xf32>\n}")
            .str(),
        &context);
    PassManager pm(&context);
    pm.addPass(createPreparePass());
    pm.addPass(createVerifyContractPass());
    pm.addPass(createInsertObserversPass());
    pm.addPass(createVerifyContractPass());
    return module ? pm.run(*module) : failure();
  }

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
  OwningOpRef<ModuleOp> module;
};
} // namespace

TEST_F(ExternalModelTest, IsPreparedAndObserved) {
  ASSERT_TRUE(succeeded(run("arith.addf %x, %x"))) << messages;
  EXPECT_TRUE(module->getOperation()->hasAttr(NPIRDialect::kModelHashAttrName));
  SmallVector<std::string> ids;
  module->walk([&](ObserveOp op) { ids.push_back(op.getId().str()); });
  EXPECT_EQ(ids, (SmallVector<std::string>{"arg0:0", "addf_0:0"}));
}

TEST_F(ExternalModelTest, OpsWithoutTheInterfaceAreNoNetwork) {
  EXPECT_TRUE(failed(run("arith.subf %x, %x")));
  EXPECT_EQ(messages, "expected a function on npir ops, got none\n");
}

TEST_F(ExternalModelTest, ImpossibleAnswersAreErrors) {
  EXPECT_TRUE(failed(run("arith.mulf %x, %x")));
  EXPECT_EQ(messages, "'arith.mulf' op expected channel axis of operand #0 "
                      "below its rank 2, got -1\n");
  messages.clear();
  EXPECT_TRUE(failed(run("arith.negf %x")));
  EXPECT_EQ(messages, "'arith.negf' op names operand #1 as sharing the "
                      "result's scale, but has only 1 operands\n");
}
