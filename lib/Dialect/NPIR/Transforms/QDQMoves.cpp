// This file implements the rules of --npir-canonicalize-qdq for layers that
// hand numbers on: reshape, transpose, slice, concat, max pool and their like,
// relu and clamp.
#include "QDQRules.h"
#include "QuantizeUtils.h"

using namespace mlir;
using namespace mlir::npir;

/// Elements of a sample.
static int64_t countElements(Value value) {
  int64_t count = 1;
  for (int64_t dim : cast<RankedTensorType>(value.getType()).getShape())
    count *= ShapedType::isDynamic(dim) ? 1 : dim;
  return count;
}

/// A type for a whole tensor, of which a pair changes nothing on its grid.
static quant::UniformQuantizedType getMovable(quant::QuantizedType type) {
  auto uniform = dyn_cast_or_null<quant::UniformQuantizedType>(type);
  return uniform && isExactRoundTrip(uniform) ? uniform
                                              : quant::UniformQuantizedType();
}

//===----------------------------------------------------------------------===//
// Behind a layer on dequantized numbers
//===----------------------------------------------------------------------===//

/// `op` reads nothing but constants: it can be done before the network runs.
static bool isConstant(Operation *op) {
  return llvm::all_of(op->getOperands(), [](Value operand) {
    if (auto dequantize = operand.getDefiningOp<DequantizeOp>())
      operand = dequantize.getInput();
    return static_cast<bool>(operand.getDefiningOp<ConstantOp>());
  });
}

/// The type of which all that `op` hands on is; null where they differ or one
/// is in float.
static quant::UniformQuantizedType getOperandType(Operation *op,
                                                  const Passage &passage) {
  quant::UniformQuantizedType type;
  for (unsigned index : passage.operands) {
    Value operand = op->getOperand(index);
    quant::QuantizedType grid = getGridOf(operand);
    if (!grid)
      return {};
    Value stored = operand.getDefiningOp<DequantizeOp>().getInput();
    if (!type)
      type = getMovable(getQuantizedElementType(stored.getType()));
    if (!type || getRealGrid(type) != grid)
      return {};
  }
  return type;
}

/// Numbers of `value`, on a grid, go through layers that move them to `grid`,
/// to which all users of these layers quantize: whether fewer elements are
/// converted before the layers than behind them. One answer for all of these
/// layers, for their pairs change what is found.
bool QDQRules::isCheaperBefore(Value value, quant::QuantizedType grid) {
  auto [known, isNew] = cheaperBefore.try_emplace(value);
  llvm::SmallDenseSet<Type, 2> &grids = known->second;
  if (!isNew)
    return grids.contains(grid);
  struct Behind {
    int64_t elements = 0;
    unsigned moves = 0;
  };
  llvm::SmallDenseMap<Type, Behind> behind;
  for (Operation *user : value.getUsers()) {
    // It is there already.
    if (auto quantize = dyn_cast<QuantizeOp>(user)) {
      grids.insert(getRealGrid(getQuantizedElementType(quantize.getType())));
      continue;
    }
    std::optional<Passage> passage = getPassage(user);
    if (!passage || !passage->isCopy || passage->operands.size() != 1)
      continue;
    Value result = user->getResult(0);
    if (quant::QuantizedType used = getGridOfUsers(result)) {
      behind[used].elements += countElements(result);
      ++behind[used].moves;
    }
  }
  // Of equal costs the fewest conversions.
  int64_t before = countElements(value);
  for (auto [type, cost] : behind)
    if (cost.elements > before || (cost.elements == before && cost.moves > 1))
      grids.insert(type);
  return grids.contains(grid);
}

/// `op`, between `type` and what its users quantize its result to, needs no
/// pair of `type` behind it: it moves or bounds integers without one, or
/// integers of the other type, which are fewer before it.
bool QDQRules::isSettled(Operation *op, const Passage &passage,
                         quant::UniformQuantizedType type) {
  Value result = op->getResult(0);
  quant::QuantizedType used = getGridOfUsers(result);
  if (!used || used == getRealGrid(type))
    return static_cast<bool>(used) || result.use_empty();
  if (!passage.isCopy)
    return true;
  if (passage.operands.size() == 1)
    return isCheaperBefore(op->getOperand(passage.operands.front()), used);
  int64_t before = 0;
  for (unsigned index : passage.operands)
    before += countElements(op->getOperand(index));
  return countElements(result) > before;
}

