// This file declares how a configuration is asked for the tensors of a
// function.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_TENSORQUERIES_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_TENSORQUERIES_H

#include "npir/Analysis/Subgraphs.h"
#include "npir/Analysis/TransformerRoles.h"
#include "npir/Config/ConfigResolver.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"

namespace mlir::npir {

/// A tensor to observe.
struct ObservedTensor {
  Role role = Role::Activation;
  /// Of a weight: the operands that read it.
  SmallVector<OpOperand *> uses;
};

/// What the configuration says of a tensor, and how the tensor was described.
struct TensorAnswer {
  ResolvedSpec resolved;
  /// The op type under which it was asked for.
  StringRef op;
  /// Only when asked for.
  std::vector<std::string> roleNames;
};

/// Asks for the tensors of one function. Made before any observer is there.
class TensorQueries {
public:
  TensorQueries(func::FuncOp func, const QuantConfig &config,
                ConfigResolver &resolver);

  /// An activation is asked for under the layer that makes it, a weight under
  /// each layer that reads it; the first of those decides, with a warning where
  /// another differs.
  TensorAnswer ask(Value value, const ObservedTensor &tensor,
                   bool wantsRoleNames);

private:
  TensorAnswer askFor(LayerQuery query, bool wantsRoleNames);
  /// The config's sub-graphs that hold `member`, an op or an input.
  template <typename T>
  SmallVector<const Subgraph *> getSubgraphs(T member) const;

  TransformerRoles roles;
  SmallVector<std::pair<const Subgraph *, SubgraphMembers>> subgraphs;
  ConfigResolver &resolver;
};

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_TENSORQUERIES_H
