// This file implements the propagation of layouts through the ops that compute
// or take parts, one function per kind of op.
#include "Prepare.h"
#include "PropagateLayout.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

/// A value that means to an elementwise op in a transposed layout what `value`
/// means to the original; `inverse` brings the original dimensions into that
/// layout. Null if there is none.
Value LayoutPropagation::getForBroadcast(Value value,
                                         ArrayRef<int64_t> inverse) {
  View view = views.lookupTransposed(value);
  int64_t rank = view.perm.size(), target = inverse.size();
  if (rank < target) {
    Value plain = views.getTransposed(view.source, view.perm, view.loc);
    ArrayRef<int64_t> shape = getShape(plain);
    if (llvm::all_of(shape, [](int64_t size) { return size == 1; }))
      return plain;
    if (ShapedType::isDynamicShape(shape))
      return {};
    SmallVector<int64_t> padded(target - rank, 1);
    llvm::append_range(padded, shape);
    view = View::of(
        views.getReshaped(plain, withShape(plain, padded),
                          derivedLocation(plain.getLoc(), ".reshape")));
  }
  return views.getTransposed(view.source,
                             composePermutations(view.perm, inverse));
}

/// Which of the operands gives the result its layout; null if they had better
/// be as written.
const View *LayoutPropagation::getLeader(Operation *op,
                                         ArrayRef<View> operands) const {
  auto isConstant = [](const View &view) {
    return view.source.getDefiningOp<ConstantOp>() != nullptr;
  };
  size_t rank = getShape(op->getResult(0)).size();
  const View *leader = llvm::find_if(operands, [&](const View &view) {
    return view.isTransposed() && !view.reshaped && view.perm.size() == rank &&
           !isConstant(view);
  });
  if (leader == operands.end())
    return nullptr;
  bool doAllFollow = llvm::none_of(operands, [&](const View &view) {
    return view.isPlain() && !isConstant(view);
  });
  if (doAllFollow)
    return leader;
  // Something must be transposed. That it is another operand pays if the
  // result's own transpose is undone below.
  auto it = wants.find(op->getResult(0));
  bool undone =
      it != wants.end() && it->second.perm.size() == rank &&
      isIdentityPermutation(composePermutations(leader->perm, it->second.perm));
  return undone ? leader : nullptr;
}

void LayoutPropagation::visitElementwise(Operation *op) {
  SmallVector<View> operands = llvm::map_to_vector(
      op->getOperands(), [&](Value operand) { return views.lookup(operand); });
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  View view = operands.front();
  if (!view.isPlain() && llvm::all_of(operands, [&](const View &other) {
        return view.doesAs(other);
      })) {
    for (auto [operand, source] :
         llvm::zip_equal(op->getOpOperands(), operands))
      operand.set(source.source);
    if (view.reshaped)
      view.reshaped = type;
    else
      view.loc = {};
    return views.setResult(op, type.clone(getShape(view.source)), view);
  }
  const View *leader = getLeader(op, operands);
  if (!leader || (!type.hasStaticShape() && leader->perm.front() != 0))
    return visitOther(op);
  Permutation perm = leader->perm, inverse = invertPermutation(perm);
  SmallVector<Value> values;
  for (Value operand : op->getOperands()) {
    values.push_back(getForBroadcast(operand, inverse));
    if (!values.back())
      return visitOther(op);
  }
  op->setOperands(values);
  views.setResult(op, type.clone(applyPermutation(type.getShape(), inverse)),
                  {{}, perm, {}, {}});
}

void LayoutPropagation::visitBatchNorm(BatchNormOp op) {
  View view = views.lookupTransposed(op.getInput());
  for (OpOperand &operand : llvm::drop_begin(op->getOpOperands()))
    operand.set(views.getPlain(operand.get()));
  int64_t axis = view.perm[op.getAxis()];
  int64_t last = view.perm.size() - 1;
  // What replaces it has its channels last.
  Permutation perm = moveLast(axis, last + 1);
  Value input = views.getTransposed(view.source, perm);
  op.getInputMutable().assign(input);
  op.setAxis(last);
  view.perm = composePermutations(invertPermutation(perm), view.perm);
  view.loc = {};
  views.setResult(op, input.getType(), view);
}

void LayoutPropagation::visitReduce(ReduceOp op) {
  View view = views.lookup(op.getInput());
  SmallVector<int64_t> axes;
  if (!view.reshaped)
    for (int64_t axis : op.getAxes())
      axes.push_back(view.perm[axis]);
  if (view.reshaped || llvm::is_contained(axes, 0))
    return visitOther(op);
  llvm::sort(axes);
  SmallVector<int64_t> shape;
  // Place of each dimension of the source in the result.
  SmallVector<int64_t> places;
  for (auto [dim, size] : llvm::enumerate(getShape(view.source))) {
    bool reduced = llvm::is_contained(axes, static_cast<int64_t>(dim));
    places.push_back(shape.size());
    if (!reduced || op.getKeepDims())
      shape.push_back(reduced ? 1 : size);
  }
  Permutation perm;
  for (auto [dim, sourceDim] : llvm::enumerate(view.perm))
    if (op.getKeepDims() ||
        !llvm::is_contained(op.getAxes(), static_cast<int64_t>(dim)))
      perm.push_back(places[sourceDim]);
  op.getInputMutable().assign(view.source);
  op.setAxes(axes);
  views.setResult(op, withShape(op.getResult(), shape), {{}, perm, {}, {}});
}

