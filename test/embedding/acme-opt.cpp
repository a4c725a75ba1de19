// This file is acme's driver of passes: its own and NPIR's.
#include "Acme.h"

#include "npir/InitAll.h"
#include "npir/Tools/OptMain.h"

int main(int argc, char **argv) {
  acme::registerPasses();
  mlir::npir::registerAllPasses();
  mlir::DialectRegistry registry;
  acme::registerDialects(registry);
  mlir::npir::registerAllDialects(registry);
  return mlir::npir::optMain(argc, argv, "acme: networks of acme\n", registry);
}
