// This file implements the fusion of relu and clamp into the op before them.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

bool mlir::npir::fuseActivation(UnaryOpInterface op) {
  npir_kernels::UnaryFunction function = op.getUnaryFunction();
  Value input = op->getOperand(0);
  auto producer = input.getDefiningOp<ClampedOpInterface>();
  if (function.kind != npir_kernels::UnaryKind::Clamp || !producer ||
      !input.hasOneUse())
    return false;
  auto [min, max] = producer.getClampRange();
  min = std::max(min, function.a);
  max = std::min(max, function.b);
  // Ranges that do not overlap make a constant, which no range expresses.
  if (!(min < max))
    return false;
  producer.setClampRange(min, max);
  producer->setLoc(fuseLocations({producer->getLoc(), op->getLoc()}));
  op->getResult(0).replaceAllUsesWith(input);
  op->erase();
  return true;
}

void mlir::npir::fuseActivations(func::FuncOp func) {
  for (Block &block : func.getBody())
    // In the order of the program, so that a chain folds from its start.
    for (Operation &op : llvm::make_early_inc_range(block))
      if (auto unary = dyn_cast<UnaryOpInterface>(op))
        fuseActivation(unary);
}
