// This file implements the folding of sums and products with constants, one for
// each channel or one for all, into the layer before them: a linear layer that
// is written as a product of matrices and a sum gets its bias here.
#include "FoldAffine.h"
#include "Prepare.h"
#include "PrepareMatch.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::BinaryKind;

namespace {
/// A sum, difference, product or quotient of an activation and a constant.
struct ChannelOp {
  BinaryKind kind;
  Value input;
  ConstantOp constant;
  bool isReversed; // constant - input
};
} // namespace

/// `op` as one whose result has its input's type.
static std::optional<ChannelOp> matchChannelOp(Operation *op) {
  for (BinaryKind kind : {BinaryKind::Add, BinaryKind::Subtract,
                          BinaryKind::Multiply, BinaryKind::Divide}) {
    auto operands = matchBinary(op, kind);
    if (!operands)
      continue;
    auto [input, other] = *operands;
    bool isReversed = false;
    if (kind != BinaryKind::Divide && input.getDefiningOp<ConstantOp>()) {
      std::swap(input, other);
      isReversed = kind == BinaryKind::Subtract;
    }
    auto constant = other.getDefiningOp<ConstantOp>();
    if (!constant || input.getDefiningOp<ConstantOp>() ||
        input.getType() != op->getResult(0).getType())
      return std::nullopt;
    return ChannelOp{kind, input, constant, isReversed};
  }
  return std::nullopt;
}

/// The function of `op` for `channels` channels; nothing where its constant is
/// of another shape, or a number is not finite.
static std::optional<Affine> getAffine(ChannelOp op, int64_t channels) {
  RankedTensorType type = op.constant.getType();
  int64_t size = type.getNumElements();
  if (size != 1 && (size != channels || type.getShape().back() != channels))
    return std::nullopt;
  ConstantBytes bytes(op.constant.getValue());
  ArrayRef<float> numbers = bytes.as<float>();
  Affine affine;
  for (int64_t c = 0; c < channels; ++c) {
    double number = numbers[size == 1 ? 0 : c];
    double factor = 1, shift = 0;
    switch (op.kind) {
    case BinaryKind::Add:
      shift = number;
      break;
    case BinaryKind::Subtract:
      factor = op.isReversed ? -1 : 1;
      shift = op.isReversed ? number : -number;
      break;
    case BinaryKind::Multiply:
      factor = number;
      break;
    case BinaryKind::Divide:
      factor = 1 / number;
      break;
    }
    if (!std::isfinite(factor) || !std::isfinite(shift))
      return std::nullopt;
    affine.factor.push_back(factor);
    affine.shift.push_back(shift);
  }
  return affine;
}

/// The value that `value` is, but for its shape and order of elements.
static Value lookThroughMoves(Value value) {
  while (value.hasOneUse() &&
         isa_and_nonnull<ReshapeOp, TransposeOp>(value.getDefiningOp()))
    value = value.getDefiningOp()->getOperand(0);
  return value;
}

void mlir::npir::foldChannelOp(Operation *op) {
  std::optional<ChannelOp> match = matchChannelOp(op);
  if (!match)
    return;
  // One number for all channels passes reshapes and transposes.
  bool isUniform = match->constant.getType().getNumElements() == 1;
  Value value = isUniform ? lookThroughMoves(match->input) : match->input;
  std::optional<AffineLayer> layer = getAffineLayer(value);
  if (!layer || !match->input.hasOneUse() || !layer->findComputed().empty())
    return;
  auto type = cast<RankedTensorType>(value.getType());
  std::optional<Affine> affine = getAffine(*match, type.getShape().back());
  if (!affine)
    return;
  if (match->kind == BinaryKind::Add && !isUniform && !layer->bias) {
    // The constant itself is the bias, with its name.
    OpBuilder builder(layer->op);
    auto biasType =
        RankedTensorType::get(type.getShape().back(), type.getElementType());
    ConstantOp bias = reshapeConstant(builder, match->constant, biasType);
    layer->op->insertOperands(layer->op->getNumOperands(), bias.getResult());
    layer->op->setLoc(fuseLocations({layer->op->getLoc(), op->getLoc()}));
  } else {
    layer->fold(*affine, op->getLoc());
  }
  op->getResult(0).replaceAllUsesWith(match->input);
  op->erase();
}
