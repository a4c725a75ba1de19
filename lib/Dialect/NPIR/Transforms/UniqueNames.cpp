// This file implements the naming of every tensor of a model.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NamePool.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// Something that has a name: an op or an argument.
struct Named {
  Operation *op;
  BlockArgument argument;

  Location getLoc() const { return op ? op->getLoc() : argument.getLoc(); }
  void setName(StringRef name) const {
    Location loc = withLayerName(getLoc(), name);
    if (op)
      op->setLoc(loc);
    else
      BlockArgument(argument).setLoc(loc);
  }
};
} // namespace

/// Names that the passes after this one derive from a layer's.
static bool isReserved(StringRef name) {
  return name.ends_with(".quantize") || name.ends_with(".dequantize");
}

void mlir::npir::makeNamesUnique(ArrayRef<func::FuncOp> functions) {
  // All names that stay are claimed before the first new one is made, so that a
  // new name never takes the place of one that comes later.
  NamePool pool;
  SmallVector<Named> unnamed;
  auto visit = [&](Named named) {
    StringRef name = getLayerName(named.getLoc());
    bool isReservedFor = isa_and_nonnull<QuantizeOp, DequantizeOp>(named.op);
    if (name.empty() || (isReserved(name) && !isReservedFor) ||
        !pool.claim(name))
      unnamed.push_back(named);
  };
  for (func::FuncOp func : functions) {
    for (BlockArgument argument : func.getArguments())
      if (isa<TensorType>(argument.getType()))
        visit({nullptr, argument});
    func.walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (llvm::any_of(op->getResultTypes(), llvm::IsaPred<TensorType>))
        visit({op, {}});
    });
  }
  for (const Named &named : unnamed) {
    StringRef name = getLayerName(named.getLoc());
    if (!name.empty())
      named.setName(pool.make(name, 1));
    else if (named.op)
      named.setName(pool.make(named.op->getName().stripDialect(), 0));
    else if (std::string arg =
                 ("arg" + Twine(named.argument.getArgNumber())).str();
             pool.claim(arg))
      named.setName(arg);
    else
      named.setName(pool.make(arg, 1));
  }
}
