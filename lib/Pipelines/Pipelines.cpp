// This file implements the whole road as one pipeline.
#include "npir/Pipelines/Pipelines.h"

#include "npir/Conversion/Passes.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

using namespace mlir;
using namespace mlir::npir;

void mlir::npir::buildQuantizePipeline(OpPassManager &pm,
                                       const QuantizePipelineOptions &options) {
  auto add = [&](std::unique_ptr<Pass> pass) {
    pm.addPass(std::move(pass));
    pm.addPass(createVerifyContractPass());
  };
  add(createPreparePass());
  add(createInsertObserversPass({options.config}));
  if (options.data.empty()) {
    add(createAttachCalibrationPass({options.stats}));
  } else {
    CalibratePassOptions calibration;
    calibration.data = options.data;
    calibration.stats = options.stats;
    calibration.lower = options.lower;
    calibration.samples = options.samples;
    calibration.batch = options.batch;
    calibration.threads = options.threads;
    calibration.strict = options.strict;
    calibration.attach = true;
    add(createCalibratePass(calibration));
  }
  pm.addPass(createInsertQDQPass());
  pm.addPass(createCanonicalizeQDQPass());
  if (!options.lower.empty())
    pm.addPass(createLowerPass({options.lower}));
  add(createPartitionPass({{options.target}}));
  FoldQDQPassOptions fold;
  fold.strict = options.strict;
  add(createFoldQDQPass(fold));
  add(createConvertNPIRToXNNPass());
}

void mlir::npir::registerPipelines() {
  registerNPIRPipelinesPasses();
  PassPipelineRegistration<QuantizePipelineOptions>(
      "npir-quantize-pipeline",
      "The whole road from a float network to its target: needs data=DIR to "
      "calibrate with, or stats=FILE of a calibration",
      buildQuantizePipeline);
}
