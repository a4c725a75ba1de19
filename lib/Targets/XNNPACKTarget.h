// This file declares the XNNPACK target. Private to this library.
#ifndef NPIR_LIB_TARGETS_XNNPACKTARGET_H
#define NPIR_LIB_TARGETS_XNNPACKTARGET_H

#include "npir/Targets/Target.h"

namespace mlir::npir {

const Target *getXNNPACKTarget();

/// The rows of XNNPACK's table.
ArrayRef<TargetRow> getXNNPACKTable();

} // namespace mlir::npir

#endif // NPIR_LIB_TARGETS_XNNPACKTARGET_H
