// This file is the driver of NPIR's passes.
#include "npir/InitAll.h"
#include "npir/Tools/OptMain.h"

int main(int argc, char **argv) {
  mlir::npir::registerAllPasses();
  mlir::DialectRegistry registry;
  mlir::npir::registerAllDialects(registry);
  return mlir::npir::optMain(
      argc, argv, "NPIR: post-training quantization of neural networks\n",
      registry);
}
