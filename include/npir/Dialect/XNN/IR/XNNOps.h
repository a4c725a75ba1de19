// This file declares the operations of the xnn dialect.
#ifndef NPIR_DIALECT_XNN_IR_XNNOPS_H
#define NPIR_DIALECT_XNN_IR_XNNOPS_H

#include "npir/Dialect/XNN/IR/XNNDialect.h"

#define GET_OP_CLASSES
#include "npir/Dialect/XNN/IR/XNNOps.h.inc"

namespace mlir::npir::xnn {

/// A tensor's id (docs/Architecture.md), also for a value at the border of a
/// subgraph: a result of `xnn.subgraph` has the id of the yielded value, and a
/// block argument that of the operand.
std::string getTensorId(Value value);

} // namespace mlir::npir::xnn

#endif // NPIR_DIALECT_XNN_IR_XNNOPS_H
