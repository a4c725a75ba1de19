// This file implements what surrounds the folding of layers: choosing types
// that the target has, conversions, and constants of float layers.
#include "QDQFolder.h"
#include "QDQGrid.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"

using namespace mlir;
using namespace mlir::npir;

template <typename Op>
static SmallVector<Op> collect(func::FuncOp func) {
  SmallVector<Op> ops;
  func.walk([&](Op op) { ops.push_back(op); });
  return ops;
}

void QDQFolder::usePerTensorActivations() {
  if (target.hasPerChannelActivations())
    return;
  SmallVector<QuantizeOp> changed;
  for (QuantizeOp op : collect<QuantizeOp>(func)) {
    std::optional<Type> type = op.getPerTensor();
    if (!type)
      continue;
    op.getResult().setType(withElementType(op.getType(), *type));
    op.removePerTensorAttr();
    changed.push_back(op);
    // For the coverage report. A note that is there tells more.
    Operation *layer = op.getInput().getDefiningOp();
    if (layer && !layer->hasTrait<OpTrait::ConstantLike>() &&
        !layer->hasAttr(NPIRDialect::kSchemeNoteAttrName))
      layer->setAttr(NPIRDialect::kSchemeNoteAttrName,
                     StringAttr::get(op.getContext(),
                                     "its result has one scale, not one per "
                                     "channel: '" +
                                         target.getName() +
                                         "' has no per-channel activations"));
  }
  if (changed.empty())
    return;
  std::string names;
  constexpr size_t maxNames = 5;
  for (QuantizeOp op : ArrayRef(changed).take_front(maxNames))
    names += (names.empty() ? "'" : ", '") + getTensorId(op.getInput()) + "'";
  if (changed.size() > maxNames)
    names += " (" + std::to_string(changed.size()) + " in all)";
  addProblem(changed.front().getInput().getLoc(),
             "activations " + names +
                 " get one scale each, not one per channel: target '" +
                 target.getName() + "' has no per-channel activations");
}

/// The stored constant with all integers moved by `shift`.
static ConstantOp shiftConstant(ConstantOp op, RankedTensorType type,
                                int64_t shift) {
  ConstantBytes bytes(op.getValue());
  SmallVector<char, 0> moved(bytes.bytes());
  for (char &value : moved)
    value = static_cast<char>(value + shift);
  OpBuilder builder(op);
  return createConstant(builder, op.getLoc(), type, ArrayRef<char>(moved));
}

void QDQFolder::useTargetStorage() {
  for (Block &block : func.getBody())
    for (Operation *op : findRoundedBehind(block))
      roundedBehind.insert(op);
  auto isPaired = [](Operation *op) {
    return llvm::all_of(op->getUsers(), llvm::IsaPred<DequantizeOp>);
  };
  for (QuantizeOp op : collect<QuantizeOp>(func)) {
    quant::QuantizedType type = getQuantizedElementType(op.getType());
    quant::QuantizedType stored = target.getStorageType(type);
    if (stored == type || !isPaired(op))
      continue;
    bool isOtherWidth = stored.getStorageType() != type.getStorageType();
    if (isOtherWidth && !roundedBehind.contains(op))
      op.setRequested(true);
    // A constant is rounded to the width that was asked for.
    if (ElementsAttr value = getFloatConstant(op.getInput());
        value && isOtherWidth) {
      OpBuilder builder(op);
      op.replaceAllUsesWith(
          computeQuantize(builder, op.getLoc(), value, type).getResult());
      op.erase();
      continue;
    }
    op.getResult().setType(withElementType(op.getType(), stored));
  }
  for (ConstantOp op : collect<ConstantOp>(func)) {
    quant::QuantizedType type = getQuantizedElementType(op.getType());
    if (!type || !isPaired(op))
      continue;
    quant::QuantizedType stored = target.getStorageType(type);
    if (stored == type)
      continue;
    RankedTensorType result = withElementType(op.getType(), stored);
    int64_t shift = stored.getStorageTypeMin() - type.getStorageTypeMin();
    if (shift == 0) {
      op.getResult().setType(result);
      continue;
    }
    op.replaceAllUsesWith(shiftConstant(op, result, shift).getResult());
    op.erase();
  }
}

/// Let those that read what `op` quantizes, dequantized, read its operand.
static void replacePair(QuantizeOp op) {
  for (Operation *dequantize : llvm::make_early_inc_range(op->getUsers())) {
    dequantize->getResult(0).replaceAllUsesWith(op.getInput());
    dequantize->erase();
  }
}

