// This file implements which observed tensors must share one quantized type.
#include "SameScaleGroups.h"
#include "QuantizeUtils.h"

#include "llvm/ADT/EquivalenceClasses.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace mlir::npir;

static bool isQuantizedActivation(ObserveOp observe) {
  return observe && observe.getRole() == Role::Activation && needsType(observe);
}

SmallVector<SmallVector<ObserveOp>>
mlir::npir::getSameScaleGroups(func::FuncOp func) {
  llvm::EquivalenceClasses<Operation *> classes;
  SmallVector<ObserveOp> observes;
  func.walk([&](Operation *op) {
    if (auto observe = dyn_cast<ObserveOp>(op)) {
      if (isQuantizedActivation(observe)) {
        observes.push_back(observe);
        classes.insert(observe);
      }
      return;
    }
    auto quantizable = dyn_cast<QuantizableOpInterface>(op);
    if (!quantizable || op->getNumResults() == 0)
      return;
    ObserveOp result = getObservation(op->getResult(0));
    if (!isQuantizedActivation(result))
      return;
    for (unsigned index : quantizable.getSameScaleOperands()) {
      ObserveOp operand = getObservation(op->getOperand(index));
      if (isQuantizedActivation(operand))
        classes.unionSets(operand, result);
    }
  });
  llvm::MapVector<Operation *, SmallVector<ObserveOp>> groups;
  for (ObserveOp observe : observes)
    groups[classes.getLeaderValue(observe)].push_back(observe);
  SmallVector<SmallVector<ObserveOp>> result;
  for (auto &[leader, members] : groups)
    result.push_back(std::move(members));
  return result;
}
