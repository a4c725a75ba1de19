// This file declares what users are told of statistics that work but are worth
// a thought. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Observers/StatisticsFile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// Warn, once for each observer, where activations of `functions` are observed
/// by one that wants more batches than `statistics` saw.
void warnOfFewBatches(MLIRContext *context, ArrayRef<func::FuncOp> functions,
                      const StatisticsFile &statistics);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H
