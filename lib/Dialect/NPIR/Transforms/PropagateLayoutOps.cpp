// This file implements the propagation of layouts through the ops that compute
// or take parts, one function per kind of op.
#include "Prepare.h"
#include "PropagateLayout.h"
#include "QuantizeUtils.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

/// The result of `op`, which works on the source of `view` as it is, is viewed
/// as that one is. Its elements are its own.
void LayoutPropagation::setElementwise(Operation *op, View view) {
  Type element =
      cast<RankedTensorType>(op->getResult(0).getType()).getElementType();
  auto type = cast<RankedTensorType>(view.source.getType());
  view.loc = view.reshaped ? view.loc : LocationAttr();
  if (view.reshaped)
    view.reshaped = cast<RankedTensorType>(view.reshaped.clone(element));
  views.setResult(op, type.clone(element), view);
}

void LayoutPropagation::visitUnary(Operation *op) {
  View view = views.lookup(op->getOperand(0));
  op->setOperand(0, view.source);
  setElementwise(op, std::move(view));
}

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
const View *LayoutPropagation::getLeader(Operation *op, const View &lhs,
                                         const View &rhs) const {
  auto isConstant = [](const View &view) {
    return getStoredConstant(view.source) != nullptr;
  };
  size_t rank = getShape(op->getResult(0)).size();
  const View *leader = nullptr, *other = nullptr;
  for (auto [a, b] : {std::pair(&lhs, &rhs), std::pair(&rhs, &lhs)})
    if (!leader && a->isTransposed() && !a->reshaped &&
        a->perm.size() == rank && !isConstant(*a)) {
      leader = a;
      other = b;
    }
  if (!leader || isConstant(*other) || !other->isPlain())
    return leader;
  // One of the two must be transposed. That it is the other one pays if the
  // result's own transpose is undone below.
  auto it = wants.find(op->getResult(0));
  bool undone =
      it != wants.end() && it->second.perm.size() == rank &&
      isIdentityPermutation(composePermutations(leader->perm, it->second.perm));
  return undone ? leader : nullptr;
}

void LayoutPropagation::visitBinary(Operation *op) {
  View lhs = views.lookup(op->getOperand(0));
  View rhs = views.lookup(op->getOperand(1));
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (lhs.doesAs(rhs) && !lhs.isPlain()) {
    op->setOperands({lhs.source, rhs.source});
    return setElementwise(op, std::move(lhs));
  }
  const View *leader = getLeader(op, lhs, rhs);
  if (!leader || (!type.hasStaticShape() && leader->perm.front() != 0))
    return visitOther(op);
  Permutation perm = leader->perm, inverse = invertPermutation(perm);
  Value newLhs = getForBroadcast(op->getOperand(0), inverse);
  Value newRhs = getForBroadcast(op->getOperand(1), inverse);
  if (!newLhs || !newRhs)
    return visitOther(op);
  op->setOperands({newLhs, newRhs});
  views.setResult(op, type.clone(applyPermutation(type.getShape(), inverse)),
                  {{}, perm, {}, {}});
}

void LayoutPropagation::visitWhere(WhereOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  auto isConstant = [](const View &view) {
    return view.source.getDefiningOp<ConstantOp>() != nullptr;
  };
  // In the layout of what is selected, or else as written.
  std::optional<View> leader;
  for (Value operand : {op.getOnTrue(), op.getOnFalse(), op.getCondition()}) {
    View view = views.lookup(operand);
    if (!leader && view.isTransposed() && !view.reshaped &&
        view.perm.size() == type.getShape().size() && !isConstant(view))
      leader = view;
  }
  if (!leader || (!type.hasStaticShape() && leader->perm.front() != 0))
    return visitOther(op);
  Permutation perm = leader->perm, inverse = invertPermutation(perm);
  SmallVector<Value> operands;
  for (Value operand : op->getOperands()) {
    View view = views.lookup(operand);
    // What would need a transpose of its own spares none.
    bool isFree = isConstant(view) || view.perm == perm ||
                  (!view.reshaped &&
                   (view.perm.size() < perm.size() ||
                    keepsMemoryOrder(getShape(view.source),
                                     composePermutations(view.perm, inverse))));
    Value moved = isFree ? getForBroadcast(operand, inverse) : Value();
    if (!moved)
      return visitOther(op);
    operands.push_back(moved);
  }
  op->setOperands(operands);
  views.setResult(op, type.clone(applyPermutation(type.getShape(), inverse)),
                  {{}, perm, {}, {}});
}

void LayoutPropagation::visitConversion(Operation *op) {
  View view = views.lookup(op->getOperand(0));
  Type type = op->getResult(0).getType();
  Type element = cast<RankedTensorType>(type).getElementType();
  auto isPerAxis = [](Type type) {
    quant::QuantizedType quantized = getQuantizedElementType(type);
    return quantized && getQuantizedAxis(quantized);
  };
  // A reshape may leave no dimension that is the channels.
  if (view.reshaped &&
      (isPerAxis(type) || isPerAxis(op->getOperand(0).getType())))
    return visitOther(op);
  if (isPerAxis(type)) {
    quant::QuantizedType quantized = getQuantizedElementType(type);
    element =
        withQuantizedAxis(quantized, view.perm[*getQuantizedAxis(quantized)]);
  }
  op->setOperand(0, view.source);
  if (view.reshaped)
    view.reshaped = withElementType(view.reshaped, element);
  view.loc = view.reshaped ? view.loc : LocationAttr();
  views.setResult(op, withElementType(view.source.getType(), element), view);
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
  Value weight = views.getPlain(op.getWeight());
  std::optional<ColumnOrder> order;
  if (view.reshaped && getStoredConstant(weight))
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
      permuteStored(builder, weight, shape, perm, getShape(weight));
  if (!newWeight)
    return visitOther(op);
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
    if (View view = views.lookup(input); !getStoredConstant(view.source)) {
      leader = view;
      break;
    }
  auto fits = [&](Value input) {
    View view = views.lookup(input);
    return !view.reshaped &&
           (view.perm == leader.perm || getStoredConstant(view.source));
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
