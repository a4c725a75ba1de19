// This file implements the registration of everything that NPIR has.
#include "npir/InitAll.h"
#include "npir/Conversion/Passes.h"
#include "npir/Conversion/TosaToNPIR/Passes.h"
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Dialect/XNN/IR/XNNDialect.h"
#include "npir/Pipelines/Pipelines.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Quant/IR/Quant.h"
#include "mlir/Dialect/Tosa/IR/TosaOps.h"
#include "mlir/Dialect/Tosa/Transforms/Passes.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

void mlir::npir::registerAllDialects(DialectRegistry &registry) {
  registry.insert<NPIRDialect, xnn::XNNDialect, func::FuncDialect,
                  quant::QuantDialect, tosa::TosaDialect>();
}

void mlir::npir::registerAllPasses() {
  registerNPIRPasses();
  registerCanonicalizerPass();
  registerCSEPass();
  registerInlinerPass();
  registerSymbolDCEPass();
  registerNPIRConversionPasses();
  registerNPIRTosaConversionPasses();
  // What makes shapes known before the conversion.
  tosa::registerTosaInferShapesPass();
  registerPipelines();
}
