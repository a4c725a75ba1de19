// This file implements --npir-partition.
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Support/NearestName.h"
#include "npir/Targets/Target.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_PARTITIONPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct Partition final : impl::PartitionPassBase<Partition> {
  using PartitionPassBase::PartitionPassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

private:
  LogicalResult run();
};
} // namespace

LogicalResult Partition::run() {
  Location loc = UnknownLoc::get(&getContext());
  if (targets.empty())
    return emitError(loc) << "--npir-partition needs targets=NAME, one of "
                          << llvm::join(getTargetNames(), ", ");
  for (const std::string &name : targets)
    if (!lookupTarget(name))
      return emitError(loc) << "unknown target '" << name << "'"
                            << suggestName(name, getTargetNames());
  if (targets.size() > 1)
    return emitError(loc) << "expected one target, got " << targets.size()
                          << ": " << llvm::join(targets, ", ")
                          << "; a network runs on one target for now";
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(getOperation(), Station::QDQ);
  if (failed(functions))
    return failure();
  for (func::FuncOp func : *functions)
    func->setAttr(NPIRDialect::kTargetAttrName,
                  StringAttr::get(&getContext(), targets.front()));
  return success();
}
} // namespace mlir::npir
