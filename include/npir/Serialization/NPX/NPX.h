// This file declares the writer of programs (.npx) from MLIR.
#ifndef NPIR_SERIALIZATION_NPX_NPX_H
#define NPIR_SERIALIZATION_NPX_NPX_H

#include "npir/Runtime/Program.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/BuiltinTypes.h"

namespace mlir::npir {

/// Write the entry function of `module`, which is at station `target`, as a
/// program (docs/Architecture.md, "The program file"): to `path`, by way of a
/// temporary file and a rename. Constants go from their resources straight to
/// the file. Every op is checked against the runtime's kernels first. On
/// failure a diagnostic tells what is wrong, and `path` is as it was.
LogicalResult writeProgram(ModuleOp module, StringRef path);

/// The same program in memory. It outlives the module, not the context: large
/// constants are read where their resources are.
FailureOr<std::shared_ptr<const npir_rt::Program>>
buildProgram(ModuleOp module);

/// What a program holds the elements of `type` as; nothing where it cannot.
std::optional<npir_rt::ElementType> getElementType(RankedTensorType type);

} // namespace mlir::npir

#endif // NPIR_SERIALIZATION_NPX_NPX_H
