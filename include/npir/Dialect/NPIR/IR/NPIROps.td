// This file gathers the operations of the npir dialect.
#ifndef NPIR_DIALECT_NPIR_IR_NPIROPS_TD
#define NPIR_DIALECT_NPIR_IR_NPIROPS_TD

include "npir/Dialect/NPIR/IR/NPIRElementwiseOps.td"
include "npir/Dialect/NPIR/IR/NPIRIndexOps.td"
include "npir/Dialect/NPIR/IR/NPIRNNOps.td"
include "npir/Dialect/NPIR/IR/NPIRNormOps.td"
include "npir/Dialect/NPIR/IR/NPIRQuantOps.td"
include "npir/Dialect/NPIR/IR/NPIRSpatialOps.td"
include "npir/Dialect/NPIR/IR/NPIRTensorOps.td"

#endif // NPIR_DIALECT_NPIR_IR_NPIROPS_TD