void QDQFolder::settleIllegalPairs() {
  SmallVector<QuantizeOp> roundings;
  for (QuantizeOp op : collect<QuantizeOp>(func)) {
    Legality legality = target.check(op);
    bool isPaired = llvm::all_of(op->getUsers(), llvm::IsaPred<DequantizeOp>);
    if (legality.isLegal() || !isPaired ||
        isQuantizedTensor(op.getInput().getType()))
      continue;
    // It is done behind what hands the numbers on, and that in float.
    if (roundedBehind.contains(op)) {
      replacePair(op);
      continue;
    }
    if (canRoundToGrid(getQuantizedElementType(op.getType()))) {
      op.setRequested(true);
      roundings.push_back(op);
      continue;
    }
    addProblem(op.getInput().getLoc(), "tensor '" + getTensorId(op.getInput()) +
                                           "' stays in float on target '" +
                                           target.getName() +
                                           "': " + legality.reason);
    replacePair(op);
  }
  // No layer moves such integers: a pair that rounds nothing is good for none.
  for (Block &block : func.getBody())
    dropFulfilledOrders(block);
  for (QuantizeOp op : roundings)
    if (!op.getRequested())
      replacePair(op);
}

void QDQFolder::removeFloatPairs() {
  // What still reads an offer dequantized moves floats.
  for (Operation *offer : offers)
    for (Operation *user : offer->getUsers())
      if (isa<DequantizeOp>(user))
        user->getResult(0).replaceAllUsesWith(offer->getOperand(0));
  for (QuantizeOp op : collect<QuantizeOp>(func)) {
    // A layer that computes in integers has no quantize behind it, and reads
    // the quantized value itself.
    bool isBetweenFloats =
        !isQuantizedTensor(op.getInput().getType()) &&
        !op.getInput().getDefiningOp<DequantizeOp>() &&
        llvm::all_of(op->getUsers(), llvm::IsaPred<DequantizeOp>);
    if (!isBetweenFloats || op.getRequested())
      continue;
    replacePair(op);
  }
}

void QDQFolder::storeConstants() {
  for (QuantizeOp op : collect<QuantizeOp>(func)) {
    ElementsAttr value = getFloatConstant(op.getInput());
    if (!value || op->use_empty())
      continue;
    // The integers take the name where the float constant is not needed.
    Location loc =
        op.getInput().hasOneUse() ? op.getInput().getLoc() : op.getLoc();
    OpBuilder builder(op);
    op.replaceAllUsesWith(computeQuantize(builder, loc, value,
                                          getQuantizedElementType(op.getType()))
                              .getResult());
  }
}

void QDQFolder::foldConversions() {
  for (QuantizeOp op : collect<QuantizeOp>(func)) {
    auto dequantize = op.getInput().getDefiningOp<DequantizeOp>();
    if (!dequantize || op->use_empty())
      continue;
    // Equal types can arise from the choice of per-tensor types; a conversion
    // by a factor of 1 would change nothing, either.
    if (dequantize.getInput().getType() == op.getType()) {
      op.getResult().replaceAllUsesWith(dequantize.getInput());
      continue;
    }
    // A constant is converted now, to the bit as the pairs do it.
    if (auto stored = dequantize.getInput().getDefiningOp<ConstantOp>()) {
      OpBuilder builder(op);
      ConstantOp real = dequantizeConstant(builder, op.getLoc(), stored);
      op.replaceAllUsesWith(
          computeQuantize(builder, op.getLoc(), real.getValue(),
                          getQuantizedElementType(op.getType()))
              .getResult());
      real.erase();
      continue;
    }
    op.getInputMutable().assign(dequantize.getInput());
    Legality legality = target.check(op);
    FailureOr<Attribute> requant = failure();
    if (legality.isLegal())
      requant = target.computeRequant(op);
    if (succeeded(requant)) {
      op.setRequantAttr(*requant);
      continue;
    }
    op.getInputMutable().assign(dequantize.getResult());
    addProblem(op.getLoc(), "a conversion between quantized types goes through "
                            "float on target '" +
                                target.getName() + "': " + legality.reason);
  }
}

void QDQFolder::foldConstants() {
  for (DequantizeOp op : collect<DequantizeOp>(func)) {
    auto constant = op.getInput().getDefiningOp<ConstantOp>();
    if (!constant || op->use_empty() || keepStored(op))
      continue;
    // The float constant takes the name where the integers are not needed.
    Location loc = constant->hasOneUse() ? constant.getLoc() : op.getLoc();
    OpBuilder builder(constant);
    op.getResult().replaceAllUsesWith(
        dequantizeConstant(builder, loc, constant).getResult());
  }
  for (DequantizeGroupsOp op : collect<DequantizeGroupsOp>(func))
    keepStored(op);
}

void QDQFolder::eraseUnused() {
  SmallVector<Operation *> candidates;
  func.walk([&](Operation *op) {
    if (isa<QuantizeOp, DequantizeOp, DequantizeGroupsOp, DynamicQuantizeOp>(
            op) ||
        op->hasTrait<OpTrait::ConstantLike>())
      candidates.push_back(op);
  });
  mlir::npir::eraseUnused(candidates);
}
