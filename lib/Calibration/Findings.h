// This file declares the warnings about tensors that calibration has seen.
// Private to this library.
#ifndef NPIR_LIB_CALIBRATION_FINDINGS_H
#define NPIR_LIB_CALIBRATION_FINDINGS_H

#include "Recorders.h"

namespace mlir::npir {

/// Warn of tensors in `file` that are constant, all zero, not finite, or were
/// never recorded: one warning each, with its layer, at most 20 of a kind.
/// Under `strict` non-finite values are errors, and a failure.
LogicalResult reportFindings(const Recorders &recorders,
                             const StatisticsFile &file, bool strict);

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_FINDINGS_H
