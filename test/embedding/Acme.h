// This file declares the acme dialect and its conversion to npir ops.
#ifndef ACME_H
#define ACME_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "AcmeDialect.h.inc"
#define GET_OP_CLASSES
#include "Acme.h.inc"

namespace acme {

/// The dialect, arith for its constants, and what NPIR has to know of its ops.
void registerDialects(mlir::DialectRegistry &registry);

/// Turn acme ops into npir ops, in float or at station `qdq`.
mlir::LogicalResult convertToNPIR(mlir::ModuleOp module);

/// Register --convert-acme-to-npir.
void registerPasses();

} // namespace acme

#endif // ACME_H
