// This file implements the lowering of a module to a program in memory.
#include "npir/Conversion/Passes.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Dialect/XNN/IR/XNNDialect.h"
#include "npir/Execution/Network.h"
#include "npir/Serialization/NPX/NPX.h"

#include "mlir/Pass/PassManager.h"

using namespace mlir;
using namespace mlir::npir;

void mlir::npir::registerExecutionDialects(DialectRegistry &registry) {
  registry.insert<NPIRDialect, xnn::XNNDialect>();
}

FailureOr<std::shared_ptr<const npir_rt::Program>>
mlir::npir::compileToProgram(ModuleOp module) {
  FailureOr<func::FuncOp> func = getEntryFunction(module);
  if (failed(func))
    return failure();
  WalkResult foreign = func->walk([](QuantizableOpInterface op) {
    if (isa<NPIRDialect>(op->getDialect()))
      return WalkResult::advance();
    op->emitError("expected npir ops, got '")
        << op->getName()
        << "'; give the conversion to them, e.g. as lower=PASSES";
    return WalkResult::interrupt();
  });
  if (foreign.wasInterrupted())
    return failure();
  Station station = *getStation(*func);
  // The clone shares the constants; they are not copied.
  OwningOpRef<ModuleOp> copy = module.clone();
  PassManager pm(module.getContext(), ModuleOp::getOperationName());
  if (station == Station::Float)
    pm.addPass(createPreparePass());
  if (station != Station::Target)
    pm.addPass(createConvertNPIRToXNNPass());
  if (failed(pm.run(*copy)))
    return failure();
  return buildProgram(*copy);
}
