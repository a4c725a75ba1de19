// This file is the tool that turns a module at station `target` into the file
// that a device runs. The output appears under its name only when it is whole.
#include "npir/Dialect/NPIR/IR/DiagnosticPrinter.h"
#include "npir/InitAll.h"
#include "npir/Serialization/ModuleIO.h"
#include "npir/Serialization/NPX/NPX.h"
#include "npir/Support/StandardOutput.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"

using namespace mlir;
namespace cl = llvm::cl;

namespace {
enum class Translation { NPX };
} // namespace

static LogicalResult translate(Translation translation, ModuleOp module,
                               StringRef path) {
  switch (translation) {
  case Translation::NPX:
    return npir::writeProgram(module, path);
  }
  llvm_unreachable("unknown translation");
}

int main(int argc, char **argv) {
  llvm::InitLLVM init(argc, argv);
  npir::checkStandardOutputAtExit();
  cl::OptionCategory category("Translation");
  cl::opt<std::string> input(cl::Positional, cl::desc("<module>"),
                             cl::init("-"), cl::cat(category));
  cl::opt<std::string> output("o", cl::desc("File to write"),
                              cl::value_desc("file"), cl::Required,
                              cl::cat(category));
  cl::opt<Translation> translation(
      cl::desc("Translation:"), cl::Required, cl::cat(category),
      cl::values(clEnumValN(Translation::NPX, "npir-to-npx",
                            "The program for NPIR's runtime (.npx)")));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv, "NPIR: from a module to the file that a device runs\n");

  // A program is no text.
  if (output == "-") {
    llvm::errs() << "error: expected a file to write, got '-'\n";
    return 1;
  }
  if (llvm::sys::fs::equivalent(input, output)) {
    llvm::errs() << "error: " << input
                 << ": expected an output other than the module\n";
    return 1;
  }
  DialectRegistry registry;
  npir::registerAllDialects(registry);
  MLIRContext context(registry);
  context.printOpOnDiagnostic(false);
  npir::DiagnosticPrinter printer(&context);
  OwningOpRef<ModuleOp> module =
      npir::loadModule(input, &context, {/*exitOnCrash=*/true});
  if (!module)
    return printer.getExitCode(failure());
  return printer.getExitCode(translate(translation, *module, output));
}
