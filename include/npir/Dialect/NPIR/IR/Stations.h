// This file declares how functions carry their station and their target.
#ifndef NPIR_DIALECT_NPIR_IR_STATIONS_H
#define NPIR_DIALECT_NPIR_IR_STATIONS_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// The station of `func`; nothing for a function that is not on the road.
std::optional<Station> getStation(func::FuncOp func);

void setStation(func::FuncOp func, Station station);

/// The target that `func` is compiled for; empty where none is assigned.
StringRef getTarget(func::FuncOp func);

/// Functions of `module` that are on the road, after a check that each is at
/// one of `expected`. Otherwise a diagnostic that names the pass to run first.
/// A function without the attribute counts as `float` if it holds npir ops, or
/// others with QuantizableOpInterface; functions beside those are left out.
FailureOr<SmallVector<func::FuncOp>> getFunctionsAt(ModuleOp module,
                                                    ArrayRef<Station> expected);

/// The flag of the pass that leaves `station`, for diagnostics.
StringRef getPassThatLeaves(Station station);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_STATIONS_H
