// This file implements --npir-calibrate.
#include "Lowering.h"
#include "TuneRanges.h"

#include "npir/Calibration/Calibration.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Pipelines/Pipelines.h"
#include "npir/Support/Interrupt.h"
#include "npir/Support/ProcessMemory.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_CALIBRATEPASS
#include "npir/Pipelines/Passes.h.inc"

LogicalResult calibrate(ModuleOp module, const CalibratePassOptions &options,
                        const DataSource &data,
                        const std::function<bool()> &isCancelled) {
  Location loc = UnknownLoc::get(module.getContext());
  FailureOr<SampleSpan> span = parseSamples(options.samples, loc);
  if (failed(span))
    return failure();
  CalibrationOptions calibration;
  calibration.data = data;
  calibration.samples = *span;
  calibration.batch = options.batch;
  calibration.runBatch = options.runBatch;
  calibration.threads = options.threads;
  calibration.channelHistograms = options.channelHistograms;
  calibration.rowSample = options.rowSample;
  // What is kept serves configurations yet to come.
  calibration.recordAll = !options.attach || !options.stats.empty();
  calibration.batchHistograms = options.perBatch == "histogram";
  if (options.perBatch != "histogram" && options.perBatch != "tails")
    return emitError(loc) << "expected per-batch=tails or per-batch=histogram, "
                             "got '"
                          << options.perBatch << "'";
  calibration.quiet = options.quiet;
  calibration.strict = options.strict;
  calibration.stats = options.stats;
  calibration.resume = options.resume;
  calibration.checkpoint = options.checkpoint;
  calibration.timing = options.timing;
  calibration.isCancelled = isCancelled;
  if (!options.maxMemory.empty()) {
    std::optional<uint64_t> bytes = parseByteSize(options.maxMemory);
    if (!bytes)
      return emitError(loc) << "expected max-memory=SIZE such as 512M or 2G, "
                               "got '"
                            << options.maxMemory << "'";
    calibration.maxMemory = *bytes;
  }
  if (!options.lower.empty())
    calibration.lower = [&](ModuleOp copy) {
      return runLowering(copy, options.lower);
    };
  FailureOr<StatisticsFile> file = calibrate(module, calibration);
  if (failed(file))
    return failure();
  if (!options.attach)
    return success();
  if (!options.tune)
    return attachCalibration(module, &*file, options.stats);
  return attachTuned(module, *file, options.stats,
                     {data, *span, options.threads, options.quiet,
                      calibration.lower, isCancelled});
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
    options.runBatch = runBatch;
    options.threads = threads;
    options.maxMemory = maxMemory;
    options.channelHistograms = channelHistograms;
    options.rowSample = rowSample;
    options.perBatch = perBatch;
    options.resume = resume;
    options.checkpoint = checkpoint;
    options.quiet = quiet;
    options.strict = strict;
    options.attach = attach;
    options.tune = tune;
    options.timing = timing;
    options.lower = lower;
    InterruptGuard guard;
    return calibrate(getOperation(), options, options.data,
                     &InterruptGuard::wasInterrupted);
  }
};
} // namespace
} // namespace mlir::npir
