// This file implements the propagation of layouts: what is wanted below a
// value, transposes and reshapes, and the walk itself.
#include "PropagateLayout.h"
#include "Prepare.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

Permutation mlir::npir::moveLast(int64_t axis, int64_t rank) {
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

/// True if the right operand of `op` comes from a transpose and costs less with
/// `transpose_rhs` turned over.
static bool prefersTransposedRhs(MatmulOp op) {
  Value value = op.getRhs();
  // Values with one use: no other matrix product comes by here.
  while (value.hasOneUse()) {
    Operation *def = value.getDefiningOp();
    if (auto transpose = dyn_cast_or_null<TransposeOp>(def)) {
      Permutation swapped = composePermutations(
          transpose.getPerm(), swapLast(transpose.getPerm().size()));
      return getTransposeCost(swapped) < getTransposeCost(transpose.getPerm());
    }
    if (!isa_and_nonnull<UnaryOpInterface, BinaryOpInterface, QuantizeOp,
                         DequantizeOp>(def))
      return false;
    // The operand of the result's rank; the other one is broadcast.
    size_t rank = getShape(value).size();
    Value next;
    for (Value operand : def->getOperands())
      if (getShape(operand).size() == rank &&
          !operand.getDefiningOp<ConstantOp>())
        next = next ? Value() : operand;
    if (!next)
      return false;
    value = next;
  }
  return false;
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
      // A reshape behind it may undo it, or carry it on.
      if (!below && llvm::all_of(op.getUsers(), llvm::IsaPred<ReshapeOp>))
        continue;
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
    if (auto matmul = dyn_cast<MatmulOp>(op)) {
      if (prefersTransposedRhs(matmul))
        want(matmul.getRhs(), swapLast(getShape(matmul.getRhs()).size()), {});
      continue;
    }
    if (!below || !isa<UnaryOpInterface, BinaryOpInterface, SliceOp, PadOp,
                       ConcatOp, CastOp, NotOp, CompareOp, LogicalOp, WhereOp,
                       QuantizeOp, DequantizeOp>(op))
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
// Transposes and reshapes
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
    if (!view.reshaped)
      view.transposeLoc = view.loc;
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

//===----------------------------------------------------------------------===//
// The walk
//===----------------------------------------------------------------------===//

void LayoutPropagation::visit(Operation &op) {
  builder.setInsertionPoint(&op);
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return visitTranspose(transpose);
  if (auto reshape = dyn_cast<ReshapeOp>(op))
    return visitReshape(reshape);
  if (isa<UnaryOpInterface, CastOp, NotOp>(op))
    return visitUnary(&op);
  if (isa<BinaryOpInterface, CompareOp, LogicalOp>(op))
    return visitBinary(&op);
  if (auto where = dyn_cast<WhereOp>(op))
    return visitWhere(where);
  if (isa<QuantizeOp, DequantizeOp>(op))
    return visitConversion(&op);
  if (auto norm = dyn_cast<BatchNormOp>(op))
    return visitBatchNorm(norm);
  if (auto reduce = dyn_cast<ReduceOp>(op))
    return visitReduce(reduce);
  if (auto linear = dyn_cast<LinearOp>(op))
    return visitLinear(linear);
  if (auto matmul = dyn_cast<MatmulOp>(op))
    return visitMatmul(matmul);
  if (auto slice = dyn_cast<SliceOp>(op))
    return visitSlice(slice);
  if (auto pad = dyn_cast<PadOp>(op))
    return visitPad(pad);
  if (auto concat = dyn_cast<ConcatOp>(op))
    return visitConcat(concat);
  visitOther(&op);
}

/// Let a reshape of a reshape reshape what that one does, and drop it where it
/// then does nothing.
void LayoutPropagation::mergeReshapes() {
  for (auto reshape : llvm::make_early_inc_range(block.getOps<ReshapeOp>())) {
    auto before = reshape.getInput().getDefiningOp<ReshapeOp>();
    if (!before || !canReshape(getShape(before.getInput()), getShape(reshape)))
      continue;
    reshape.getInputMutable().assign(before.getInput());
    if (before->use_empty())
      before.erase();
    if (reshape.getInput().getType() == reshape.getType()) {
      reshape.replaceAllUsesWith(reshape.getInput());
      reshape.erase();
    }
  }
}

void LayoutPropagation::run() {
  // First, since what is wanted is not passed up through reshapes.
  mergeReshapes();
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
