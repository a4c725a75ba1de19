// This file implements --npir-calibrate.
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
  FailureOr<StatisticsFile> file =
      calibrate(module, {data, *span, options.batch, options.threads,
                         options.quiet, options.strict});
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
    return calibrate(getOperation(), options, options.data);
  }
};
} // namespace
} // namespace mlir::npir
