// This file implements the naming of TOSA ops that have no layer name.
#include "Converter.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NamePool.h"

using namespace mlir;
using namespace mlir::npir;

/// What the op of `use` calls the constant that it reads there.
static StringRef getConstantRole(OpOperand &use) {
  Operation *op = use.getOwner();
  unsigned index = use.getOperandNumber();
  if (isa<tosa::Conv2DOp, tosa::DepthwiseConv2DOp, tosa::TransposeConv2DOp>(op))
    return index == 0   ? ".constant"
           : index == 1 ? ".weight"
           : index == 2 ? ".bias"
                        : ".zero_point";
  if (isa<tosa::MatMulOp>(op))
    return index < 2 ? ".weight" : ".zero_point";
  if (isa<tosa::AvgPool2dOp, tosa::NegateOp>(op) && index > 0)
    return ".zero_point";
  if (isa<tosa::MulOp>(op) && index == 2)
    return ".shift";
  return ".constant";
}

void mlir::npir::nameTosaOps(func::FuncOp func) {
  // All names that stay are claimed before the first new one is made.
  NamePool pool;
  for (BlockArgument argument : func.getArguments())
    pool.claim(getLayerName(argument.getLoc()));
  SmallVector<Operation *> constants;
  for (Operation &op : func.getBody().front())
    pool.claim(getLayerName(&op));
  for (Operation &op : func.getBody().front().without_terminator()) {
    if (!getLayerName(&op).empty())
      continue;
    if (op.hasTrait<OpTrait::ConstantLike>())
      constants.push_back(&op);
    else
      op.setLoc(withLayerName(op.getLoc(),
                              pool.make(op.getName().stripDialect(), 0)));
  }
  for (Operation *op : constants) {
    if (op->use_empty())
      continue;
    // Users are listed from the last to the first.
    OpOperand *first = &*op->use_begin();
    for (OpOperand &use : op->getUses())
      if (use.getOwner()->isBeforeInBlock(first->getOwner()))
        first = &use;
    std::string name =
        (getLayerName(first->getOwner()) + getConstantRole(*first)).str();
    op->setLoc(withLayerName(op->getLoc(),
                             pool.claim(name) ? name : pool.make(name, 1)));
  }
}
