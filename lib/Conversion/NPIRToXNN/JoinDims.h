// This file declares the step that brings layers of many dimensions down to
// what XNNPACK has. Private to this library.
#ifndef NPIR_LIB_CONVERSION_NPIRTOXNN_JOINDIMS_H
#define NPIR_LIB_CONVERSION_NPIRTOXNN_JOINDIMS_H

#include "npir/Targets/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// What `target` itself computes, on tensors of more dimensions than XNNPACK
/// has, it computes on tensors with joined dimensions, between reshapes, which
/// run on a kernel of NPIR. The last of these keeps the layer's name, and so
/// the tensor its id.
void joinManyDims(func::FuncOp func, const Target &target);

} // namespace mlir::npir

#endif // NPIR_LIB_CONVERSION_NPIRTOXNN_JOINDIMS_H
