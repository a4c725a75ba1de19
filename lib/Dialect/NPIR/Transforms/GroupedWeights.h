// This file declares the quantization of weights with a scale for every group
// of neighbours. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_GROUPEDWEIGHTS_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_GROUPEDWEIGHTS_H

#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"

namespace mlir::npir {

/// Set `resolved` of a weight in groups: the integers alone. The scales are a
/// function of the values; --npir-insert-qdq computes them, so that no type
/// holds hundreds of thousands.
LogicalResult resolveGroupedWeight(ObserveOp weight);

/// The weight that `op` observes as integers and scales, dequantized. Scales
/// have 8 significant bits (bfloat16), which is what XNNPACK stores; they are
/// rounded up before the weights are rounded to them.
DequantizeGroupsOp quantizeInGroups(OpBuilder &builder, ObserveOp op);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_GROUPEDWEIGHTS_H
