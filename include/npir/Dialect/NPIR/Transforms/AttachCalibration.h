// This file declares the attaching of statistics to observed functions.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_ATTACHCALIBRATION_H
#define NPIR_DIALECT_NPIR_TRANSFORMS_ATTACHCALIBRATION_H

#include "npir/Observers/StatisticsFile.h"

#include "mlir/IR/BuiltinOps.h"

namespace mlir::npir {

/// Resolve the quantized type of every observed tensor of `module` from
/// `statistics` (null: constants alone), called `name` in diagnostics: what
/// --npir-attach-calibration does. `explain`: a remark for each tensor.
LogicalResult attachCalibration(ModuleOp module,
                                const StatisticsFile *statistics,
                                StringRef name, bool explain = false);

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_ATTACHCALIBRATION_H
