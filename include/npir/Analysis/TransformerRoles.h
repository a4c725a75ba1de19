// This file declares which parts tensors play in the transformer blocks of a
// function, found by structure, whatever the layers are called.
#ifndef NPIR_ANALYSIS_TRANSFORMERROLES_H
#define NPIR_ANALYSIS_TRANSFORMERROLES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// The role names (npir/Config/RoleNames.h) of the tensors of a function at
/// `prepared` or later, observed or not, while layers are on f32.
///
/// Attention is a softmax of the product of two activations, multiplied with a
/// third; scaling, bias, mask and whatever moves values may stand between. The
/// layers with weights that Q, K and V come from are `attn_qkv`, one or three;
/// the one behind is `attn_proj`, the next sum of two activations `residual1`.
///
/// An MLP is a linear layer on an activation function (of any number of
/// elementwise ops) of linear layers, whose result is added to what these read,
/// or to what the normalization before them reads: pre-norm and post-norm
/// blocks, also with gates (several `mlp_fc1`).
class TransformerRoles {
public:
  /// Linear in the number of ops.
  explicit TransformerRoles(func::FuncOp func);

  /// The names of an activation; of an observe op's result those of its
  /// operand.
  ArrayRef<StringRef> getRoles(Value tensor) const;
  /// The names of the weights of `layer`.
  ArrayRef<StringRef> getWeightRoles(Operation *layer) const;
  /// The activation lies in a block that was found, with a name or without.
  bool isInBlock(Value tensor) const;

private:
  using Names = SmallVector<StringRef, 1>;
  /// Tensors of blocks; not all have names.
  DenseMap<Value, Names> activations;
  DenseMap<Operation *, Names> weights;

  friend class BlockFinder;
};

} // namespace mlir::npir

#endif // NPIR_ANALYSIS_TRANSFORMERROLES_H
