// This file implements --npir-calibrate.
#include "Lowering.h"

#include "npir/Calibration/Calibration.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Pipelines/Pipelines.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_CALIBRATEPASS
#include "npir/Pipelines/Passes.h.inc"

LogicalResult calibrate(ModuleOp module, const CalibratePassOptions &options,
                        const DataSource &data) {
  Location loc = UnknownLoc::get(module.getContext());
  FailureOr<SampleSpan> span = parseSamples(options.samples, loc);
  if (failed(span))
    return failure();
  CalibrationOptions calibration;
  calibration.data = data;
  calibration.samples = *span;
  calibration.batch = options.batch;
  calibration.threads = options.threads;
  calibration.quiet = options.quiet;
  calibration.strict = options.strict;
  if (!options.lower.empty())
    calibration.lower = [&](ModuleOp copy) {
      return runLowering(copy, options.lower);
    };
  FailureOr<StatisticsFile> file = calibrate(module, calibration);
  if (failed(file))
    return failure();
  if (!options.stats.empty())
    if (llvm::Error error = file->save(options.stats))
      return emitError(loc) << llvm::toString(std::move(error));
  return options.attach ? attachCalibration(module, &*file, options.stats)
                        : success();
}

namespace {
struct Calibrate final : impl::CalibratePassBase<Calibrate> {
  using CalibratePassBase::CalibratePassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    registerExecutionDialects(registry);
    collectLoweringDialects(lower, registry);
  }

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
    if (!attach)
      markAllAnalysesPreserved();
  }

private:
  LogicalResult run() {
    if (data.empty() || (stats.empty() && !attach))
      return emitError(UnknownLoc::get(&getContext()))
             << "--npir-calibrate needs data=DIR and stats=FILE";
    CalibratePassOptions options;
    options.data = data;
    options.stats = stats;
    options.samples = samples;
    options.batch = batch;
    options.threads = threads;
    options.quiet = quiet;
    options.strict = strict;
    options.attach = attach;
    options.lower = lower;
    return calibrate(getOperation(), options, options.data);
  }
};
} // namespace
} // namespace mlir::npir
