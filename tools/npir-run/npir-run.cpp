// This file is the tool that runs, times and compares networks.
#include "Run.h"

#include "npir/Dialect/NPIR/IR/DiagnosticPrinter.h"
#include "npir/InitAll.h"
#include "npir/Support/StandardOutput.h"

using namespace mlir;

int main(int argc, char **argv) {
  npir::checkStandardOutputAtExit();
  npir_run::Options options = npir_run::parseOptions(argc, argv);
  DialectRegistry registry;
  npir::registerAllDialects(registry);
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  npir::DiagnosticPrinter printer(&context);
  if (failed(npir_run::checkOptions(options, &context)))
    return printer.getExitCode(failure());
  auto action = options.benchmark           ? npir_run::benchmark
                : !options.compare.empty()  ? npir_run::compare
                : !options.checkOps.empty() ? npir_run::checkOps
                : !options.quantizationProfile.empty()
                    ? npir_run::profileQuantization
                    : npir_run::run;
  return printer.getExitCode(action(options, &context));
}
