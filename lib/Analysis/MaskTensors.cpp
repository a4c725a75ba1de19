// This file implements the search for tensors that mask out scores of
// attention.
#include "npir/Analysis/MaskTensors.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/MaskFill.h"

using namespace mlir;
using namespace mlir::npir;

/// Hands numbers on: they move, are selected, or meet others element by
/// element.
static bool handsOn(Operation *op) {
  if (isa<BinaryOpInterface, WhereOp>(op))
    return true;
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  return quantizable && quantizable.getArithmetic() == Arithmetic::Copy;
}

static bool holdsFill(ConstantOp constant) {
  ElementsAttr value = constant.getValue();
  if (!value.getElementType().isF32())
    return false;
  if (auto dense = dyn_cast<DenseElementsAttr>(value);
      dense && dense.isSplat())
    return isMaskFill(dense.getSplatValue<float>());
  ConstantBytes bytes(value);
  return llvm::any_of(bytes.as<float>(), isMaskFill);
}

MaskTensors::MaskTensors(func::FuncOp func) {
  // Softmaxes are few: where there is none, no constant is looked at.
  SmallVector<Value> wanted;
  func.walk([&](SoftmaxOp op) { wanted.push_back(op.getInput()); });
  if (wanted.empty())
    return;
  DenseMap<Operation *, bool> constants;
  DenseSet<Value> filled;
  auto isFilled = [&](Value value) {
    auto constant = value.getDefiningOp<ConstantOp>();
    if (!constant)
      return filled.contains(value);
    auto [entry, isNew] = constants.try_emplace(constant);
    if (isNew)
      entry->second = holdsFill(constant);
    return entry->second;
  };
  // In the order of the program, so that operands are known; without recursion,
  // for networks may be deep.
  func.walk([&](Operation *op) {
    if (op->getNumResults() == 1 && handsOn(op) &&
        llvm::any_of(op->getOperands(), isFilled))
      filled.insert(op->getResult(0));
  });
  while (!wanted.empty()) {
    Value value = wanted.pop_back_val();
    if (!isFilled(value) || !masks.insert(value).second)
      continue;
    if (Operation *op = value.getDefiningOp(); op && handsOn(op))
      llvm::append_range(wanted, op->getOperands());
  }
}
