// This file implements the layout of a function's inputs.
#include "Boundary.h"
#include "PrepareShapes.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;

static ArrayRef<int64_t> getShape(Value value) {
  return cast<RankedTensorType>(value.getType()).getShape();
}

/// The permutation from channels second to channels last.
static Permutation getChannelsLast(int64_t rank) {
  Permutation perm = identityPermutation(rank);
  perm.erase(perm.begin() + 1);
  perm.push_back(1);
  return perm;
}

/// `op` transposes by `perm`, be it as a reshape.
static bool isTranspose(Operation *op, ArrayRef<int64_t> perm) {
  if (auto transpose = dyn_cast<TransposeOp>(op))
    return transpose.getPerm() == perm;
  auto reshape = dyn_cast<ReshapeOp>(op);
  if (!reshape || getShape(reshape.getInput()).size() != perm.size())
    return false;
  ArrayRef<int64_t> shape = getShape(reshape.getInput());
  return keepsMemoryOrder(shape, perm) &&
         getShape(reshape) == ArrayRef(applyPermutation(shape, perm));
}

/// Ops that are the same in every layout.
static bool isRounding(Operation *op) {
  return isa<QuantizeOp, DequantizeOp>(op);
}

static bool leadsToTranspose(Value value, ArrayRef<int64_t> perm) {
  return llvm::any_of(value.getUsers(), [&](Operation *user) {
    return isTranspose(user, perm) ||
           (isRounding(user) && leadsToTranspose(user->getResult(0), perm));
  });
}

bool mlir::npir::hasChannelsLastBelow(BlockArgument argument) {
  int64_t rank = getShape(argument).size();
  return rank >= 3 && leadsToTranspose(argument, getChannelsLast(rank));
}

/// `type` with its dimensions permuted; scales go along.
static Type permuteType(RankedTensorType type, ArrayRef<int64_t> perm) {
  Type element = type.getElementType();
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element))
    element = quant::UniformQuantizedPerAxisType::get(
        perAxis.getFlags(), perAxis.getStorageType(),
        perAxis.getExpressedType(), perAxis.getScales(),
        perAxis.getZeroPoints(),
        static_cast<int32_t>(
            invertPermutation(perm)[perAxis.getQuantizedDimension()]),
        perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
  return RankedTensorType::get(applyPermutation(type.getShape(), perm),
                               element);
}

/// Give `value` and its roundings the dimensions `perm` of those they have.
static void permute(Value value, ArrayRef<int64_t> perm) {
  auto type = cast<RankedTensorType>(value.getType());
  value.setType(permuteType(type, perm));
  SmallVector<OpOperand *> uses = llvm::to_vector(
      llvm::map_range(value.getUses(), [](OpOperand &use) { return &use; }));
  Value original;
  for (OpOperand *use : uses) {
    Operation *user = use->getOwner();
    if (isRounding(user)) {
      permute(user->getResult(0), perm);
      continue;
    }
    if (auto transpose = dyn_cast<TransposeOp>(user);
        transpose && transpose.getPerm() == perm) {
      transpose.replaceAllUsesWith(value);
      transpose.erase();
      continue;
    }
    if (isa<ReshapeOp>(user) &&
        user->getResult(0).getType() == value.getType()) {
      user->getResult(0).replaceAllUsesWith(value);
      user->erase();
      continue;
    }
    if (!original) {
      OpBuilder builder(value.getContext());
      builder.setInsertionPointAfterValue(value);
      original = TransposeOp::create(
          builder, derivedLocation(value.getLoc(), ".source_layout"), type,
          value, builder.getDenseI64ArrayAttr(invertPermutation(perm)),
          /*requant=*/Attribute());
    }
    use->set(original);
  }
}

bool mlir::npir::moveChannelsLast(func::FuncOp func, BlockArgument argument) {
  if (!hasChannelsLastBelow(argument))
    return false;
  permute(argument, getChannelsLast(getShape(argument).size()));
  updateFunctionType(func);
  return true;
}
