// This file declares the arithmetic of shapes that layout propagation needs. It
// knows no IR. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPARESHAPES_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPARESHAPES_H

#include "mlir/IR/BuiltinTypes.h"

#include <optional>

namespace mlir::npir {

using Permutation = SmallVector<int64_t, 4>;

/// 0, 1, ... rank-1.
Permutation identityPermutation(int64_t rank);

/// The permutation of `transpose(transpose(x, first), second)`.
Permutation composePermutations(ArrayRef<int64_t> first,
                                ArrayRef<int64_t> second);

Permutation invertPermutation(ArrayRef<int64_t> perm);

/// The permutation of `rank` dimensions that exchanges the last two.
Permutation swapLast(int64_t rank);

/// 0 for the identity, 1 where the last dimension stays and rows are copied
/// whole, else 2.
int getTransposeCost(ArrayRef<int64_t> perm);

/// True if a transpose by `perm` of a tensor of `shape` leaves the order in
/// memory: it moves only dimensions of size 1.
bool keepsMemoryOrder(ArrayRef<int64_t> shape, ArrayRef<int64_t> perm);

/// True if a tensor of shape `from` may be reshaped to `to` in one op: with a
/// dynamic batch both have one, and the rest of one divides the other's.
bool canReshape(ArrayRef<int64_t> from, ArrayRef<int64_t> to);

/// A reshape and then a transpose.
struct ReshapeTranspose {
  SmallVector<int64_t> shape;
  Permutation perm;
};

/// `reshape(transpose(x, perm), to)` as `transpose(reshape(x, .shape), .perm)`,
/// for x of shape `from`. Exists where each group of dimensions that the
/// reshape merges or splits lies together, in the same order, in x. For example
/// [N, H, W, C] by [0, 3, 1, 2] to [N, C, H*W] is [N, H*W, C] by [0, 2, 1].
std::optional<ReshapeTranspose> swapTransposeReshape(ArrayRef<int64_t> from,
                                                     ArrayRef<int64_t> perm,
                                                     ArrayRef<int64_t> to);

/// `transpose(reshape(x, to), perm)` as a reshape of `transpose(x, result)`,
/// for x of shape `from`. Exists where each group of dimensions that the
/// reshape merges or splits moves as a whole.
std::optional<Permutation> swapReshapeTranspose(ArrayRef<int64_t> from,
                                                ArrayRef<int64_t> to,
                                                ArrayRef<int64_t> perm);

/// How the columns of a matrix are to be permuted: dimension `i` of the wanted
/// order is dimension `perm[i]` of `shape`.
struct ColumnOrder {
  SmallVector<int64_t> shape;
  Permutation perm;
};

/// For `flat = reshape(transpose(x, perm), to)`, x of shape `from`: how flat's
/// last dimension, seen as `.shape`, is permuted to become the last dimension
/// of `reshape(x, to)`. Exists where the transpose moves only what the reshape
/// merges into the last dimension.
std::optional<ColumnOrder> getColumnOrder(ArrayRef<int64_t> from,
                                          ArrayRef<int64_t> perm,
                                          ArrayRef<int64_t> to);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPARESHAPES_H
