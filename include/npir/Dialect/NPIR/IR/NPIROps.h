// This file declares the operations of the npir dialect.
#ifndef NPIR_DIALECT_NPIR_IR_NPIROPS_H
#define NPIR_DIALECT_NPIR_IR_NPIROPS_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#define GET_OP_CLASSES
#include "npir/Dialect/NPIR/IR/NPIROps.h.inc"

#endif // NPIR_DIALECT_NPIR_IR_NPIROPS_H
