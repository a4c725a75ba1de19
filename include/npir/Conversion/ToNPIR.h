// This file declares what a conversion of another dialect to npir ops needs
// beside MLIR's own means. Such a conversion sees a function in float
// (calibration) or at station `qdq`, where weights are constants behind
// npir.dequantize.
#ifndef NPIR_CONVERSION_TONPIR_H
#define NPIR_CONVERSION_TONPIR_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// Replace every npir.observe of `func` by its input: observers only look.
void dropObservers(func::FuncOp func);

/// Replace every f32 tensor constant of another dialect in `func` by an
/// npir.constant over the same bytes, with its name.
void convertConstants(func::FuncOp func);

/// `weight` with its dimensions permuted: result dimension `i` is dimension
/// `perm[i]`. `weight` is an f32 constant of any dialect, or what
/// npir.dequantize makes of a constant: then the integers are permuted, and the
/// axis of their scales moves with them. Names are kept. A diagnostic, and
/// failure, where `weight` is something else or `perm` is no permutation of its
/// dimensions.
FailureOr<Value> transposeWeight(OpBuilder &builder, Value weight,
                                 ArrayRef<int64_t> perm);

} // namespace mlir::npir

#endif // NPIR_CONVERSION_TONPIR_H
