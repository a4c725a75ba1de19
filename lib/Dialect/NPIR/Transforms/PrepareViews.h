// This file declares views: values known as transposes and reshapes of others
// without an op that computes them. Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPAREVIEWS_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPAREVIEWS_H

#include "PrepareShapes.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"

namespace mlir::npir {

/// A value as `transpose(source, perm)`, then reshaped to `reshaped` if set.
struct View {
  Value source;
  Permutation perm;
  RankedTensorType reshaped;
  /// Where the last op stood that the view has swallowed; null for none.
  LocationAttr loc;
  /// The same for the last transpose before the reshape.
  LocationAttr transposeLoc = {};

  /// `value` as it is.
  static View of(Value value);
  bool isTransposed() const;
  bool isPlain() const { return !reshaped && !isTransposed(); }
  /// True if both do the same to sources of the same shape.
  bool doesAs(const View &other) const;
};

/// The views of a block's values, and the ops that make a view real. Each is
/// made once, where the builder first stood when it was asked for: the builder
/// only moves down the block.
class ViewMap {
public:
  explicit ViewMap(OpBuilder &builder) : builder(builder) {}

  /// What `value` is, in the program as it was written.
  View lookup(Value value) const;
  /// As lookup, but without a reshape, which is made real.
  View lookupTransposed(Value value);
  void set(Value value, View view);
  /// Let `op` yield `type`; what it yielded is from now on `view` of that.
  void setResult(Operation *op, Type type, View view);

  /// `value` as it was written.
  Value getPlain(Value value);
  /// `source` transposed by `perm`. `loc` is null, or that of the op that the
  /// result stands for. Constants are permuted, and what keeps the order in
  /// memory is a reshape.
  Value getTransposed(Value source, ArrayRef<int64_t> perm,
                      LocationAttr loc = {});
  /// `source` as `type`; reshapes of reshapes and of constants are resolved.
  Value getReshaped(Value source, RankedTensorType type, Location loc);

private:
  /// `moved`, made of `source`, quantized again and dequantized where that is a
  /// dequantized value: what reads it finds its quantized type, and not a bit
  /// is lost.
  Value keepQuantized(Value moved, Value source);

  OpBuilder &builder;
  DenseMap<Value, View> views;
  DenseMap<Value, Value> plainValues; // of views with a reshape
  /// Transposed forms of a value that exist already.
  DenseMap<Value, SmallVector<std::pair<Permutation, Value>, 1>> transposed;
  /// A value that was made as the transpose of another.
  DenseMap<Value, std::pair<Value, Permutation>> origins;
};

inline ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// The type of `value` with another shape.
inline RankedTensorType withShape(Value value, ArrayRef<int64_t> shape) {
  return cast<RankedTensorType>(value.getType()).clone(shape);
}

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PREPAREVIEWS_H
