// This file implements the rules of --npir-canonicalize-qdq that change numbers
// within a step of their grids, which an option allows.
#include "QDQRules.h"
#include "QuantizeUtils.h"

using namespace mlir;
using namespace mlir::npir;

/// `layer -> pair -> quantize` to another type, with no other use between: the
/// layer's result is rounded once. Of a layer that moves values the first pair
/// lets it move integers.
static bool roundOnce(QuantizeOp op) {
  auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
  if (!dequantize || !dequantize->hasOneUse())
    return false;
  auto first = dequantize.getInput().getDefiningOp<QuantizeOp>();
  if (!first || !first->hasOneUse() || first.getRequested())
    return false;
  Operation *layer = first.getInput().getDefiningOp();
  std::optional<Passage> passage = layer ? getPassage(layer) : std::nullopt;
  if (passage && passage->isCopy)
    return false;
  op.getInputMutable().assign(first.getInput());
  eraseUnusedChain(dequantize);
  return true;
}

/// The dequantized result of `op`: a user's, or a new one.
static DequantizeOp getDequantized(QuantizeOp op) {
  for (Operation *user : op->getUsers())
    if (auto dequantize = dyn_cast<DequantizeOp>(user))
      return dequantize;
  return {};
}

/// The result of a layer that could compute in integers, but for users that
/// read it unrounded or rounded to another type: they read the first rounding.
static bool shareRounding(Operation *layer) {
  if (!hasIntegerArithmetic(layer) || isa<QuantizeOp>(layer) ||
      layer->getNumResults() != 1 || getPassage(layer))
    return false;
  Value result = layer->getResult(0);
  if (getGridOfUsers(result))
    return false;
  QuantizeOp first;
  for (Operation *user : result.getUsers())
    if (auto quantize = dyn_cast<QuantizeOp>(user))
      if (getDequantized(quantize) &&
          (!first || quantize->isBeforeInBlock(first)))
        first = quantize;
  if (!first)
    return false;
  // They may stand anywhere behind the layer.
  DequantizeOp dequantize = getDequantized(first);
  first->moveAfter(layer);
  dequantize->moveAfter(first);
  result.replaceAllUsesExcept(dequantize, first);
  return true;
}

/// A weight whose distances from the zero point do not fit in 8 bits is rounded
/// again, to a type with zero point 0.
void QDQRules::roundWeight(DequantizeOp op, ConstantOp constant) {
  quant::QuantizedType type = getQuantizedElementType(constant.getType());
  std::optional<int64_t> axis = getQuantizedAxis(type);
  auto view = ChannelView::get(
      cast<RankedTensorType>(constant.getType()).getShape(), axis.value_or(-1));
  std::vector<float> values = getRealValues(constant);
  SmallVector<RealRange> ranges(view.channels);
  for (size_t i = 0; i < values.size(); ++i) {
    RealRange &range = ranges[i / view.inner % view.channels];
    range.lo = std::min<double>(range.lo, values[i]);
    range.hi = std::max<double>(range.hi, values[i]);
  }
  IntegerGrid grid;
  grid.narrow = true;
  SmallVector<QuantParams> params(llvm::map_range(ranges, [&](RealRange range) {
    return computeQuantParams(range, grid, QuantScheme::Symmetric);
  }));
  MLIRContext *context = op.getContext();
  quant::QuantizedType rounded;
  if (axis)
    rounded = getPerAxisType(context, grid, params, *axis);
  else
    rounded = getPerTensorType(context, grid, params.front());
  OpBuilder builder(constant);
  Location loc = constant->hasOneUse() ? constant.getLoc() : op.getLoc();
  ConstantOp real = dequantizeConstant(builder, loc, constant);
  op.getInputMutable().assign(
      quantizeConstant(builder, loc, real.getValue(), rounded));
  real.erase();
  eraseUnusedChain(constant);
  ++counts.roundings;
}

void QDQRules::useFewerRoundings() {
  if (!allowRounding)
    return;
  constexpr IntegerGrid grid;
  for (Operation &op : llvm::make_early_inc_range(block)) {
    if (auto quantize = dyn_cast<QuantizeOp>(op)) {
      counts.roundings += roundOnce(quantize);
      continue;
    }
    counts.roundings += shareRounding(&op);
    // A result in a range that mathematics fixes, which nothing rounds.
    auto layer = dyn_cast<QuantizableOpInterface>(op);
    if (!layer || op.getNumResults() != 1)
      continue;
    auto range = layer.getFixedOutputRange(0);
    Value result = op.getResult(0);
    bool isRead = llvm::any_of(result.getUsers(), hasIntegerArithmetic);
    bool isRounded = llvm::any_of(result.getUsers(), llvm::IsaPred<QuantizeOp>);
    if (!range || !isRead || isRounded)
      continue;
    quant::UniformQuantizedType type =
        getPerTensorType(op.getContext(), grid,
                         computeQuantParams({range->first, range->second}, grid,
                                            QuantScheme::Affine));
    DequantizeOp pair = insertPair(result, type);
    result.replaceAllUsesExcept(pair, pair.getInput().getDefiningOp());
    ++counts.roundings;
  }
}
