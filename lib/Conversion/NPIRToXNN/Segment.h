// This file declares an xnn.subgraph under construction. Private to this
// library.
#ifndef NPIR_LIB_CONVERSION_NPIRTOXNN_SEGMENT_H
#define NPIR_LIB_CONVERSION_NPIRTOXNN_SEGMENT_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/XNN/IR/XNNOps.h"

#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"

namespace mlir::npir {

/// Collects npir ops as one subgraph. The npir ops stay until `close`.
class Segment {
public:
  /// A segment whose first op will be `first`.
  explicit Segment(Operation *first);
  Segment(const Segment &) = delete;
  Segment &operator=(const Segment &) = delete;

  /// Where xnn ops are built.
  OpBuilder &getBuilder() { return builder; }

  /// The value that stands inside for `outside`: what the segment made of it,
  /// a copy of the constant that it is (which shares the constant's data), or
  /// a capture.
  Value use(Value outside);
  /// The constant `outside` as one of another type over the same data.
  Value useConstant(Value outside, RankedTensorType type);

  /// Take `op`, which `lower` builds inside and returns the result of. If that
  /// fails, or what was built is not valid, the segment stays as it was and
  /// `problem` tells why.
  LogicalResult add(Operation *op,
                    function_ref<FailureOr<Value>(Segment &)> lower,
                    std::string &problem);

  bool isEmpty() const { return taken.empty(); }

  /// Replace the npir ops by the subgraph, which is inserted before `next`, the
  /// op behind the last one taken.
  void close(Operation *next);

private:
  void prune();

  /// Without results: those are known at the end.
  xnn::SubgraphOp subgraph;
  OpBuilder builder;
  llvm::DenseMap<Value, Value> inside;
  /// Constants by the type that they have inside.
  llvm::DenseMap<std::pair<Value, Type>, Value> constants;
  SmallVector<Value> captured;
  llvm::SetVector<Operation *> taken;
};

} // namespace mlir::npir

#endif // NPIR_LIB_CONVERSION_NPIRTOXNN_SEGMENT_H
