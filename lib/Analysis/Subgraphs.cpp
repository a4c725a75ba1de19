// This file implements the search for the layers between two others.
#include "npir/Analysis/Subgraphs.h"

#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::npir;

static bool matchesAny(ArrayRef<NamePattern> patterns, StringRef name) {
  return llvm::any_of(patterns, [&](const NamePattern &pattern) {
    return pattern.matches(name);
  });
}

SubgraphMembers::SubgraphMembers(func::FuncOp func, const Subgraph &subgraph) {
  SmallVector<Operation *> ops;
  func.walk([&](Operation *op) {
    if (op != func && !matchPattern(op, m_Constant()))
      ops.push_back(op);
  });

  // In the order of the program, what comes from the start; against it, what
  // of that leads to the end.
  DenseSet<Value> reached;
  for (BlockArgument argument : func.getArguments())
    if (matchesAny(subgraph.from, getInputName(func, argument.getArgNumber())))
      reached.insert(argument);
  for (Operation *op : ops)
    if (matchesAny(subgraph.from, getLayerName(op)) ||
        llvm::any_of(op->getOperands(),
                     [&](Value value) { return reached.contains(value); }))
      reached.insert_range(op->getResults());
  auto leadsOn = [&](Value value) {
    return reached.contains(value) &&
           llvm::any_of(value.getUsers(),
                        [&](Operation *user) { return layers.contains(user); });
  };
  for (Operation *op : llvm::reverse(ops))
    if (llvm::any_of(op->getResults(), leadsOn) ||
        (matchesAny(subgraph.to, getLayerName(op)) &&
         llvm::any_of(op->getResults(),
                      [&](Value value) { return reached.contains(value); })))
      layers.insert(op);
  for (BlockArgument argument : func.getArguments())
    if (leadsOn(argument))
      inputs.insert(argument);
}