void QDQRules::sinkPairs() {
  cheaperBefore.clear();
  // The new pairs stand behind the op that is looked at.
  for (Operation &op : llvm::make_early_inc_range(block)) {
    std::optional<Passage> passage = getPassage(&op);
    if (!passage)
      continue;
    quant::UniformQuantizedType type = getOperandType(&op, *passage);
    if (!type || isConstant(&op) || isSettled(&op, *passage, type) ||
        !llvm::all_of(passage->numbers,
                      [&](float number) { return isOnGrid(number, type); }))
      continue;
    Value result = op.getResult(0);
    DequantizeOp pair = insertPair(result, type);
    result.replaceAllUsesExcept(pair, pair.getInput().getDefiningOp());
    ++counts.moved;
  }
}

//===----------------------------------------------------------------------===//
// Before a layer whose result is quantized
//===----------------------------------------------------------------------===//

/// All that reads `value` rounds it to `grid`, at once or behind a layer that
/// hands it on.
bool QDQRules::canQuantizeAllUses(Value value, quant::QuantizedType grid) {
  auto [entry, isNew] = quantizable.try_emplace({value, grid}, false);
  if (!isNew)
    return entry->second;
  bool all = llvm::all_of(value.getUses(), [&](OpOperand &use) {
    if (auto quantize = dyn_cast<QuantizeOp>(use.getOwner()))
      return getRealGrid(getQuantizedElementType(quantize.getType())) == grid;
    // A concat of thousands is asked for by each of its operands.
    auto [known, isNew] = passages.try_emplace(use.getOwner());
    if (isNew)
      known->second = getPassage(use.getOwner());
    const std::optional<Passage> &passage = known->second;
    return passage && passage->handsOn(use.getOperandNumber()) &&
           getGridOfUsers(use.getOwner()->getResult(0)) == grid;
  });
  return quantizable[{value, grid}] = all;
}

/// Pairs of the type of the result before `op`, if one of its operands gains (a
/// layer that could compute in integers, or a conversion), or if fewer elements
/// are rounded there.
void QDQRules::hoistInto(Operation *op, const Passage &passage) {
  Value result = op->getResult(0);
  quant::QuantizedType grid = getGridOfUsers(result);
  if (!grid)
    return;
  auto first = cast<QuantizeOp>(*result.user_begin());
  quant::UniformQuantizedType type =
      getMovable(getQuantizedElementType(first.getType()));
  if (!type)
    return;
  bool isWanted = false;
  int64_t before = 0;
  SmallVector<unsigned> others;
  for (unsigned index : passage.operands) {
    Value operand = op->getOperand(index);
    quant::QuantizedType known = getGridOf(operand);
    if (known == grid)
      continue;
    // A clamp between two types has a form on integers as it is.
    if (known && !passage.isCopy)
      return;
    others.push_back(index);
    before += countElements(operand);
    isWanted |= known || (hasIntegerArithmetic(operand.getDefiningOp()) &&
                          canQuantizeAllUses(operand, grid));
  }
  bool isFewer = passage.isCopy && before < countElements(result);
  if (others.empty() || !(isWanted || isFewer))
    return;
  // A value may be an operand twice.
  llvm::SmallDenseMap<Value, Value> paired;
  for (unsigned index : others) {
    Value operand = op->getOperand(index);
    if (Value known = paired.lookup(operand)) {
      op->setOperand(index, known);
      continue;
    }
    if (getGridOf(operand) == grid)
      continue;
    DequantizeOp pair = insertPair(operand, type);
    Operation *quantize = pair.getInput().getDefiningOp();
    op->setOperand(index, pair);
    paired[operand] = pair;
    if (hasIntegerArithmetic(operand.getDefiningOp()) &&
        canQuantizeAllUses(operand, grid))
      operand.replaceAllUsesExcept(pair, quantize);
    ++counts.moved;
  }
}

void QDQRules::hoistPairs() {
  quantizable.clear();
  passages.clear();
  // From the end, so that one walk passes a chain of such layers.
  for (Operation &op : llvm::reverse(block))
    if (std::optional<Passage> passage = getPassage(&op))
      hoistInto(&op, *passage);
}
