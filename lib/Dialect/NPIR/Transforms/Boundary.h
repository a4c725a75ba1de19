// This file declares the parts of --npir-set-boundary: what the inputs and
// outputs of a function are. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_BOUNDARY_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_BOUNDARY_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// What a tensor is on a function's boundary.
enum class PortKind { Float, Quantized, UInt8 };

/// How raw pixels stand for what the network reads: `(pixel - mean) / std`, one
/// number each, or one for each channel.
struct Normalization {
  SmallVector<double> mean, std;
};

/// Let the user give `argument`, of shape [N, C, ...], with its channels last:
/// the transposes to that layout below it go, and what reads it as it was gets
/// a transpose back. False where there is no such transpose.
bool moveChannelsLast(func::FuncOp func, BlockArgument argument);

/// True if a transpose of `argument` to channels last is below it.
bool hasChannelsLastBelow(BlockArgument argument);

/// Make `argument`, f32, what `kind` says. Failure after a diagnostic.
LogicalResult setInput(func::FuncOp func, BlockArgument argument, PortKind kind,
                       const Normalization &normalization);

/// The same for result number `index`.
LogicalResult setOutput(func::FuncOp func, unsigned index, PortKind kind);

/// The function's type follows its arguments and what it returns.
void updateFunctionType(func::FuncOp func);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_BOUNDARY_H