void LayoutPropagation::visitLinear(LinearOp op) {
  View view = views.lookup(op.getInput());
  Value weightValue = views.getPlain(op.getWeight());
  auto weight = weightValue.getDefiningOp<ConstantOp>();
  std::optional<ColumnOrder> order;
  if (view.reshaped && weight)
    order = getColumnOrder(getShape(view.source), view.perm,
                           view.reshaped.getShape());
  if (!order)
    return visitOther(op);
  // Flattened out of memory order: let the weight follow the memory.
  SmallVector<int64_t> shape{getShape(weight)[0]};
  llvm::append_range(shape, order->shape);
  Permutation perm{0};
  for (int64_t dim : order->perm)
    perm.push_back(dim + 1);
  Value newWeight =
      permuteConstant(builder, weight, shape, perm, getShape(weight));
  op.getInputMutable().assign(views.getReshaped(
      view.source, view.reshaped, view.loc ? Location(view.loc) : op.getLoc()));
  op.getWeightMutable().assign(newWeight);
  if (op.getBias())
    op.getBiasMutable().assign(views.getPlain(op.getBias()));
}

void LayoutPropagation::visitMatmul(MatmulOp op) {
  View rhs = views.lookup(op.getRhs());
  if (!rhs.reshaped) {
    Permutation swapped =
        composePermutations(rhs.perm, swapLast(rhs.perm.size()));
    if (getTransposeCost(swapped) < getTransposeCost(rhs.perm)) {
      op.getLhsMutable().assign(views.getPlain(op.getLhs()));
      op.getRhsMutable().assign(
          views.getTransposed(rhs.source, swapped, rhs.loc));
      return op.setTransposeRhs(!op.getTransposeRhs());
    }
  }
  visitOther(op);
}

void LayoutPropagation::visitSlice(SliceOp op) {
  View view = views.lookup(op.getInput());
  if (view.reshaped || !view.isTransposed())
    return visitOther(op);
  Permutation inverse = invertPermutation(view.perm);
  auto type = cast<RankedTensorType>(op.getType());
  op.getInputMutable().assign(view.source);
  op.setOffsets(applyPermutation(op.getOffsets(), ArrayRef<int64_t>(inverse)));
  op.setSizes(applyPermutation(op.getSizes(), ArrayRef<int64_t>(inverse)));
  view.loc = {};
  views.setResult(op, type.clone(applyPermutation(type.getShape(), inverse)),
                  view);
}

void LayoutPropagation::visitPad(PadOp op) {
  View view = views.lookup(op.getInput());
  if (view.reshaped || !view.isTransposed())
    return visitOther(op);
  Permutation inverse = invertPermutation(view.perm);
  auto type = cast<RankedTensorType>(op.getType());
  op.getInputMutable().assign(view.source);
  op.setPadsBegin(
      applyPermutation(op.getPadsBegin(), ArrayRef<int64_t>(inverse)));
  op.setPadsEnd(applyPermutation(op.getPadsEnd(), ArrayRef<int64_t>(inverse)));
  view.loc = {};
  views.setResult(op, type.clone(applyPermutation(type.getShape(), inverse)),
                  view);
}

void LayoutPropagation::visitConcat(ConcatOp op) {
  // All in the layout of the first that is no constant, or as they were
  // written.
  View leader = View::of(op.getInputs().front());
  for (Value input : op.getInputs())
    if (View view = views.lookup(input);
        !view.source.getDefiningOp<ConstantOp>()) {
      leader = view;
      break;
    }
  auto fits = [&](Value input) {
    View view = views.lookup(input);
    return !view.reshaped && (view.perm == leader.perm ||
                              view.source.getDefiningOp<ConstantOp>());
  };
  if (!leader.isTransposed() || !llvm::all_of(op.getInputs(), fits))
    return visitOther(op);
  Permutation perm = leader.perm, inverse = invertPermutation(perm);
  auto type = cast<RankedTensorType>(op.getType());
  for (OpOperand &operand : op->getOpOperands()) {
    View view = views.lookup(operand.get());
    operand.set(views.getTransposed(view.source,
                                    composePermutations(view.perm, inverse)));
  }
  op.setAxis(perm[op.getAxis()]);
  views.setResult(op, type.clone(applyPermutation(type.getShape(), inverse)),
                  {{}, perm, {}, {}});
}

/// An op that needs its operands as they were written.
void LayoutPropagation::visitOther(Operation *op) {
  op->walk<WalkOrder::PreOrder>([&](Operation *nested) {
    for (OpOperand &operand : nested->getOpOperands())
      operand.set(views.getPlain(operand.get()));
  });
}
