// This file declares what the patterns of --npir-prepare and of conversions
// match with: products as they are, whatever the order of their factors.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_PREPAREMATCH_H
#define NPIR_DIALECT_NPIR_TRANSFORMS_PREPAREMATCH_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "llvm/ADT/SetVector.h"

namespace mlir::npir {

/// The ops that a pattern has matched.
using Matched = llvm::SmallSetVector<Operation *, 16>;

/// The only element of the constant that defines `value`.
std::optional<double> getScalarConstant(Value value);

/// The operands of `op` if it is the function `kind` of two values and not
/// clamped.
std::optional<std::pair<Value, Value>>
matchBinary(Operation *op, npir_kernels::BinaryKind kind);
/// The operand of `op` if it is the function `kind` of one value.
Value matchUnary(Operation *op, npir_kernels::UnaryKind kind);

/// `constant` times all of `factors`.
struct Product {
  double constant = 1.0;
  SmallVector<Value, 4> factors;
};

/// `value` as a product of at most four factors. What makes the product is
/// added to `matched`: multiplications, divisions by constants and squares that
/// are used by nothing else. `value` itself is looked through in any case.
std::optional<Product> matchProduct(Value value, Matched &matched);

/// True if `a` is `b` within what constants of half precision leave.
bool isNear(double a, double b);

/// True if nothing but `root` of `matched` is used by other ops.
bool isClosed(const Matched &matched, Operation *root);

/// The location of an op of `kind` that replaces `matched`; `first` is the one
/// that tells most.
Location fuseMatched(const Matched &matched, Operation *first, StringRef kind);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_PREPAREMATCH_H
