// This file implements the taking away of observers, so that another
// configuration can set its own.
#include "ObservedSchemes.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/InsertObservers.h"

using namespace mlir;

namespace mlir::npir {

LogicalResult removeObservers(ModuleOp module) {
  FailureOr<SmallVector<func::FuncOp>> functions =
      getFunctionsAt(module, {Station::Observed, Station::Calibrated});
  if (failed(functions))
    return failure();
  for (func::FuncOp func : *functions) {
    func.walk([](Operation *op) {
      // What the former configuration left on the layers themselves.
      op->removeDiscardableAttr(NPIRDialect::kSchemeNoteAttrName);
      op->removeDiscardableAttr(kInputsAttrName);
      if (auto observe = dyn_cast<ObserveOp>(op)) {
        observe.getResult().replaceAllUsesWith(observe.getInput());
        observe.erase();
      }
    });
    setStation(func, Station::Prepared);
  }
  return success();
}

} // namespace mlir::npir
