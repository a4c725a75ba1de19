// This file implements the registration of everything that NPIR has.
#include "npir/InitAll.h"
#include "npir/Conversion/Passes.h"
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Dialect/XNN/IR/XNNDialect.h"
#include "npir/Pipelines/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void mlir::npir::registerAllDialects(DialectRegistry &registry) {
  registry.insert<NPIRDialect, xnn::XNNDialect, func::FuncDialect,
                  quant::QuantDialect>();
}

void mlir::npir::registerAllPasses() {
  registerNPIRPasses();
  registerCanonicalizerPass();
  registerCSEPass();
  registerInlinerPass();
  registerSymbolDCEPass();
  registerNPIRConversionPasses();
  registerPipelines();
}
