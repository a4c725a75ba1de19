// This file is the driver of NPIR's passes.
#include "npir/InitAll.h"

#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::npir::registerAllPasses();
  mlir::DialectRegistry registry;
  mlir::npir::registerAllDialects(registry);
  return mlir::asMainReturnCode(
      mlir::MlirOptMain(argc, argv, "NPIR optimizer driver\n", registry));
}
