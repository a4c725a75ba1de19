// This file declares how an op of many dimensions is one of few.
#ifndef NPIR_TARGETS_JOINEDDIMS_H
#define NPIR_TARGETS_JOINEDDIMS_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

namespace mlir::npir {

/// The shapes with which an op computes the same: neighbouring dimensions that
/// it treats alike are one. The first dimension, the batch, stays by itself.
struct JoinedDims {
  /// Of every operand; of a weight, bias or slope as it is.
  SmallVector<SmallVector<int64_t>> operands;
  SmallVector<int64_t> result;
  /// Of a reduction, in the joined operand.
  SmallVector<int64_t> axes;
  /// What comes before, where that alone leaves too many dimensions: the shapes
  /// that operands are repeated to (empty: none), and how the operand of a
  /// reduction is transposed (empty: not).
  SmallVector<SmallVector<int64_t>> repeated;
  SmallVector<int64_t> perm;

  /// The largest rank that is left.
  int64_t getRank() const;
};

/// How `op`, with the shapes that it has, is one of at most `maxRank`
/// dimensions (4 or more): functions of one and two tensors, conversions with
/// one scale, softmax, matrix products, linear layers and reductions. Nothing
/// for other ops.
std::optional<JoinedDims> joinDims(Operation *op, int64_t maxRank);

} // namespace mlir::npir

#endif // NPIR_TARGETS_JOINEDDIMS_H
