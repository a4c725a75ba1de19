// This file implements the propagation of layouts: a walk down the program that
// keeps transposes in mind instead of in the graph.
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
#include "Prepare.h"
#include "PrepareViews.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// A layout that ops below a value ask for.
struct Want {
  Permutation perm;
  LocationAttr loc;
};

class LayoutPropagation {
public:
  explicit LayoutPropagation(func::FuncOp func)
      : block(func.getBody().front()), builder(func.getContext()),
        views(builder) {}

  void run();

private:
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
  void visitAdd(AddOp op);
  void visitBatchNorm(BatchNormOp op);
  void visitReduce(ReduceOp op);
  void visitLinear(LinearOp op);
  void visitOther(Operation *op);

  const View *getLeader(AddOp op, const View &lhs, const View &rhs) const;
  Value getForBroadcast(Value value, ArrayRef<int64_t> inverse);

  Block &block;
  OpBuilder builder;
  ViewMap views;
  DenseMap<Value, Want> wants;
};
} // namespace

/// `perm` that moves dimension `axis` to the end.
static Permutation moveLast(int64_t axis, int64_t rank) {
  Permutation perm = identityPermutation(rank);
  perm.erase(perm.begin() + axis);
  perm.push_back(axis);
  return perm;
}

//===----------------------------------------------------------------------===//
// Wanted layouts
//===----------------------------------------------------------------------===//

void LayoutPropagation::want(Value value, ArrayRef<int64_t> perm,
                             LocationAttr loc) {
  if (!isIdentityPermutation(perm))
    wants.try_emplace(value, Want{Permutation(perm), loc});
}

void LayoutPropagation::collectWants() {
  for (Operation &op : llvm::reverse(block)) {
    if (op.getNumResults() != 1)
      continue;
    auto it = wants.find(op.getResult(0));
    std::optional<Want> below;
    if (it != wants.end())
      below = it->second;
    if (auto transpose = dyn_cast<TransposeOp>(op)) {
      Permutation perm(transpose.getPerm());
      want(transpose.getInput(),
           below ? composePermutations(perm, below->perm) : perm, op.getLoc());
      continue;
    }
    if (auto norm = dyn_cast<BatchNormOp>(op)) {
      int64_t rank = getShape(norm.getInput()).size();
      Permutation perm = moveLast(norm.getAxis(), rank);
      want(norm.getInput(), below ? below->perm : perm,
           below ? below->loc : LocationAttr());
      continue;
    }
    if (!below || !isa<UnaryOpInterface, AddOp>(op))
      continue;
    for (Value operand : op.getOperands())
      if (getShape(operand).size() == below->perm.size())
        want(operand, below->perm, below->loc);
  }
}

