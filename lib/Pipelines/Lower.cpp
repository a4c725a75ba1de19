// This file implements --npir-lower, and the running of lowerings in general.
#include "Lowering.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"
#include "npir/Pipelines/Pipelines.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_LOWERPASS
#include "npir/Pipelines/Passes.h.inc"

/// Add `passes` to `pm`; what is wrong goes to `os`.
static LogicalResult parseLowering(StringRef passes, OpPassManager &pm,
                                   raw_ostream &os) {
  // The parser would nest one module in another, and run nothing.
  if (passes.consume_front("builtin.module("))
    passes.consume_back(")");
  return parsePassPipeline(passes, pm, os);
}

void collectLoweringDialects(StringRef passes, DialectRegistry &registry) {
  OpPassManager pm(ModuleOp::getOperationName());
  if (succeeded(parseLowering(passes, pm, llvm::nulls())))
    pm.getDependentDialects(registry);
}

LogicalResult runLowering(ModuleOp module, StringRef passes) {
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  std::string message;
  llvm::raw_string_ostream os(message);
  if (failed(parseLowering(passes, pm, os))) {
    // The parser shows the text again, with a caret under it.
    StringRef reason = StringRef(message).split("error: ").second;
    return emitError(UnknownLoc::get(module.getContext()))
           << "expected passes that convert to npir ops, got '" << passes
           << "': " << reason.split('\n').first;
  }
  if (failed(pm.run(module)))
    return failure();
  WalkResult result = module.walk([&](QuantizableOpInterface op) {
    if (isa<NPIRDialect>(op->getDialect()))
      return WalkResult::advance();
    op->emitError("expected layer '")
        << getDisplayName(op) << "' as npir ops after '" << passes << "', got '"
        << op->getName() << "'";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

namespace {
struct Lower final : impl::LowerPassBase<Lower> {
  using LowerPassBase::LowerPassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    collectLoweringDialects(passes, registry);
  }

  void runOnOperation() override {
    if (failed(runLowering(getOperation(), passes)))
      signalPassFailure();
  }
};
} // namespace
} // namespace mlir::npir
