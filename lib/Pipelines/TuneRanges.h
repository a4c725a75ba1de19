// This file declares attaching where the samples are at hand. Private to this
// library.
#ifndef NPIR_LIB_PIPELINES_TUNERANGES_H
#define NPIR_LIB_PIPELINES_TUNERANGES_H

#include "npir/Calibration/ClipWeightSearch.h"

namespace mlir::npir {

/// Attach `statistics`, called `name`. Where an activation has the observer
/// `auto`, with the clip weights that bring the network's output closest to the
/// float one's; the module keeps them, and a remark tells of them unless
/// `quiet`.
LogicalResult attachTuned(ModuleOp module, const StatisticsFile &statistics,
                          StringRef name, const ClipWeightOptions &options);

} // namespace mlir::npir

#endif // NPIR_LIB_PIPELINES_TUNERANGES_H
