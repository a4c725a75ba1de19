// This file implements which real numbers quantized types stand for, and which
// ops hand them on.
#include "QDQGrid.h"

#include "npir/Kernels/Requantize.h"

#include "llvm/ADT/bit.h"

using namespace mlir;
using namespace mlir::npir;

quant::QuantizedType mlir::npir::getRealGrid(quant::QuantizedType type) {
  SmallVector<int64_t> zeroPoints = getZeroPoints(type);
  int64_t zeroPoint = zeroPoints.front();
  if (type.getStorageTypeIntegralWidth() > 16 || !llvm::all_equal(zeroPoints))
    return type;
  MLIRContext *context = type.getContext();
  unsigned flags = quant::QuantizationFlags::Signed;
  Type i32 = IntegerType::get(context, 32);
  int64_t min = type.getStorageTypeMin() - zeroPoint;
  int64_t max = type.getStorageTypeMax() - zeroPoint;
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type))
    return quant::UniformQuantizedType::get(flags, i32, type.getExpressedType(),
                                            uniform.getScale(), 0, min, max);
  auto perAxis = cast<quant::UniformQuantizedPerAxisType>(type);
  SmallVector<int64_t> zeros(zeroPoints.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(
      flags, i32, type.getExpressedType(), perAxis.getScales(), zeros,
      perAxis.getQuantizedDimension(), min, max);
}

bool mlir::npir::isExactRoundTrip(quant::QuantizedType type) {
  return type.getStorageTypeIntegralWidth() <= 16 &&
         llvm::all_of(getScales(type), npir_kernels::isLegalScale);
}

quant::QuantizedType mlir::npir::getGridOf(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  if (!dequantize)
    return {};
  return getRealGrid(getQuantizedElementType(dequantize.getInput().getType()));
}

quant::QuantizedType mlir::npir::getGridOfUsers(Value value) {
  quant::QuantizedType grid;
  for (Operation *user : value.getUsers()) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    if (!quantize)
      return {};
    quant::QuantizedType found =
        getRealGrid(getQuantizedElementType(quantize.getType()));
    if (grid && grid != found)
      return {};
    grid = found;
  }
  return grid;
}

int32_t mlir::npir::quantizeNumber(float number,
                                   quant::UniformQuantizedType type) {
  float inverse = 1.0f / static_cast<float>(type.getScale());
  return npir_kernels::quantizeToGrid(
      number, inverse, static_cast<int32_t>(type.getZeroPoint()),
      static_cast<int32_t>(type.getStorageTypeMin()),
      static_cast<int32_t>(type.getStorageTypeMax()));
}

bool mlir::npir::isOnGrid(float number, quant::UniformQuantizedType type) {
  float nearest = npir_kernels::dequantizeValue(
      quantizeNumber(number, type), static_cast<float>(type.getScale()),
      static_cast<int32_t>(type.getZeroPoint()));
  return llvm::bit_cast<uint32_t>(number) == llvm::bit_cast<uint32_t>(nearest);
}

/// The numbers that an op which moves values has beside its operands.
static SmallVector<float> getOwnNumbers(Operation *op) {
  SmallVector<float> numbers;
  for (NamedAttribute attribute : op->getAttrs())
    if (auto number = dyn_cast<FloatAttr>(attribute.getValue()))
      numbers.push_back(static_cast<float>(number.getValueAsDouble()));
  return numbers;
}

std::optional<Passage> mlir::npir::getPassage(Operation *op) {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (!quantizable || op->getNumResults() != 1)
    return std::nullopt;
  auto type = dyn_cast<RankedTensorType>(op->getResult(0).getType());
  if (!type || !type.getElementType().isF32())
    return std::nullopt;
  if (auto unary = dyn_cast<UnaryOpInterface>(op)) {
    npir_kernels::UnaryFunction function = unary.getUnaryFunction();
    if (function.kind != npir_kernels::UnaryKind::Clamp)
      return std::nullopt;
    Passage clamp{{0}, {}, false};
    for (float bound : {function.a, function.b})
      if (std::isfinite(bound))
        clamp.numbers.push_back(bound);
    return clamp;
  }
  Passage copy{quantizable.getSameScaleOperands(), getOwnNumbers(op), true};
  if (quantizable.getArithmetic() != Arithmetic::Copy || copy.operands.empty())
    return std::nullopt;
  llvm::sort(copy.operands);
  // Values that come in beside those could be anything.
  for (OpOperand *operand : quantizable.getOperandsWithRole(Role::Activation))
    if (!copy.handsOn(operand->getOperandNumber()))
      return std::nullopt;
  return copy;
}

