// This file implements the order of values' uses in memory.
#include "UseLists.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLExtras.h"

using namespace mlir;

static void sortUses(Value value,
                     const llvm::DenseMap<Operation *, unsigned> &positions) {
  using Position = std::pair<unsigned, unsigned>; // of the op; operand number
  SmallVector<Position> uses;
  for (OpOperand &use : value.getUses())
    uses.push_back({positions.lookup(use.getOwner()), use.getOperandNumber()});
  if (llvm::is_sorted(uses, std::greater<Position>()))
    return;
  auto order = llvm::to_vector(llvm::seq<unsigned>(0, uses.size()));
  llvm::sort(order, [&](unsigned a, unsigned b) { return uses[a] > uses[b]; });
  // The place of each use, in the order that it has now.
  SmallVector<unsigned> places(order.size());
  for (auto [place, use] : llvm::enumerate(order))
    places[use] = place;
  value.shuffleUseList(places);
}

void mlir::npir::sortUseLists(ModuleOp module) {
  llvm::DenseMap<Operation *, unsigned> positions;
  module.walk<WalkOrder::PreOrder>(
      [&](Operation *op) { positions[op] = positions.size(); });
  module.walk([&](Operation *op) {
    for (Value result : op->getResults())
      sortUses(result, positions);
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument : block.getArguments())
          sortUses(argument, positions);
  });
}