/// Lay `value`, which is `source` as written, out as is wanted below. False if
/// nothing is.
bool LayoutPropagation::startInWantedLayout(Value value, Value source) {
  auto it = wants.find(value);
  if (it == wants.end())
    return false;
  ArrayRef<int64_t> perm = it->second.perm;
  // The batch stays first.
  if (ShapedType::isDynamicShape(getShape(source)) && perm.front() != 0)
    return false;
  Value transposed = views.getTransposed(source, perm, it->second.loc);
  views.set(value, {transposed, invertPermutation(perm), {}, {}});
  return true;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void LayoutPropagation::visitTranspose(TransposeOp op) {
  View view = views.lookup(op.getInput());
  if (view.reshaped) {
    SmallVector<int64_t> shape =
        applyPermutation(getShape(view.source), ArrayRef<int64_t>(view.perm));
    if (auto perm = swapReshapeTranspose(shape, view.reshaped.getShape(),
                                         op.getPerm())) {
      view.perm = composePermutations(view.perm, *perm);
      return setReshaped(op, std::move(view));
    }
    view = View::of(views.getPlain(op.getInput()));
  }
  view.perm = composePermutations(view.perm, op.getPerm());
  view.loc = op.getLoc();
  views.set(op.getResult(), std::move(view));
}

void LayoutPropagation::visitReshape(ReshapeOp op) {
  View view = views.lookup(op.getInput());
  if (view.reshaped && !canReshape(getShape(view.source), getShape(op)))
    view = View::of(views.getPlain(op.getInput()));
  setReshaped(op, std::move(view));
}

/// The result of `op` is `view`'s source transposed and then in its own shape.
void LayoutPropagation::setReshaped(Operation *op, View view) {
  Value result = op->getResult(0);
  ArrayRef<int64_t> shape = getShape(result), from = getShape(view.source);
  std::optional<ReshapeTranspose> swapped;
  if (keepsMemoryOrder(from, view.perm))
    swapped = {llvm::to_vector(shape), identityPermutation(shape.size())};
  else
    swapped = swapTransposeReshape(from, view.perm, shape);
  if (!swapped) {
    // A merge of what the transpose tore apart: see what the users need.
    view.reshaped = cast<RankedTensorType>(result.getType());
    view.loc = op->getLoc();
    return views.set(result, std::move(view));
  }
  Value source = views.getReshaped(
      view.source, withShape(view.source, swapped->shape), op->getLoc());
  bool isStart = isIdentityPermutation(swapped->perm) &&
                 isa_and_nonnull<ReshapeOp>(source.getDefiningOp());
  if (!isStart || !startInWantedLayout(result, source))
    views.set(result, {source, swapped->perm, {}, {}});
}

void LayoutPropagation::visitUnary(Operation *op) {
  View view = views.lookup(op->getOperand(0));
  op->setOperand(0, view.source);
  view.loc = view.reshaped ? view.loc : LocationAttr();
  views.setResult(op, view.source.getType(), view);
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

/// Which of an addition's operands gives the result its layout; null if the
/// operands had better be as written.
const View *LayoutPropagation::getLeader(AddOp op, const View &lhs,
                                         const View &rhs) const {
  auto isConstant = [](const View &view) {
    return view.source.getDefiningOp<ConstantOp>() != nullptr;
  };
  size_t rank = getShape(op.getResult()).size();
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
  auto it = wants.find(op.getResult());
  bool undone =
      it != wants.end() && it->second.perm.size() == rank &&
      isIdentityPermutation(composePermutations(leader->perm, it->second.perm));
  return undone ? leader : nullptr;
}

void LayoutPropagation::visitAdd(AddOp op) {
  View lhs = views.lookup(op.getLhs()), rhs = views.lookup(op.getRhs());
  auto type = cast<RankedTensorType>(op.getType());
  if (lhs.doesAs(rhs) && !lhs.isPlain()) {
    op.getLhsMutable().assign(lhs.source);
    op.getRhsMutable().assign(rhs.source);
    lhs.loc = lhs.reshaped ? lhs.loc : LocationAttr();
    return views.setResult(op, lhs.source.getType(), lhs);
  }
  const View *leader = getLeader(op, lhs, rhs);
  if (!leader || (!type.hasStaticShape() && leader->perm.front() != 0))
    return visitOther(op);
  Permutation perm = leader->perm, inverse = invertPermutation(perm);
  Value newLhs = getForBroadcast(op.getLhs(), inverse);
  Value newRhs = getForBroadcast(op.getRhs(), inverse);
  if (!newLhs || !newRhs)
    return visitOther(op);
  op.getLhsMutable().assign(newLhs);
  op.getRhsMutable().assign(newRhs);
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

/// An op that needs its operands as they were written.
void LayoutPropagation::visitOther(Operation *op) {
  op->walk<WalkOrder::PreOrder>([&](Operation *nested) {
    for (OpOperand &operand : nested->getOpOperands())
      operand.set(views.getPlain(operand.get()));
  });
}

void LayoutPropagation::visit(Operation &op) {
  builder.setInsertionPoint(&op);
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return visitTranspose(transpose);
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return visitReshape(reshape);
  if (isa<UnaryOpInterface>(op))
    return visitUnary(&op);
  if (auto add = dyn_cast<AddOp>(op))
    return visitAdd(add);
  if (auto norm = dyn_cast<BatchNormOp>(op))
    return visitBatchNorm(norm);
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return visitReduce(reduce);
  if (auto linear = dyn_cast<LinearOp>(op))
    return visitLinear(linear);
  visitOther(&op);
}

void LayoutPropagation::run() {
  collectWants();
  builder.setInsertionPointToStart(&block);
  for (BlockArgument argument : block.getArguments())
    startInWantedLayout(argument, argument);
  // New ops go before the one that is visited and are not visited themselves.
  for (Operation &op : llvm::make_early_inc_range(block))
    visit(op);
}

void mlir::npir::eraseDeadOps(func::FuncOp func) {
  for (Block &block : func.getBody())
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (isOpTriviallyDead(&op))
        op.erase();
}

LogicalResult mlir::npir::propagateLayout(func::FuncOp func) {
  if (!llvm::hasSingleElement(func.getBody()))
    return func.emitError("expected function @")
           << func.getName() << " without control flow, got "
           << func.getBody().getBlocks().size() << " blocks";
  LayoutPropagation(func).run();
  eraseDeadOps(func);
  return success();
}
