// This file declares what users are told of statistics that work but are worth
// a thought. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Observers/StatisticsFile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"

namespace mlir::npir {

/// Collects what is found at one tensor after another, for one warning of each
/// kind.
class CalibrationAdvice {
public:
  /// `detail` is for this tensor, `text` for all that it is said of.
  void add(ObserveOp op, std::string text, std::string detail = "");

  /// Warn, once for each text, with the first tensors' names.
  void emit(MLIRContext *context) const;

private:
  llvm::MapVector<std::string, std::vector<std::string>,
                  llvm::StringMap<unsigned>>
      tensorsByText;
};

/// Warn, once for each observer, where activations of `functions` are observed
/// by one that wants more batches than `statistics` saw.
void warnOfFewBatches(MLIRContext *context, ArrayRef<func::FuncOp> functions,
                      const StatisticsFile &statistics);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H
