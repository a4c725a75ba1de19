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
        getFunctionsAt(module, {Station::Float, Station::QDQ});
    if (failed(functions))
      return failure();
    for (func::FuncOp func : *functions) {
      bool isFloat = getStation(func) == Station::Float;
      if ((isFloat && failed(verifyContract(func, Station::Float))) ||
          failed(propagateLayout(func)))
        return failure();
      fuseGelus(func);
      fuseSwishes(func);
      fuseLayerNorms(func);
      foldPads(func);
      if (failed(foldAffineOps(func)))
        return failure();
      fuseActivations(func);
      eraseDeadOps(func);
    }
    makeNamesUnique(*functions);
    // A quantized network that has come down the road has its hash already.
    StringRef hash = NPIRDialect::kModelHashAttrName;
    bool isQDQ = llvm::all_of(*functions, [](func::FuncOp func) {
      return getStation(func) == Station::QDQ;
    });
    for (func::FuncOp func : *functions)
      if (getStation(func) == Station::Float)
        setStation(func, Station::Prepared);
    if (!isQDQ || !module->hasAttr(hash))
      module->setAttr(
          hash, StringAttr::get(&getContext(), computeModelHash(*functions)));
    for (func::FuncOp func : *functions)
      if (getStation(func) == Station::QDQ &&
          failed(verifyContract(func, Station::QDQ)))
        return failure();
    return success();
  }
};
} // namespace
} // namespace mlir::npir
