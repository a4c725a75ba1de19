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
#include "PrepareShapes.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// A value as `transpose(source, perm)`, then reshaped to `reshaped` if set.
struct View {
  Value source;
  Permutation perm;
  RankedTensorType reshaped;
  /// Where the last op stood that the view has swallowed; null for none.
  LocationAttr loc;

  bool isTransposed() const { return !isIdentityPermutation(perm); }
  bool isPlain() const { return !reshaped && !isTransposed(); }
  bool operator==(const View &other) const {
    return perm == other.perm && reshaped == other.reshaped &&
           source.getType() == other.source.getType();
  }
};

/// A layout that ops below a value ask for.
struct Want {
  Permutation perm;
  LocationAttr loc;
};

class LayoutPropagation {
public:
  explicit LayoutPropagation(func::FuncOp func)
      : block(func.getBody().front()), builder(func.getContext()) {}

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
  void visitUnary(Operation *op);
  void visitAdd(AddOp op);
  void visitBatchNorm(BatchNormOp op);
  void visitReduce(ReduceOp op);
  void visitLinear(LinearOp op);
  void visitOther(Operation *op);

  // Values and their views.
  View getView(Value value) const;
  Value getPlain(Value value);
  Value getTransposed(Value source, ArrayRef<int64_t> perm, LocationAttr loc);
  Value getReshaped(Value source, RankedTensorType type, Location loc);
  const View *getLeader(AddOp op, const View &lhs, const View &rhs) const;
  Value getForBroadcast(Value value, ArrayRef<int64_t> inverse);
  void setResult(Operation *op, Type type, View view);

  Block &block;
  OpBuilder builder;
  DenseMap<Value, View> views;
  DenseMap<Value, Value> plainValues; // of views with a reshape
  DenseMap<Value, Want> wants;
  /// Transposed forms of a value that exist already.
  DenseMap<Value, SmallVector<std::pair<Permutation, Value>, 1>> transposed;
  /// A value that was made as the transpose of another.
  DenseMap<Value, std::pair<Value, Permutation>> origins;
};
} // namespace

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

static RankedTensorType withShape(Value value, ArrayRef<int64_t> shape) {
  return cast<RankedTensorType>(value.getType()).clone(shape);
}

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
  Value transposed = getTransposed(source, perm, it->second.loc);
  views[value] = {transposed, invertPermutation(perm), {}, {}};
  return true;
}

//===----------------------------------------------------------------------===//
// Values and their views
//===----------------------------------------------------------------------===//

View LayoutPropagation::getView(Value value) const {
  if (auto it = views.find(value); it != views.end())
    return it->second;
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return {value, identityPermutation(type ? type.getRank() : 0), {}, {}};
}

/// `source` transposed by `perm`, made at the place of the walk if it does not
/// exist yet. `loc` is null, or that of the transpose that it replaces.
Value LayoutPropagation::getTransposed(Value source, ArrayRef<int64_t> perm,
                                       LocationAttr loc) {
  Permutation whole(perm);
  if (auto it = origins.find(source); it != origins.end()) {
    whole = composePermutations(it->second.second, perm);
    source = it->second.first;
  }
  if (isIdentityPermutation(whole))
    return source;
  for (auto &[known, value] : transposed[source])
    if (known == whole)
      return value;

  Location location =
      loc ? Location(loc) : derivedLocation(source.getLoc(), ".transpose");
  SmallVector<int64_t> shape =
      applyPermutation(getShape(source), ArrayRef<int64_t>(whole));
  Value result;
  if (keepsMemoryOrder(getShape(source), whole))
    result = getReshaped(source, withShape(source, shape), location);
  else if (auto constant = source.getDefiningOp<ConstantOp>())
    result = permuteConstant(builder, constant, getShape(source), whole, shape);
  else
    result = TransposeOp::create(builder, location, withShape(source, shape),
                                 source, builder.getDenseI64ArrayAttr(whole),
                                 /*requant=*/Attribute());
  transposed[source].emplace_back(whole, result);
  // Not for a value that was there before: it may be what `source` comes from.
  if (result.use_empty())
    origins.try_emplace(result, source, whole);
  return result;
}

/// `source` as `type`; reshapes of reshapes and of constants are resolved.
Value LayoutPropagation::getReshaped(Value source, RankedTensorType type,
                                     Location loc) {
  if (auto reshape = source.getDefiningOp<ReshapeOp>())
    if (canReshape(getShape(reshape.getInput()), type.getShape()))
      source = reshape.getInput();
  if (source.getType() == type)
    return source;
  if (auto constant = source.getDefiningOp<ConstantOp>())
    return reshapeConstant(builder, constant, type);
  return ReshapeOp::create(builder, loc, type, source, /*requant=*/Attribute());
}

/// `value` as the program wrote it.
Value LayoutPropagation::getPlain(Value value) {
  View view = getView(value);
  if (!view.reshaped)
    return getTransposed(view.source, view.perm, view.loc);
  Value &plain = plainValues[value];
  if (!plain) {
    Location loc = view.loc ? Location(view.loc) : value.getLoc();
    Value input = getTransposed(view.source, view.perm, {});
    plain = getReshaped(input, view.reshaped, loc);
  }
  return plain;
}

