// This file declares how single npir ops become xnn ops. Private to this
// library.
#ifndef NPIR_LIB_CONVERSION_NPIRTOXNN_LOWEROPS_H
#define NPIR_LIB_CONVERSION_NPIRTOXNN_LOWEROPS_H

#include "Segment.h"

namespace mlir::npir {

/// Build what computes `op` in `segment`, named as `op`. Failure, without a
/// diagnostic, where XNNPACK has nothing like it. What it returns may still
/// fail to verify: the verifiers know XNNPACK's limits.
FailureOr<Value> lowerToXNN(Operation *op, Segment &segment);

/// The same for the ops that only move values.
FailureOr<Value> lowerMove(Operation *op, Segment &segment);

/// The same for convolutions and linear layers.
FailureOr<Value> lowerMultiplyAccumulate(Operation *op, Segment &segment);

/// npir's order is [top, bottom, left, right], XNNPACK's clockwise.
inline SmallVector<int64_t> toXNNPadding(ArrayRef<int64_t> pads) {
  return {pads[0], pads[3], pads[1], pads[2]};
}

/// Real bounds as XNNPACK takes them; null where infinite.
struct RealBounds {
  FloatAttr min, max;
};

/// The bounds of `op`. Quantized, XNNPACK only knows the range of the whole
/// byte; where the type stores less, or the activation's bound falls outside,
/// the bound is the real number that the last storable integer stands for.
RealBounds getRealBounds(Operation *op);

/// The range of an op's stored results: what the quantized type stores, and
/// what a fused activation leaves of it. Nothing for a result in f32.
struct StoredRange {
  int64_t min, max;
};
std::optional<StoredRange> getStoredRange(Operation *op);

/// Compare the numbers of the `requant` attribute, if `op` has one, with those
/// that XNNPACK computes from the scales. A diagnostic of an internal error
/// tells the first difference.
LogicalResult checkRequant(Operation *op);

} // namespace mlir::npir

#endif // NPIR_LIB_CONVERSION_NPIRTOXNN_LOWEROPS_H
