// This file declares the propagation of layouts: a walk down the program that
// keeps transposes in mind instead of in the graph. Private to this library.
//
// A value may be *viewed*: known as a transpose of another one, its source,
// that is laid out as its producer likes it. An op that takes any layout works
// on the source and passes the view on; a transpose only changes the view; an
// op that needs the value as it was written gets it, through a transpose made
// for it where the view is not the identity. The transposes round two
// convolutions meet in a view and are gone.
//
// Where several layouts would do and nothing above decides (arguments,
// reshapes), a walk up the program before that tells which one is wanted below.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PROPAGATELAYOUT_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PROPAGATELAYOUT_H

#include "PrepareViews.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// A layout that ops below a value ask for.
struct Want {
  Permutation perm;
  LocationAttr loc;
};

/// `perm` that moves dimension `axis` to the end.
Permutation moveLast(int64_t axis, int64_t rank);

class LayoutPropagation {
public:
  explicit LayoutPropagation(func::FuncOp func)
      : block(func.getBody().front()), builder(func.getContext()),
        views(builder) {}

  void run();

private:
  void mergeReshapes();

  // The walk up.
  void collectWants();
  void want(Value value, ArrayRef<int64_t> perm, LocationAttr loc);
  bool startInWantedLayout(Value value, Value source);

  // The walk down, one function per kind of op.
  void visit(Operation &op);
  void visitTranspose(TransposeOp op);
  void visitReshape(ReshapeOp op);
  void setReshaped(Operation *op, View view);
  void visitUnary(Operation *op);
  void visitBinary(Operation *op);
  void visitWhere(WhereOp op);
  void visitConversion(Operation *op);
  void visitBatchNorm(BatchNormOp op);
  void visitReduce(ReduceOp op);
  void visitLinear(LinearOp op);
  void visitMatmul(MatmulOp op);
  void visitSlice(SliceOp op);
  void visitPad(PadOp op);
  void visitConcat(ConcatOp op);
  void visitOther(Operation *op);

  void setElementwise(Operation *op, View view);
  const View *getLeader(Operation *op, const View &lhs, const View &rhs) const;
  Value getForBroadcast(Value value, ArrayRef<int64_t> inverse);

  Block &block;
  OpBuilder builder;
  ViewMap views;
  DenseMap<Value, Want> wants;
};

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_PROPAGATELAYOUT_H
