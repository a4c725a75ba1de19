// This file declares the passes over the npir dialect.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_H
#define NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::npir {

#define GEN_PASS_DECL
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_H
