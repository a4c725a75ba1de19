// This file declares how tensors are found that need not be recorded, because
// their parts are. Private to this library.
#ifndef NPIR_LIB_CALIBRATION_SPLITTENSORS_H
#define NPIR_LIB_CALIBRATION_SPLITTENSORS_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

namespace mlir::npir {

/// An observed tensor that is split into others, such as what one layer
/// computes for query, key and value: its values are theirs.
struct SplitTensor {
  struct Part {
    StringRef id;
    /// Channels of the whole that the part has: consecutive ones, behind those
    /// of the parts before it. The part's own channels repeat within them.
    int64_t channels = 0;
  };
  /// Its id.
  StringRef whole;
  /// In the order of their channels.
  SmallVector<Part, 4> parts;
};

/// The channel axis of the activation that `op` observes, or -1: its spec's,
/// its maker's, else the last.
int64_t getChannelAxis(ObserveOp op);

/// The split of which `view` is the whole, or, where `view` is a reshape, the
/// tensor that it has the values of. Its parts are the slices of `view` along
/// one axis, each observed, and each element of `view` is in one. The channels
/// of all are such as `Part` says; otherwise, nothing.
std::optional<SplitTensor> findSplit(ObserveOp view);

} // namespace mlir::npir

#endif // NPIR_LIB_CALIBRATION_SPLITTENSORS_H
