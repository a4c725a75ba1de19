// This file declares the xnn dialect: calls of XNNPACK.
#ifndef NPIR_DIALECT_XNN_IR_XNNDIALECT_H
#define NPIR_DIALECT_XNN_IR_XNNDIALECT_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "npir/Dialect/XNN/IR/XNNDialect.h.inc"
#include "npir/Dialect/XNN/IR/XNNEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "npir/Dialect/XNN/IR/XNNAttrs.h.inc"

#endif // NPIR_DIALECT_XNN_IR_XNNDIALECT_H
