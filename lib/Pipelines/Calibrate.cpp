// This file implements --npir-calibrate.
#include "Lowering.h"

#include "npir/Calibration/Calibration.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Pipelines/Pipelines.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_CALIBRATEPASS
#include "npir/Pipelines/Passes.h.inc"

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
    Location loc = UnknownLoc::get(&getContext());
    if (data.empty() || (stats.empty() && !attach))
      return emitError(loc) << "--npir-calibrate needs data=DIR and "
                               "stats=FILE";
    CalibrationOptions options;
    options.data = data;
    FailureOr<SampleSpan> span = parseSamples(samples, loc);
    if (failed(span))
      return failure();
    options.samples = *span;
    options.batch = batch;
    options.threads = threads;
    options.quiet = quiet;
    options.strict = strict;
    if (!lower.empty())
      options.lower = [this](ModuleOp copy) {
        return runLowering(copy, lower);
      };
    FailureOr<StatisticsFile> file = calibrate(getOperation(), options);
    if (failed(file))
      return failure();
    if (!stats.empty())
      if (llvm::Error error = file->save(stats))
        return emitError(loc) << llvm::toString(std::move(error));
    return attach ? attachCalibration(getOperation(), &*file, stats)
                  : success();
  }
};
} // namespace
} // namespace mlir::npir
