// This file declares the check of stations' contracts for passes that start
// with it. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_VERIFYCONTRACT_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_VERIFYCONTRACT_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// Check `func` against the contract of `station`, with one diagnostic for each
/// violation.
LogicalResult verifyContract(func::FuncOp func, Station station);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_VERIFYCONTRACT_H
