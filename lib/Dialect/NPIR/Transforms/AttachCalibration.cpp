// This file implements --npir-attach-calibration.
#include "CalibrationAdvice.h"
#include "QuantizeUtils.h"
#include "ResolveTypes.h"
#include "SameScaleGroups.h"

#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_ATTACHCALIBRATIONPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

/// The statistics belong to this model.
static LogicalResult checkModel(ModuleOp module, const StatisticsFile &file,
                                StringRef name) {
  auto hash =
      module->getAttrOfType<StringAttr>(NPIRDialect::kModelHashAttrName);
  if (!hash)
    return module.emitError("has no npir.model_hash; run --npir-prepare first");
  if (hash.getValue() != file.modelHash)
    return module.emitError("expected statistics of the model with hash ")
           << hash << ", got '" << name << "' of the model with hash \""
           << file.modelHash << "\"; calibrate this model";
  if (file.hasMixedEngines())
    module.emitWarning("statistics '")
        << name << "' were merged from several engines: "
        << llvm::join(file.engines, ", ");
  return success();
}

static LogicalResult attach(func::FuncOp func, const StatisticsSource &source) {
  for (ArrayRef<ObserveOp> group : getSameScaleGroups(func))
    if (failed(resolveGroup(group, source)))
      return failure();
  WalkResult result = func.walk([&](ObserveOp op) {
    if (!needsType(op)) {
      op.removeResolvedAttr();
      op.removePerTensorAttr();
    } else if (op.getRole() == Role::Weight &&
               failed(resolveWeight(op, source))) {
      return WalkResult::interrupt();
    }
    return WalkResult::advance();
  });
  if (result.wasInterrupted())
    return failure();
  setStation(func, Station::Calibrated);
  return success();
}

LogicalResult attachCalibration(ModuleOp module,
                                const StatisticsFile *statistics,
                                StringRef name, bool explain) {
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(module, {Station::Observed, Station::Calibrated});
  if (failed(functions) ||
      (statistics && failed(checkModel(module, *statistics, name))))
    return failure();
  CalibrationAdvice advice;
  for (func::FuncOp func : *functions)
    if (failed(attach(func, {statistics, name.str(), explain, &advice, {}})))
      return failure();
  advice.emit(module.getContext());
  if (statistics)
    warnOfFewBatches(module.getContext(), *functions, *statistics);
  return success();
}

namespace {
struct AttachCalibration final
    : impl::AttachCalibrationPassBase<AttachCalibration> {
  using AttachCalibrationPassBase::AttachCalibrationPassBase;

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

private:
  LogicalResult run() {
    if (stats.empty())
      return attachCalibration(getOperation(), nullptr, "", explain);
    llvm::Expected<StatisticsFile> loaded =
        StatisticsFile::load(stats, /*keepPacked=*/true);
    if (!loaded)
      return emitError(UnknownLoc::get(&getContext()))
             << llvm::toString(loaded.takeError());
    return attachCalibration(getOperation(), &*loaded, stats, explain);
  }
};
} // namespace
} // namespace mlir::npir
