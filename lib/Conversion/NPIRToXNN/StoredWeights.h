// This file declares the lowering of layers whose weights alone are stored as
// integers. Private to this library.
#ifndef NPIR_LIB_CONVERSION_NPIRTOXNN_STOREDWEIGHTS_H
#define NPIR_LIB_CONVERSION_NPIRTOXNN_STOREDWEIGHTS_H

#include "Segment.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// `op` dequantizes a constant, and all that read it are layers which take the
/// constant itself. Such an op has no lowering of its own.
bool isStoredWeight(Operation *op);

/// Turn the constants that the function dequantizes into f32 constants, but for
/// stored weights: XNNPACK packs weights when a network is loaded.
void foldDequantizedConstants(func::FuncOp func);

/// The filter of a float convolution: its integers where they are stored.
Value useFilter(Segment &segment, Value filter);

/// A linear layer of float activations and stored weights.
Value lowerWithStoredWeight(LinearOp op, Segment &segment);
/// A linear layer that quantizes its activations at run time.
Value lowerDynamic(DynamicLinearOp op, Segment &segment);

} // namespace mlir::npir

#endif // NPIR_LIB_CONVERSION_NPIRTOXNN_STOREDWEIGHTS_H
