// This file implements --npir-prepare: the order of its steps.
#include "Prepare.h"
#include "VerifyContract.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_PREPAREPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct Prepare final : impl::PreparePassBase<Prepare> {
  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

private:
  LogicalResult run() {
    ModuleOp module = getOperation();
    FailureOr<SmallVector<func::FuncOp>> functions =
        getFunctionsAt(module, Station::Float);
    if (failed(functions))
      return failure();
    for (func::FuncOp func : *functions) {
      if (failed(verifyContract(func, Station::Float)) ||
          failed(propagateLayout(func)))
        return failure();
      fuseGelus(func);
      fuseLayerNorms(func);
      foldPads(func);
      if (failed(foldAffineOps(func)))
        return failure();
      fuseActivations(func);
      eraseDeadOps(func);
    }
    makeNamesUnique(*functions);
    for (func::FuncOp func : *functions)
      setStation(func, Station::Prepared);
    module->setAttr(
        NPIRDialect::kModelHashAttrName,
        StringAttr::get(&getContext(), computeModelHash(*functions)));
    return success();
  }
};
} // namespace
} // namespace mlir::npir
