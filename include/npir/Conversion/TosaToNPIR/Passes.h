// This file declares the pass that takes networks in TOSA in.
#ifndef NPIR_CONVERSION_TOSATONPIR_PASSES_H
#define NPIR_CONVERSION_TOSATONPIR_PASSES_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace mlir::npir {

#define GEN_PASS_DECL
#include "npir/Conversion/TosaToNPIR/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "npir/Conversion/TosaToNPIR/Passes.h.inc"

} // namespace mlir::npir

#endif // NPIR_CONVERSION_TOSATONPIR_PASSES_H
