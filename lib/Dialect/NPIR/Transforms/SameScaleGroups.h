// This file declares which observed tensors must share one quantized type.
// Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_SAMESCALEGROUPS_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_SAMESCALEGROUPS_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// The observed activations of `func` that are to be quantized, in groups that
/// share one type, because an op that only moves or selects values stands
/// between them (getSameScaleOperands). In program order by their first member,
/// as are the members. A tensor by itself is a group of one.
SmallVector<SmallVector<ObserveOp>> getSameScaleGroups(func::FuncOp func);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_SAMESCALEGROUPS_H
