// This file implements --npir-fold-qdq.
#include "QDQFolder.h"

#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_FOLDQDQPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct FoldQDQ final : impl::FoldQDQPassBase<FoldQDQ> {
  using FoldQDQPassBase::FoldQDQPassBase;

  void runOnOperation() override {
    FailureOr<SmallVector<func::FuncOp>> functions =
        getFunctionsAt(getOperation(), Station::QDQ);
    if (failed(functions))
      return signalPassFailure();
    bool failedAny = false;
    for (func::FuncOp func : *functions)
      failedAny |= failed(fold(func));
    if (failedAny)
      signalPassFailure();
  }

private:
  LogicalResult fold(func::FuncOp func);
  LogicalResult report(func::FuncOp func, const QDQFolder &folder) const;
};
} // namespace

/// Problems are warnings, or under `strict` one error with a note for each, and
/// for each layer that the target has in float only.
LogicalResult FoldQDQ::report(func::FuncOp func,
                              const QDQFolder &folder) const {
  if (!strict) {
    for (const QDQFolder::Problem &problem : folder.getProblems())
      emitWarning(problem.loc) << problem.text;
    return success();
  }
  auto problems = llvm::to_vector(llvm::concat<const QDQFolder::Problem>(
      folder.getUnsupported(), folder.getProblems()));
  if (problems.empty())
    return success();
  InFlightDiagnostic error =
      func.emitError("expected a function that target '")
      << getTarget(func) << "' computes as configured, got " << problems.size()
      << (problems.size() == 1 ? " problem" : " problems") << " in @"
      << func.getName() << "; change the configuration, or leave out strict";
  for (const QDQFolder::Problem &problem : problems)
    error.attachNote(problem.loc) << problem.text;
  return failure();
}

LogicalResult FoldQDQ::fold(func::FuncOp func) {
  StringRef name = getTarget(func);
  if (name.empty())
    return func.emitError("expected a target of function @")
           << func.getName() << ", got none; run --npir-partition first";
  const Target *target = lookupTarget(name);
  if (!target)
    return func.emitError("expected a known target of function @")
           << func.getName() << ", got '" << name << "'";
  QDQFolder folder(func, *target);
  folder.usePerTensorActivations();
  folder.useTargetStorage();
  folder.settleIllegalPairs();
  folder.foldLayers();
  folder.foldDynamicLayers();
  folder.removeFloatPairs();
  folder.storeConstants();
  folder.foldConversions();
  folder.foldConstants();
  folder.eraseUnused();
  if (failed(report(func, folder)))
    return failure();
  setStation(func, Station::Integer);
  return success();
}
} // namespace mlir::npir
