// This file implements the rules of --npir-canonicalize-qdq for pairs that do
// what another one does, and what all rules share.
#include "QDQRules.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

QDQRules::Counts &QDQRules::Counts::operator+=(const Counts &other) {
  merged += other.merged;
  cancelled += other.cancelled;
  activations += other.activations;
  moved += other.moved;
  constants += other.constants;
  roundings += other.roundings;
  return *this;
}

void mlir::npir::eraseUnusedChain(Operation *op) {
  SmallVector<Operation *> worklist{op};
  while (!worklist.empty()) {
    Operation *unused = worklist.pop_back_val();
    if (!unused->use_empty())
      continue;
    for (Value operand : unused->getOperands()) {
      Operation *producer = operand.getDefiningOp();
      bool isLast =
          operand.hasOneUse() &&
          isa_and_nonnull<QuantizeOp, DequantizeOp, ConstantOp>(producer);
      if (isLast)
        worklist.push_back(producer);
    }
    unused->erase();
  }
}

void mlir::npir::replaceQuantize(QuantizeOp removed, Value kept) {
  if (auto other = kept.getDefiningOp<QuantizeOp>();
      other && removed.getRequested())
    other.setRequested(true);
  removed.getResult().replaceAllUsesWith(kept);
}

/// The location of an op that serves `value`, by a name that none has yet.
static Location getNewLocation(NamePool &names, Value value, StringRef suffix) {
  Location loc = getServingLocation(value, suffix);
  StringRef name = getLayerName(loc);
  return names.claim(name) ? loc : withLayerName(loc, names.make(name, 1));
}

DequantizeOp QDQRules::insertPair(Value value, quant::QuantizedType type) {
  OpBuilder builder(value.getContext());
  builder.setInsertionPointAfterValue(value);
  auto quantize = QuantizeOp::create(
      builder, getNewLocation(names, value, ".quantize"),
      withElementType(value.getType(), type), value, /*per_tensor=*/TypeAttr(),
      /*requested=*/UnitAttr(), /*requant=*/Attribute());
  return DequantizeOp::create(builder,
                              getNewLocation(names, value, ".dequantize"),
                              value.getType(), quantize);
}

/// The integers of `quantized` may be moved (u8 for i8): nothing reads them as
/// they are, and no boundary of the network fixes them.
static bool areIntegersFree(Value quantized) {
  return isa_and_nonnull<QuantizeOp, ConstantOp>(quantized.getDefiningOp()) &&
         llvm::all_of(quantized.getUsers(), llvm::IsaPred<DequantizeOp>);
}

/// The numbers that `op` rounds and reads back unchanged, for they are on its
/// grid already; null where they are not, or where the integers are other ones,
/// for the sake of which the pair is there.
static Value getUnchanged(DequantizeOp op) {
  auto quantize = op.getInput().getDefiningOp<QuantizeOp>();
  if (!quantize)
    return {};
  quant::QuantizedType type = getQuantizedElementType(quantize.getType());
  if (getGridOf(quantize.getInput()) != getRealGrid(type) ||
      !isExactRoundTrip(type))
    return {};
  Value source = quantize.getInput().getDefiningOp<DequantizeOp>().getInput();
  if (source.getType() != quantize.getType() && !areIntegersFree(source))
    return {};
  return quantize.getInput();
}

/// The quantized value that `op` quantizes back to itself, or null. Where a
/// boundary fixes the integers of `op` alone, those before it stay free.
static Value getRoundTripSource(QuantizeOp op) {
  auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
  if (!dequantize || dequantize.getInput().getType() != op.getType() ||
      !isExactRoundTrip(getQuantizedElementType(op.getType())) ||
      (areIntegersFree(dequantize.getInput()) && !areIntegersFree(op)))
    return {};
  return dequantize.getInput();
}

void QDQRules::mergePairs() {
  // What an operand was quantized (to a grid) or dequantized to before.
  llvm::DenseMap<std::pair<Value, Type>, Value> known;
  SmallVector<Operation *> candidates;
  auto visitQuantize = [&](QuantizeOp op) {
    if (Value source = getRoundTripSource(op)) {
      replaceQuantize(op, source);
      ++counts.cancelled;
      return;
    }
    Type grid = getRealGrid(getQuantizedElementType(op.getType()));
    auto [entry, isNew] =
        known.try_emplace({op.getInput(), grid}, op.getResult());
    Value kept = entry->second;
    // Dequantized, equal numbers are equal whatever their integers.
    bool isFree = areIntegersFree(op);
    if (isNew || isFree != areIntegersFree(kept) ||
        (kept.getType() != op.getType() && !isFree))
      return;
    replaceQuantize(op, kept);
    ++counts.merged;
  };
  auto visitDequantize = [&](DequantizeOp op) {
    if (Value source = getUnchanged(op)) {
      auto quantize = op.getInput().getDefiningOp<QuantizeOp>();
      auto first = source.getDefiningOp<DequantizeOp>()
                       .getInput()
                       .getDefiningOp<QuantizeOp>();
      if (first && quantize.getRequested())
        first.setRequested(true);
      op.getResult().replaceAllUsesWith(source);
      ++counts.cancelled;
      return;
    }
    auto [entry, isNew] =
        known.try_emplace({op.getInput(), op.getType()}, op.getResult());
    if (isNew)
      return;
    op.getResult().replaceAllUsesWith(entry->second);
    ++counts.merged;
  };
  for (Operation &op : block) {
    if (!isa<QuantizeOp, DequantizeOp, ConstantOp>(op))
      continue;
    candidates.push_back(&op);
    if (op.use_empty())
      continue;
    if (auto quantize = dyn_cast<QuantizeOp>(op))
      visitQuantize(quantize);
    else if (auto dequantize = dyn_cast<DequantizeOp>(op))
      visitDequantize(dequantize);
  }
  // Not before: `known` refers to them.
  eraseUnused(candidates);
}
