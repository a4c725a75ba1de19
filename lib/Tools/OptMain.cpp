// This file implements the driver of passes.
#include "npir/Tools/OptMain.h"
#include "npir/Dialect/NPIR/IR/DiagnosticPrinter.h"
#include "npir/Serialization/ModuleIO.h"
#include "npir/Support/AtomicFile.h"
#include "npir/Support/StandardOutput.h"

#include "mlir/IR/AsmState.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Support/FileUtilities.h"
#include "mlir/Support/Timing.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"

using namespace mlir;

/// Change the default of an upstream flag before the command line is read.
static void setDefault(StringRef name, bool value) {
  auto option = llvm::cl::getRegisteredOptions().find(name);
  if (option != llvm::cl::getRegisteredOptions().end())
    static_cast<llvm::cl::opt<bool> *>(option->second)->setInitialValue(value);
}

/// True if the options ask for what only upstream's driver does.
static bool isTestRun(const MlirOptMainConfig &config) {
  return config.shouldVerifyDiagnostics() || config.shouldRunReproducer() ||
         !config.inputSplitMarker().empty() || config.shouldVerifyRoundtrip() ||
         config.shouldElideResourceDataFromBytecode() ||
         config.bytecodeVersionToEmit() || config.shouldUseExplicitModule() ||
         config.shouldListPasses() || config.shouldDumpPassPipeline();
}

static LogicalResult runTest(StringRef input, StringRef output,
                             DialectRegistry &registry,
                             const MlirOptMainConfig &config) {
  std::string message;
  auto buffer = openInputFile(input, &message);
  if (!buffer) {
    llvm::errs() << "error: " << message << "\n";
    return failure();
  }
  std::string text;
  llvm::raw_string_ostream os(text);
  if (failed(MlirOptMain(os, std::move(buffer), registry, config)))
    return failure();
  if (llvm::Error error = npir::writeFileAtomically(
          output, [&](raw_ostream &out) { out << text; })) {
    llvm::errs() << "error: " << llvm::toString(std::move(error)) << "\n";
    return failure();
  }
  return success();
}

static LogicalResult runModel(StringRef input, StringRef output,
                              MLIRContext &context,
                              const MlirOptMainConfig &config) {
  OwningOpRef<ModuleOp> module =
      npir::loadModule(input, &context, {/*exitOnCrash=*/true});
  if (!module)
    return failure();
  DefaultTimingManager timing;
  applyDefaultTimingManagerCLOptions(timing);
  TimingScope scope = timing.getRootScope();
  PassManager pm(&context, ModuleOp::getOperationName());
  pm.enableVerifier(config.shouldVerifyPasses());
  if (failed(applyPassManagerCLOptions(pm)))
    return failure();
  pm.enableTiming(scope);
  if (failed(config.setupPassPipeline(pm)) || failed(pm.run(*module)))
    return failure();
  return npir::saveModule(*module, output,
                          config.shouldEmitBytecode()
                              ? npir::ModuleFormat::Bytecode
                              : npir::ModuleFormat::ByExtension,
                          OpPrintingFlags());
}

int mlir::npir::optMain(int argc, char **argv, StringRef overview,
                        DialectRegistry &registry) {
  checkStandardOutputAtExit();
  // The names of layers live in locations, and diagnostics carry them.
  registerAsmPrinterCLOptions();
  registerMLIRContextCLOptions();
  setDefault("mlir-print-debuginfo", true);
  setDefault("mlir-print-op-on-diagnostic", false);
  auto [input, output] =
      registerAndParseCLIOptions(argc, argv, overview, registry);
  // Replacing it would be safe, but then the model would be gone.
  if (llvm::sys::fs::equivalent(input, output)) {
    llvm::errs() << "error: " << input
                 << ": expected an output other than the model\n";
    return 1;
  }
  // Told before anything is computed.
  if (llvm::Error error = npir::checkWritable(output)) {
    llvm::errs() << "error: " << llvm::toString(std::move(error)) << "\n";
    return 1;
  }
  MlirOptMainConfig config = MlirOptMainConfig::createFromCLOptions();
  if (StringRef(output).ends_with(".mlirbc") &&
      config.inputSplitMarker().empty())
    config.emitBytecode(true);
  if (isTestRun(config))
    return asMainReturnCode(runTest(input, output, registry, config));
  MLIRContext context(registry);
  context.allowUnregisteredDialects(config.shouldAllowUnregisteredDialects());
  npir::DiagnosticPrinter printer(&context);
  return printer.getExitCode(runModel(input, output, context, config));
}
