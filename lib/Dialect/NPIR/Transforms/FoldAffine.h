// This file declares how a factor and a shift per channel become part of the
// layer before them. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_FOLDAFFINE_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_FOLDAFFINE_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

namespace mlir::npir {

/// `y = x * factor[c] + shift[c]`, one of each for every channel.
struct Affine {
  SmallVector<double> factor, shift;
};

/// A layer whose result is linear in its constants: one that multiplies and
/// accumulates with weights, or a layer normalization.
struct AffineLayer {
  Operation *op;
  OpOperand *weight;
  OpOperand *bias; // null for none
  int64_t channelAxis;

  /// "weight" or "bias" if that one is not a constant; empty if both are.
  StringRef findComputed() const;

  /// Whether the layer can compute `affine`: a weight that is stored as
  /// integers is not multiplied.
  bool accepts(const Affine &affine) const;

  /// Let the layer compute `affine` of what it computes, whose op had the
  /// location `loc`. In double, rounded to f32 once; a weight that keeps its
  /// values is not copied.
  void fold(const Affine &affine, Location loc) const;
};

/// The layer that makes `value`, which has one use and is not clamped.
std::optional<AffineLayer> getAffineLayer(Value value);

/// Make `norm` (over the last axis) part of the layer before it, or a 1x1
/// depthwise convolution. Fails where a parameter is not constant or gives no
/// finite numbers.
LogicalResult foldBatchNorm(BatchNormOp norm);

/// Make `op` part of the layer before it if it is a sum or product with a
/// constant, one number for each channel or one for all.
void foldChannelOp(Operation *op);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_FOLDAFFINE_H
