// This file declares the transposition and the reshaping of constants.
#ifndef NPIR_DIALECT_NPIR_IR_PERMUTECONSTANT_H
#define NPIR_DIALECT_NPIR_IR_PERMUTECONSTANT_H

#include "npir/Dialect/NPIR/IR/Constants.h"

namespace mlir::npir {

/// A new constant of type `type`, named by `loc`, whose bytes `fill` writes
/// straight into their final place.
ConstantOp createFilledConstant(OpBuilder &builder, Location loc,
                                RankedTensorType type,
                                function_ref<void(MutableArrayRef<char>)> fill);

/// A new constant of type `type`, named by `loc`, with the elements of `value`
/// permuted: result dimension `i` is dimension `perm[i]` of the elements seen
/// as `shape`, which keeps their order in memory. Each element is written once.
ConstantOp permuteConstant(OpBuilder &builder, Location loc, ElementsAttr value,
                           ArrayRef<int64_t> shape, ArrayRef<int64_t> perm,
                           RankedTensorType type);

/// `constant` in another shape. Its bytes are shared, not copied.
ConstantOp reshapeConstant(OpBuilder &builder, ConstantOp constant,
                           RankedTensorType type);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_PERMUTECONSTANT_H
