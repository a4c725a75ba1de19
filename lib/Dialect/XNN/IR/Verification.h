// This file declares the checks that the xnn ops' verifiers share. Private to
// this library.
#ifndef NPIR_LIB_DIALECT_XNN_IR_VERIFICATION_H
#define NPIR_LIB_DIALECT_XNN_IR_VERIFICATION_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/XNN/IR/XNNOps.h"

namespace mlir::npir::xnn {

/// Rank, sizes and element type of an activation: f32, or signed 8-bit
/// integers with one scale and zero point that XNNPACK takes.
LogicalResult verifyActivation(Operation *op, Value value);
LogicalResult verifyActivations(Operation *op, ValueRange values);

/// verifyActivations; and all are f32, or all are quantized.
LogicalResult verifySameKind(Operation *op, ValueRange values);

/// verifyActivations of operands and result; and their element types are equal.
LogicalResult verifyEqualTypes(Operation *op);

/// Numpy's broadcasting, without a diagnostic. A dynamic batch meets a dynamic
/// one or a 1.
FailureOr<SmallVector<int64_t>> broadcastShapes(ArrayRef<int64_t> lhs,
                                                ArrayRef<int64_t> rhs);

LogicalResult verifyShape(Operation *op, ArrayRef<int64_t> expected);

/// `count` sizes, strides, ... of at least `least`, and not above what the
/// runtime takes.
LogicalResult verifyList(Operation *op, StringRef name,
                         ArrayRef<int64_t> values, size_t count, int64_t least);

/// Optional bounds: numbers, in order, and such that no stored value of a
/// quantized result is outside of its type's storage range. XNNPACK knows only
/// the range of the whole byte.
LogicalResult verifyBounds(Operation *op, std::optional<APFloat> min,
                           std::optional<APFloat> max, StringRef minName,
                           StringRef maxName);

/// Scale and zero point of a quantized activation.
float getScale(Value value);
int32_t getZeroPoint(Value value);

/// A sliding window over height and width.
struct Window {
  ArrayRef<int64_t> size;      ///< height, width
  ArrayRef<int64_t> padding;   ///< top, right, bottom, left
  ArrayRef<int64_t> strides;   ///< height, width
  ArrayRef<int64_t> dilations; ///< height, width
};

/// Check the window over `input` and compute the output's height and width.
FailureOr<std::pair<int64_t, int64_t>>
inferWindow(Operation *op, RankedTensorType input, const Window &window);

} // namespace mlir::npir::xnn

#endif // NPIR_LIB_DIALECT_XNN_IR_VERIFICATION_H
