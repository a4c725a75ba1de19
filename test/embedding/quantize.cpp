// This file quantizes a network in the acme dialect by the C++ API, and tells
// what it cost: quantize MODEL CALIBRATION_DATA TEST_DATA OUTPUT.npx
#include "Acme.h"

#include "npir/Calibration/Calibration.h"
#include "npir/Conversion/Passes.h"
#include "npir/Dialect/NPIR/IR/DiagnosticPrinter.h"
#include "npir/Dialect/NPIR/Transforms/AttachCalibration.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Execution/Compare.h"
#include "npir/InitAll.h"
#include "npir/Serialization/ModuleIO.h"
#include "npir/Serialization/NPX/NPX.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;

/// From acme ops in float to a module that npir::writeProgram takes.
static LogicalResult quantize(ModuleOp module, StringRef data) {
  PassManager observe(module.getContext());
  observe.addPass(npir::createPreparePass());
  observe.addPass(npir::createInsertObserversPass());
  if (failed(observe.run(module)))
    return failure();

  // The network runs as npir ops; the module stays in acme.
  npir::CalibrationOptions options;
  options.data = data.str();
  options.quiet = true;
  options.lower = acme::convertToNPIR;
  FailureOr<npir::StatisticsFile> statistics = npir::calibrate(module, options);
  if (failed(statistics) ||
      failed(npir::attachCalibration(module, &*statistics, "calibration")))
    return failure();

  PassManager round(module.getContext());
  round.addPass(npir::createInsertQDQPass());
  round.addPass(npir::createCanonicalizeQDQPass());
  // Now acme ops stand between quantize and dequantize: the place for passes
  // of acme's own, and at last its conversion.
  if (failed(round.run(module)) || failed(acme::convertToNPIR(module)))
    return failure();

  PassManager lower(module.getContext());
  lower.addPass(npir::createPartitionPass({{"xnnpack"}}));
  lower.addPass(npir::createFoldQDQPass());
  lower.addPass(npir::createConvertNPIRToXNNPass());
  return lower.run(module);
}

/// Signal to noise of every tensor of the quantized network.
static FailureOr<npir::Comparison> compare(ModuleOp quantized, ModuleOp model,
                                           StringRef path) {
  npir::NetworkOptions options;
  options.tapAll = true;
  auto test = npir::Network::create(quantized, options);
  options.lower = acme::convertToNPIR;
  auto reference = npir::Network::create(model, options);
  if (failed(test) || failed(reference))
    return failure();
  npir::SampleSpan samples;
  auto data = npir::openData(path.str(), **test, samples, model.getLoc());
  if (failed(data))
    return failure();
  npir::Comparison comparison;
  comparison.reference = "float";
  comparison.test = "int8";
  if (failed(npir::emitStatus(
          model.getContext(),
          npir::compareNetworks(**reference, **test, *data, samples,
                                /*batch=*/64, /*quiet=*/true, comparison))))
    return failure();
  return comparison;
}

static LogicalResult run(ArrayRef<char *> arguments, MLIRContext &context) {
  auto model = npir::loadModule(arguments[0], &context);
  if (!model)
    return failure();
  // Constants are shared with the copy.
  OwningOpRef<ModuleOp> quantized = model->clone();
  if (failed(quantize(*quantized, arguments[1])))
    return failure();
  auto comparison = compare(*quantized, *model, arguments[2]);
  if (failed(comparison))
    return failure();
  comparison->print(llvm::outs());
  return npir::writeProgram(*quantized, arguments[3]);
}

int main(int argc, char **argv) {
  if (argc != 5) {
    llvm::errs() << "usage: quantize MODEL CALIBRATION TEST OUTPUT.npx\n";
    return 1;
  }
  DialectRegistry registry;
  acme::registerDialects(registry);
  npir::registerAllDialects(registry);
  MLIRContext context(registry);
  npir::DiagnosticPrinter printer(&context);
  return printer.getExitCode(run({argv + 1, 4}, context));
}