namespace {
/// A concat of thousands is asked for by each of its operands.
class Passages {
public:
  const std::optional<Passage> &get(Operation *op) {
    auto [known, isNew] = passages.try_emplace(op);
    if (isNew)
      known->second = getPassage(op);
    return known->second;
  }

private:
  llvm::DenseMap<Operation *, std::optional<Passage>> passages;
};
} // namespace

/// `op` is only dequantized, and `holds` for all that reads the numbers then.
static bool forAllReaders(QuantizeOp op,
                          function_ref<bool(OpOperand &)> holds) {
  return llvm::all_of(op->getUsers(), [&](Operation *user) {
    return isa<DequantizeOp>(user) && llvm::all_of(user->getUses(), holds);
  });
}

llvm::SetVector<Operation *> mlir::npir::findOffers(Block &block) {
  Passages passages;
  auto isJoin = [&](OpOperand &use) {
    const std::optional<Passage> &passage = passages.get(use.getOwner());
    return passage && passage->isCopy && passage->operands.size() > 1;
  };
  llvm::SetVector<Operation *> offers;
  for (auto op : block.getOps<QuantizeOp>())
    if (!op.getRequested() && op.getInput().getDefiningOp<DequantizeOp>() &&
        forAllReaders(op, isJoin))
      offers.insert(op);
  return offers;
}

llvm::DenseSet<Operation *> mlir::npir::findRoundedBehind(Block &block) {
  Passages passages;
  llvm::DenseSet<Operation *> found;
  for (auto op : block.getOps<QuantizeOp>()) {
    quant::QuantizedType grid =
        getRealGrid(getQuantizedElementType(op.getType()));
    auto isRounded = [&](OpOperand &use) {
      const std::optional<Passage> &passage = passages.get(use.getOwner());
      return passage && passage->handsOn(use.getOperandNumber()) &&
             getGridOfUsers(use.getOwner()->getResult(0)) == grid;
    };
    if (!op.getRequested() && forAllReaders(op, isRounded))
      found.insert(op);
  }
  return found;
}

//===----------------------------------------------------------------------===//
// FixedGrids
//===----------------------------------------------------------------------===//

FixedGrids::FixedGrids(Block &block) {
  llvm::SetVector<Operation *> offers = findOffers(block);
  for (Operation &op : block) {
    quant::QuantizedType grid;
    if (auto dequantize = dyn_cast<DequantizeOp>(op))
      grid = find(dequantize, offers);
    else if (std::optional<Passage> passage = getPassage(&op))
      grid = find(&op, *passage);
    if (grid)
      grids[op.getResult(0)] = grid;
  }
}

bool FixedGrids::isNoRounding(QuantizeOp op) const {
  quant::QuantizedType grid = lookup(op.getInput());
  return grid && grid == getRealGrid(getQuantizedElementType(op.getType()));
}

quant::QuantizedType
FixedGrids::find(DequantizeOp op,
                 const llvm::SetVector<Operation *> &offers) const {
  auto type = dyn_cast<quant::UniformQuantizedType>(
      getQuantizedElementType(op.getInput().getType()));
  auto quantize = op.getInput().getDefiningOp<QuantizeOp>();
  // A conversion of fixed numbers stays, too: no pair goes behind integers.
  bool isFixed = !quantize || quantize.getRequested() ||
                 isNoRounding(quantize) ||
                 (quantize.getInput().getDefiningOp<DequantizeOp>() &&
                  lookup(quantize.getInput()) && !offers.contains(quantize));
  return type && isFixed && isExactRoundTrip(type) ? getRealGrid(type)
                                                   : quant::QuantizedType();
}

quant::QuantizedType FixedGrids::find(Operation *op,
                                      const Passage &passage) const {
  quant::QuantizedType grid = lookup(op->getOperand(passage.operands.front()));
  auto isEqual = [&](unsigned index) {
    return lookup(op->getOperand(index)) == grid;
  };
  if (!grid || !llvm::all_of(passage.operands, isEqual))
    return {};
  auto type = cast<quant::UniformQuantizedType>(grid);
  return llvm::all_of(passage.numbers,
                      [&](float number) { return isOnGrid(number, type); })
             ? grid
             : quant::QuantizedType();
}

void mlir::npir::dropFulfilledOrders(Block &block) {
  FixedGrids grids(block);
  for (auto quantize : block.getOps<QuantizeOp>())
    if (quantize.getRequested() && grids.isNoRounding(quantize))
      quantize.setRequested(false);
}
