// This file declares what the ops with weights and windows share: shapes and
// roles. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_IR_WINDOW_H
#define NPIR_LIB_DIALECT_NPIR_IR_WINDOW_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

namespace mlir::npir::detail {

/// Height and width, or failure after a diagnostic at `loc`.
using WindowSize = FailureOr<std::pair<int64_t, int64_t>>;

/// Check that `values` are `count` numbers of at least `least`, and that they
/// fit 32 bits; `name` is what the diagnostic calls them.
LogicalResult checkNumbers(StringRef name, ArrayRef<int64_t> values,
                           size_t count, int64_t least, Location loc);

/// Check the kernel, the strides and the dilations `[height, width]` and the
/// pads `[top, bottom, left, right]` of a window over NHWC `input`, which has
/// static height and width.
LogicalResult checkWindow(RankedTensorType input, ArrayRef<int64_t> kernel,
                          ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                          ArrayRef<int64_t> dilations, Location loc);

/// checkWindow; and how often the window fits the padded input.
WindowSize inferWindow(RankedTensorType input, ArrayRef<int64_t> kernel,
                       ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                       ArrayRef<int64_t> dilations, Location loc);

/// checkWindow for a pool; and that no window is padding alone.
WindowSize inferPool(RankedTensorType input, ArrayRef<int64_t> kernel,
                     ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                     ArrayRef<int64_t> dilations, Location loc);

/// A bias, where there is one, is `[channels]`.
LogicalResult checkBias(Value bias, int64_t channels, Location loc);

/// Each of `parameters` is `[channels]`; `names` is what the diagnostic calls
/// them.
LogicalResult checkChannelParameters(ValueRange parameters, int64_t channels,
                                     StringRef names, Location loc);

/// Input, weight and bias of every layer that multiplies and accumulates.
Role getLayerRole(unsigned index);

} // namespace mlir::npir::detail

#endif // NPIR_LIB_DIALECT_NPIR_IR_WINDOW_H