/// Let `op` yield `type`, from now on known as `view` of it.
void LayoutPropagation::setResult(Operation *op, Type type, View view) {
  Value result = op->getResult(0);
  result.setType(cast<RankedTensorType>(type));
  view.source = result;
  if (view.isPlain())
    views.erase(result);
  else
    views[result] = std::move(view);
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

void LayoutPropagation::visitTranspose(TransposeOp op) {
  View view = getView(op.getInput());
  if (view.reshaped)
    view = {getPlain(op.getInput()),
            identityPermutation(op.getPerm().size()),
            {},
            {}};
  view.perm = composePermutations(view.perm, op.getPerm());
  view.loc = op.getLoc();
  views[op.getResult()] = std::move(view);
}

void LayoutPropagation::visitReshape(ReshapeOp op) {
  View view = getView(op.getInput());
  auto type = cast<RankedTensorType>(op.getType());
  if (view.reshaped && !canReshape(getShape(view.source), type.getShape()))
    view = {getPlain(op.getInput()),
            identityPermutation(view.reshaped.getRank()),
            {},
            {}};
  std::optional<ReshapeTranspose> swapped;
  if (keepsMemoryOrder(getShape(view.source), view.perm))
    swapped = {llvm::to_vector(type.getShape()),
               identityPermutation(type.getRank())};
  else
    swapped =
        swapTransposeReshape(getShape(view.source), view.perm, type.getShape());
  if (!swapped) {
    // A merge of what the transpose tore apart: see what the users need.
    view.reshaped = type;
    view.loc = op.getLoc();
    views[op.getResult()] = std::move(view);
    return;
  }
  Value source = getReshaped(
      view.source, withShape(view.source, swapped->shape), op.getLoc());
  bool isStart = isIdentityPermutation(swapped->perm) &&
                 isa_and_nonnull<ReshapeOp>(source.getDefiningOp());
  if (!isStart || !startInWantedLayout(op.getResult(), source))
    views[op.getResult()] = {source, swapped->perm, {}, {}};
}

void LayoutPropagation::visitUnary(Operation *op) {
  View view = getView(op->getOperand(0));
  op->setOperand(0, view.source);
  view.loc = view.reshaped ? view.loc : LocationAttr();
  setResult(op, view.source.getType(), view);
}

/// A value that means to an elementwise op in a transposed layout what `value`
/// means to the original; `inverse` brings the original dimensions into that
/// layout. Null if there is none.
Value LayoutPropagation::getForBroadcast(Value value,
                                         ArrayRef<int64_t> inverse) {
  View view = getView(value);
  if (view.reshaped)
    view = {
        getPlain(value), identityPermutation(view.reshaped.getRank()), {}, {}};
  int64_t rank = view.perm.size(), target = inverse.size();
  if (rank < target) {
    Value plain = getTransposed(view.source, view.perm, view.loc);
    ArrayRef<int64_t> shape = getShape(plain);
    if (llvm::all_of(shape, [](int64_t size) { return size == 1; }))
      return plain;
    if (ShapedType::isDynamicShape(shape))
      return {};
    SmallVector<int64_t> padded(target - rank, 1);
    llvm::append_range(padded, shape);
    view = {getReshaped(plain, withShape(plain, padded),
                        derivedLocation(plain.getLoc(), ".reshape")),
            identityPermutation(target),
            {},
            {}};
  }
  return getTransposed(view.source, composePermutations(view.perm, inverse),
                       {});
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
  View lhs = getView(op.getLhs()), rhs = getView(op.getRhs());
  auto type = cast<RankedTensorType>(op.getType());
  if (lhs == rhs && !lhs.isPlain()) {
    op.getLhsMutable().assign(lhs.source);
    op.getRhsMutable().assign(rhs.source);
    lhs.loc = lhs.reshaped ? lhs.loc : LocationAttr();
    return setResult(op, lhs.source.getType(), lhs);
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
  setResult(op, type.clone(applyPermutation(type.getShape(), inverse)),
            {{}, perm, {}, {}});
}

void LayoutPropagation::visitBatchNorm(BatchNormOp op) {
  View view = getView(op.getInput());
  if (view.reshaped)
    view = {getPlain(op.getInput()),
            identityPermutation(view.reshaped.getRank()),
            {},
            {}};
  for (OpOperand &operand : llvm::drop_begin(op->getOpOperands()))
    operand.set(getPlain(operand.get()));
  int64_t axis = view.perm[op.getAxis()];
  int64_t last = view.perm.size() - 1;
  // What replaces it has its channels last.
  Permutation perm = moveLast(axis, last + 1);
  Value input = getTransposed(view.source, perm, {});
  op.getInputMutable().assign(input);
  op.setAxis(last);
  view.perm = composePermutations(invertPermutation(perm), view.perm);
  view.loc = {};
  setResult(op, input.getType(), view);
}

void LayoutPropagation::visitReduce(ReduceOp op) {
  View view = getView(op.getInput());
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
  setResult(op, withShape(op.getResult(), shape), {{}, perm, {}, {}});
}

void LayoutPropagation::visitLinear(LinearOp op) {
  View view = getView(op.getInput());
  Value weightValue = getPlain(op.getWeight());
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
  op.getInputMutable().assign(getReshaped(
      view.source, view.reshaped, view.loc ? Location(view.loc) : op.getLoc()));
  op.getWeightMutable().assign(newWeight);
  if (op.getBias())
    op.getBiasMutable().assign(getPlain(op.getBias()));
}

/// An op that needs its operands as they were written.
void LayoutPropagation::visitOther(Operation *op) {
  op->walk<WalkOrder::PreOrder>([&](Operation *nested) {
    for (OpOperand &operand : nested->getOpOperands())
      operand.set(getPlain(operand.get()));
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
