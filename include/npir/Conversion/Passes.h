// This file declares the passes that convert the npir dialect to targets.
#ifndef NPIR_CONVERSION_PASSES_H
#define NPIR_CONVERSION_PASSES_H

#include "npir/Dialect/XNN/IR/XNNDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::npir {

#define GEN_PASS_DECL
#include "npir/Conversion/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "npir/Conversion/Passes.h.inc"

} // namespace mlir::npir

#endif // NPIR_CONVERSION_PASSES_H
