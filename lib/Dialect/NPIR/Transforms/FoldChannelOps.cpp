// This file implements the folding of sums and products with constants, one for
// each channel or one for all, into the layer before them: a linear layer that
// is written as a product of matrices and a sum gets its bias here.
#include "FoldAffine.h"
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Dialect/NPIR/Transforms/PrepareMatch.h"

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
    default: // what matchChannelOp does not find
      return std::nullopt;
    }
    if (!std::isfinite(factor) || !std::isfinite(shift))
      return std::nullopt;
    affine.factor.push_back(factor);
    affine.shift.push_back(shift);
  }
  return affine;
}

/// The value that `value` is, but for its shape and order of elements; with
/// `isFactor`, and for products with other matrices on the right.
static Value lookThroughMoves(Value value, bool isFactor) {
  while (value.hasOneUse()) {
    Operation *op = value.getDefiningOp();
    if (!isa_and_nonnull<ReshapeOp, TransposeOp>(op) &&
        !(isFactor && isa_and_nonnull<MatmulOp>(op)))
      break;
    value = op->getOperand(0);
  }
  return value;
}

/// Divide by multiplying: that has a form on integers.
static void replaceDivision(Operation *op, ConstantOp divisor) {
  ConstantBytes bytes(divisor.getValue());
  ArrayRef<float> old = bytes.as<float>();
  auto isInvertible = [](float number) {
    return std::isfinite(number) && std::isnormal(1 / number);
  };
  if (!llvm::all_of(old, isInvertible))
    return;
  OpBuilder builder(op);
  ConstantOp inverse = createFilledConstant(
      builder, derivedLocation(divisor.getLoc(), ".inverse"),
      divisor.getType().getShape(), [&](MutableArrayRef<float> values) {
        llvm::transform(old, values.begin(), [](float v) { return 1 / v; });
      });
  auto product =
      MulOp::create(builder, op->getLoc(), op->getOperand(0), inverse,
                    /*clamp_min=*/FloatAttr(),
                    /*clamp_max=*/FloatAttr(),
                    /*requant=*/Attribute());
  op->replaceAllUsesWith(product);
  op->erase();
}

/// The layer that `op` can become part of, and what it then computes of its
/// result.
static std::optional<std::pair<AffineLayer, Affine>>
getLayerBefore(ChannelOp op) {
  // One number for all channels passes reshapes and transposes.
  bool isUniform = op.constant.getType().getNumElements() == 1;
  bool isFactor =
      op.kind == BinaryKind::Multiply || op.kind == BinaryKind::Divide;
  Value value = isUniform ? lookThroughMoves(op.input, isFactor) : op.input;
  std::optional<AffineLayer> layer = getAffineLayer(value);
  if (!layer || !op.input.hasOneUse() || !layer->findComputed().empty())
    return std::nullopt;
  auto type = cast<RankedTensorType>(value.getType());
  std::optional<Affine> affine = getAffine(op, type.getShape().back());
  if (!affine || !layer->accepts(*affine))
    return std::nullopt;
  return std::pair(*layer, *affine);
}

void mlir::npir::foldChannelOp(Operation *op) {
  std::optional<ChannelOp> match = matchChannelOp(op);
  if (!match)
    return;
  auto before = getLayerBefore(*match);
  if (!before) {
    if (match->kind == BinaryKind::Divide)
      replaceDivision(op, match->constant);
    return;
  }
  auto &[layer, affine] = *before;
  auto channels = static_cast<int64_t>(affine.shift.size());
  if (match->kind == BinaryKind::Add && !layer.bias &&
      match->constant.getType().getNumElements() == channels) {
    // The constant itself is the bias, with its name.
    OpBuilder builder(layer.op);
    auto type = RankedTensorType::get(channels, builder.getF32Type());
    ConstantOp bias = reshapeConstant(builder, match->constant, type);
    layer.op->insertOperands(layer.op->getNumOperands(), bias.getResult());
    layer.op->setLoc(fuseLocations({layer.op->getLoc(), op->getLoc()}));
  } else {
    layer.fold(affine, op->getLoc());
  }
  op->getResult(0).replaceAllUsesWith(match->input);
  op->erase();
}
