// This file declares what the tests of --npir-canonicalize-qdq and
// --npir-fold-qdq on random networks share.
#ifndef NPIR_TEST_UNITTESTS_DIALECT_NPIR_QDQFIXTURE_H
#define NPIR_TEST_UNITTESTS_DIALECT_NPIR_QDQFIXTURE_H

#include "RandomPairs.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Targets/Target.h"

#include "mlir/Pass/PassManager.h"

#include "gtest/gtest.h"

namespace mlir::npir {

/// What a function at station integer costs beside its integer layers.
struct Cost {
  unsigned floatLayers = 0;
  /// Elements of a sample that are quantized, dequantized or requantized.
  int64_t converted = 0;
};

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

  /// Whatever is computed in float, the rounding stays: then two forms of one
  /// network must be equal after folding, too.
  static void requestAll(ModuleOp module) {
    getMain(module).walk([](QuantizeOp op) { op.setRequested(true); });
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
  static Cost getCost(ModuleOp module);

  /// What canonicalizing must do to any network: no bit changes, a second time
  /// nothing is left to do, and folded it costs no more, if all roundings are
  /// orders. The costs of both forms, folded. Prints the network where
  /// something is wrong.
  std::pair<Cost, Cost> checkCanonicalized(ModuleOp module, bool areOrders);

  MLIRContext context;
  std::string messages;
  ScopedDiagnosticHandler handler;
};

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_DIALECT_NPIR_QDQFIXTURE_H
