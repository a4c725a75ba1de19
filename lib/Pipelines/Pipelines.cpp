// This file implements the whole road as one pipeline.
#include "Lowering.h"

#include "npir/Pipelines/Pipelines.h"

#include "npir/Calibration/Calibration.h"
#include "npir/Conversion/Passes.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Dialect/NPIR/Transforms/InsertObservers.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// A step whose input is in memory, in place of the pass that reads it from a
/// file.
class MemoryStep : public PassWrapper<MemoryStep, OperationPass<ModuleOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(MemoryStep)

  using Step = std::function<LogicalResult(ModuleOp)>;
  /// `lower`: the conversion that the step runs, where it runs one.
  MemoryStep(StringRef name, Step step, std::string lower = "")
      : name(name), step(std::move(step)), lower(std::move(lower)) {}

  StringRef getName() const override { return name; }
  void getDependentDialects(DialectRegistry &registry) const override {
    registerExecutionDialects(registry);
    collectLoweringDialects(lower, registry);
  }
  void runOnOperation() override {
    if (failed(step(getOperation())))
      signalPassFailure();
  }

private:
  StringRef name;
  Step step;
  std::string lower;
};
} // namespace

static std::unique_ptr<Pass>
createObserveStep(const QuantizePipelineOptions &options,
                  const QuantizeInputs &inputs) {
  if (!inputs.config)
    return createInsertObserversPass(
        {options.config, /*explanation=*/"", options.strict});
  return std::make_unique<MemoryStep>(
      "InsertObservers",
      [config = inputs.config, strict = bool(options.strict)](ModuleOp module) {
        return insertObservers(module, *config, nullptr, strict);
      });
}

static std::unique_ptr<Pass>
createCalibrateStep(const QuantizePipelineOptions &options,
                    const QuantizeInputs &inputs) {
  if (inputs.statistics)
    return std::make_unique<MemoryStep>(
        "AttachCalibration", [statistics = inputs.statistics](ModuleOp module) {
          return attachCalibration(module, statistics.get(), "statistics");
        });
  if (!inputs.data && options.data.empty())
    return createAttachCalibrationPass({options.stats});
  CalibratePassOptions calibration;
  calibration.data = options.data;
  calibration.stats = options.stats;
  calibration.lower = options.lower;
  calibration.samples = options.samples;
  calibration.batch = options.batch;
  calibration.runBatch = options.runBatch;
  calibration.maxMemory = options.maxMemory;
  calibration.channelHistograms = options.channelHistograms;
  calibration.rowSample = options.rowSample;
  calibration.perBatch = options.perBatch;
  calibration.resume = options.resume;
  calibration.checkpoint = options.checkpoint;
  calibration.threads = options.threads;
  calibration.quiet = options.quiet;
  calibration.strict = options.strict;
  calibration.attach = true;
  calibration.tune = options.tune;
  if (!inputs.data)
    return createCalibratePass(calibration);
  return std::make_unique<MemoryStep>(
      "Calibrate",
      [calibration, data = *inputs.data](ModuleOp module) {
        return calibrate(module, calibration, data);
      },
      options.lower);
}

/// What is wrong with the options is for the pass to tell.
static void addBoundary(OpPassManager &pm,
                        const QuantizePipelineOptions &options) {
  if (options.io.empty() && options.mean.empty() && options.std.empty() &&
      options.inputLayout == "source")
    return;
  SetBoundaryPassOptions boundary;
  boundary.io.assign(options.io.begin(), options.io.end());
  boundary.mean.assign(options.mean.begin(), options.mean.end());
  boundary.std.assign(options.std.begin(), options.std.end());
  boundary.inputLayout = options.inputLayout;
  pm.addPass(createSetBoundaryPass(boundary));
}

void mlir::npir::buildQuantizePipeline(OpPassManager &pm,
                                       const QuantizePipelineOptions &options,
                                       const QuantizeInputs &inputs) {
  auto leadsTo = [&](Station station) {
    return inputs.start < station && station <= options.stopAt;
  };
  auto add = [&](std::unique_ptr<Pass> pass) {
    pm.addPass(std::move(pass));
    pm.addPass(createVerifyContractPass());
  };
  if (leadsTo(Station::Prepared))
    add(createPreparePass());
  if (leadsTo(Station::Observed))
    add(createObserveStep(options, inputs));
  if (leadsTo(Station::Calibrated))
    add(createCalibrateStep(options, inputs));
  if (leadsTo(Station::QDQ))
    pm.addPass(createInsertQDQPass());
  if (leadsTo(Station::QDQ) || inputs.needsTarget) {
    pm.addPass(createCanonicalizeQDQPass());
    if (!options.lower.empty())
      pm.addPass(createLowerPass({options.lower}));
    addBoundary(pm, options);
    add(createPartitionPass({{options.target}}));
  }
  if (leadsTo(Station::Integer)) {
    FoldQDQPassOptions fold;
    fold.strict = options.strict;
    add(createFoldQDQPass(fold));
  }
  if (leadsTo(Station::Target))
    add(createConvertNPIRToXNNPass());
}

void mlir::npir::registerPipelines() {
  registerNPIRPipelinesPasses();
  PassPipelineRegistration<QuantizePipelineOptions>(
      "npir-quantize-pipeline",
      "The whole road from a float network to its target: needs data=DIR to "
      "calibrate with, or stats=FILE of a calibration",
      [](OpPassManager &pm, const QuantizePipelineOptions &options) {
        buildQuantizePipeline(pm, options);
      });
}
