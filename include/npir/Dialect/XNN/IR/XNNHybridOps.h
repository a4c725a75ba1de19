// This file declares the operations of the xnn dialect on float activations and
// integer weights.
#ifndef NPIR_DIALECT_XNN_IR_XNNHYBRIDOPS_H
#define NPIR_DIALECT_XNN_IR_XNNHYBRIDOPS_H

#include "npir/Dialect/XNN/IR/XNNOps.h"

#define GET_OP_CLASSES
#include "npir/Dialect/XNN/IR/XNNHybridOps.h.inc"

#endif // NPIR_DIALECT_XNN_IR_XNNHYBRIDOPS_H
