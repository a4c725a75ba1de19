// This file declares which layers lie between two others.
#ifndef NPIR_ANALYSIS_SUBGRAPHS_H
#define NPIR_ANALYSIS_SUBGRAPHS_H

#include "npir/Config/QuantConfig.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseSet.h"

namespace mlir::npir {

/// The layers and inputs of `func` on a path from what `subgraph.from` names to
/// what `subgraph.to` names, these included; no constants. Linear in the number
/// of ops.
class SubgraphMembers {
public:
  SubgraphMembers(func::FuncOp func, const Subgraph &subgraph);

  bool contains(Operation *layer) const { return layers.contains(layer); }
  bool contains(BlockArgument input) const { return inputs.contains(input); }

private:
  DenseSet<Operation *> layers;
  DenseSet<Value> inputs;
};

} // namespace mlir::npir

#endif // NPIR_ANALYSIS_SUBGRAPHS_H
