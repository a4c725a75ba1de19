// This file implements --npir-attach-calibration.
#include "CalibrationAdvice.h"
#include "QuantizeUtils.h"
#include "ResolveTypes.h"
#include "SameScaleGroups.h"

#include "npir/Config/ConfigFile.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Dialect/NPIR/Transforms/InsertObservers.h"
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

void setClipWeights(ModuleOp module, const ClipWeights &weights) {
  Builder builder(module.getContext());
  SmallVector<double> numbers = {weights.summed, weights.others};
  if (weights.share != 0.0)
    numbers.push_back(weights.share);
  module->setAttr(kClipWeightsAttrName, builder.getF64ArrayAttr(numbers));
}

FailureOr<ClipWeights> getClipWeights(ModuleOp module) {
  Attribute attr = module->getAttr(kClipWeightsAttrName);
  if (!attr)
    return ClipWeights();
  SmallVector<double> weights;
  if (auto array = dyn_cast<ArrayAttr>(attr))
    for (auto number : array.getAsRange<Attribute>())
      if (auto weight = dyn_cast<FloatAttr>(number))
        weights.push_back(weight.getValueAsDouble());
  if (weights.size() == 2)
    weights.push_back(0.0);
  // Of a NaN none is true.
  if (weights.size() != 3 || !(weights[0] >= 1.0) || !(weights[1] >= 1.0) ||
      !(weights[2] >= 0.0 && weights[2] < kMostShare))
    return module.emitError(
               "expected two numbers from 1 to infinity, and perhaps a share "
               "from 0 to 0.1, in ")
           << kClipWeightsAttrName << ", got " << attr << "; remove it";
  return ClipWeights{weights[0], weights[1], weights[2]};
}

static LogicalResult attach(func::FuncOp func, const StatisticsSource &source,
                            bool keepWeights) {
  for (ArrayRef<ObserveOp> group : getSameScaleGroups(func))
    if (failed(resolveGroup(group, source)))
      return failure();
  WalkResult result = func.walk([&](ObserveOp op) {
    if (!needsType(op)) {
      op.removeResolvedAttr();
      op.removePerTensorAttr();
    } else if (op.getRole() == Role::Weight &&
               !(keepWeights && op.getResolved()) &&
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
                                StringRef name, const AttachOptions &options) {
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(module, {Station::Observed, Station::Calibrated});
  if (failed(functions) ||
      (statistics && failed(checkModel(module, *statistics, name))))
    return failure();
  FailureOr<ClipWeights> clipWeights =
      options.clipWeights ? *options.clipWeights : getClipWeights(module);
  if (failed(clipWeights))
    return failure();
  CalibrationAdvice advice;
  for (func::FuncOp func : *functions)
    if (failed(attach(func,
                      {statistics,
                       name.str(),
                       options.explain,
                       *clipWeights,
                       &advice,
                       {}},
                      options.keepWeights)))
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
  LogicalResult fail(llvm::Error error) {
    return emitError(UnknownLoc::get(&getContext()))
           << llvm::toString(std::move(error));
  }

  /// What `config` asks for takes the place of what was asked for before.
  LogicalResult reconfigure() {
    llvm::Expected<QuantConfig> loaded = loadConfig(config);
    if (!loaded)
      return fail(loaded.takeError());
    return failure(failed(removeObservers(getOperation())) ||
                   failed(insertObservers(getOperation(), *loaded)));
  }

  LogicalResult run() {
    if (!config.empty() && failed(reconfigure()))
      return failure();
    AttachOptions options;
    options.explain = explain;
    if (stats.empty())
      return attachCalibration(getOperation(), nullptr, "", options);
    llvm::Expected<StatisticsFile> loaded =
        StatisticsFile::load(stats, /*keepPacked=*/true);
    if (!loaded)
      return fail(loaded.takeError());
    return attachCalibration(getOperation(), &*loaded, stats, options);
  }
};
} // namespace
} // namespace mlir::npir
