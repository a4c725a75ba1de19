// This file makes NPIR a plugin of a driver that knows nothing of it, as
// mlir-opt:
//   mlir-opt --load-dialect-plugin=NPIRPlugin.so --load-pass-plugin=...
#include "npir/InitAll.h"

#include "mlir/Tools/Plugins/DialectPlugin.h"
#include "mlir/Tools/Plugins/PassPlugin.h"

using namespace mlir;

extern "C" LLVM_ATTRIBUTE_WEAK DialectPluginLibraryInfo
mlirGetDialectPluginInfo() {
  return {
      MLIR_PLUGIN_API_VERSION, "NPIR", NPIR_VERSION,
      [](DialectRegistry *registry) { npir::registerAllDialects(*registry); }};
}

extern "C" LLVM_ATTRIBUTE_WEAK PassPluginLibraryInfo mlirGetPassPluginInfo() {
  return {MLIR_PLUGIN_API_VERSION, "NPIR", NPIR_VERSION,
          npir::registerAllPasses};
}
