// This file implements the step that brings layers of many dimensions down to
// what XNNPACK has.
#include "JoinDims.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Dialect/XNN/IR/Limits.h"
#include "npir/Targets/JoinedDims.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace mlir::npir;

static bool hasManyDims(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() > xnn::kMaxRank;
}

static RankedTensorType getJoinedType(Value value, ArrayRef<int64_t> shape) {
  auto type = cast<RankedTensorType>(value.getType());
  return RankedTensorType::get(shape, type.getElementType());
}

/// The numbers of a copy of quantized values; null for others.
static RequantCopyAttr getCopyRequant(Type type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (!quantized)
    return {};
  return RequantCopyAttr::get(type.getContext(), quantized.getStorageTypeMin(),
                              quantized.getStorageTypeMax());
}

/// A constant of another shape over the same data.
static Value reshapeConstant(OpBuilder &builder, ConstantOp constant,
                             RankedTensorType type) {
  ElementsAttr value = constant.getValue();
  auto storage = RankedTensorType::get(type.getShape(), value.getElementType());
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    value = DenseResourceElementsAttr::get(storage, resource.getRawHandle());
  else
    value = cast<DenseElementsAttr>(value).reshape(storage);
  return ConstantOp::create(builder, constant.getLoc(), type, value);
}

static Value reshape(OpBuilder &builder, Location loc, RankedTensorType type,
                     Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return reshapeConstant(builder, constant, type);
  return ReshapeOp::create(builder, loc, type, value, getCopyRequant(type));
}

namespace {
/// Gives new ops names that no layer of the function has.
class Names {
public:
  explicit Names(func::FuncOp func) {
    func.walk([&](Operation *op) { taken.insert(getLayerName(op)); });
  }

  /// `<layer of loc><suffix>`, with a number where that is taken.
  Location derive(Location loc, const llvm::Twine &suffix) {
    std::string text = suffix.str();
    Location derived = derivedLocation(loc, text);
    for (unsigned i = 2; !taken.insert(getLayerName(derived)).second; ++i)
      derived = derivedLocation(loc, text + "_" + std::to_string(i));
    return derived;
  }

private:
  llvm::StringSet<> taken;
};
} // namespace

/// `operand`, number `i`, as the joined op takes it.
static Value prepare(OpBuilder &builder, Location loc, Value operand, size_t i,
                     const JoinedDims &joined, Names &names) {
  auto name = [&](StringRef what) {
    return names.derive(loc, what + llvm::Twine(i));
  };
  auto type = cast<RankedTensorType>(operand.getType());
  if (!joined.perm.empty())
    operand = TransposeOp::create(
        builder, name(".transposed"),
        getJoinedType(operand, applyPermutation(type.getShape(), joined.perm)),
        operand, joined.perm, getCopyRequant(type));
  if (i < joined.repeated.size() && joined.repeated[i] != type.getShape())
    operand = BroadcastOp::create(
        builder, name(".repeated"), getJoinedType(operand, joined.repeated[i]),
        operand, type.hasStaticShape() ? Value() : operand,
        getCopyRequant(type));
  RankedTensorType joinedType = getJoinedType(operand, joined.operands[i]);
  if (joinedType == operand.getType())
    return operand;
  return reshape(builder, name(".joined"), joinedType, operand);
}

static void applyJoined(Operation *op, const JoinedDims &joined, Names &names) {
  OpBuilder builder(op);
  Location loc = op->getLoc();
  for (size_t i = 0; i < joined.operands.size(); ++i)
    op->setOperand(i,
                   prepare(builder, loc, op->getOperand(i), i, joined, names));
  if (auto reduce = dyn_cast<ReduceOp>(op))
    reduce.setAxes(joined.axes);
  Value result = op->getResult(0);
  auto whole = cast<RankedTensorType>(result.getType());
  Type joinedType = getJoinedType(result, joined.result);
  if (joinedType == whole)
    return;
  result.setType(joinedType);
  op->setLoc(names.derive(loc, ".joined"));
  builder.setInsertionPointAfter(op);
  auto restored =
      ReshapeOp::create(builder, loc, whole, result, getCopyRequant(whole));
  result.replaceAllUsesExcept(restored, restored);
}

void mlir::npir::joinManyDims(func::FuncOp func, const Target &target) {
  SmallVector<Operation *> ops;
  func.walk([&](Operation *op) {
    if (op->getNumResults() == 1 &&
        (llvm::any_of(op->getOperandTypes(), hasManyDims) ||
         llvm::any_of(op->getResultTypes(), hasManyDims)) &&
        target.check(op).placement == Placement::Native)
      ops.push_back(op);
  });
  if (ops.empty())
    return;
  Names names(func);
  for (Operation *op : ops)
    if (std::optional<JoinedDims> joined = joinDims(op, xnn::kMaxRank))
      applyJoined(op, *joined, names);
}
