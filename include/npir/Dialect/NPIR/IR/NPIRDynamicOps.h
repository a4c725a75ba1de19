// This file declares the operations of schemes that quantize activations at run
// time, or weights alone, and the type of their weights.
#ifndef NPIR_DIALECT_NPIR_IR_NPIRDYNAMICOPS_H
#define NPIR_DIALECT_NPIR_IR_NPIRDYNAMICOPS_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#define GET_OP_CLASSES
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h.inc"

namespace mlir::npir {

/// A type of signed integers of up to 8 bits that says nothing of their real
/// values, which scales beside the tensor tell: scale 1, zero point 0.
quant::UniformQuantizedType getIntegersOnlyType(MLIRContext *context,
                                                unsigned bits, int64_t min,
                                                int64_t max);

/// True for a tensor of such a type.
bool isIntegersOnly(Type type);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_NPIRDYNAMICOPS_H
