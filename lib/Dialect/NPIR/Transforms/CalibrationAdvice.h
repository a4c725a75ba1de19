// This file declares what users are told of statistics that work but are worth
// a thought. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Observers/StatisticsFile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// Collects what is found at one tensor after another, for one warning of each
/// kind.
class CalibrationAdvice {
public:
  /// `few` of `channels` channels have too few values for a percentile.
  void addFewValues(ObserveOp op, size_t few, size_t channels);
  /// The percentiles of channels do not follow sigma.
  void addWithoutSigma(ObserveOp op);
  /// A symmetric grid of unsigned integers is to hold negative values.
  void addNegative(ObserveOp op);

  /// Warn of all that was collected.
  void emit(MLIRContext *context) const;

private:
  std::vector<std::string> fewValues, withoutSigma, negative;
};

/// Warn, once for each observer, where activations of `functions` are observed
/// by one that wants more batches than `statistics` saw.
void warnOfFewBatches(MLIRContext *context, ArrayRef<func::FuncOp> functions,
                      const StatisticsFile &statistics);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_CALIBRATIONADVICE_H
