// This file implements how a factor and a shift per channel become part of the
// layer before them: `(W x + b) * s + t` is `(s W) x + (b * s + t)`.
#include "FoldAffine.h"
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

std::optional<AffineLayer> mlir::npir::getAffineLayer(Value value) {
  auto op = value.getDefiningOp<QuantizableOpInterface>();
  if (!op || !value.hasOneUse())
    return std::nullopt;
  if (auto clamped = dyn_cast<ClampedOpInterface>(op.getOperation())) {
    auto [min, max] = clamped.getClampRange();
    if (!std::isinf(min) || !std::isinf(max))
      return std::nullopt;
  }
  if (auto norm = dyn_cast<LayerNormOp>(op.getOperation()))
    return AffineLayer{op, &norm.getScaleMutable(), &norm.getOffsetMutable(),
                       0};
  if (op.getArithmetic() != Arithmetic::MultiplyAccumulate)
    return std::nullopt;
  SmallVector<OpOperand *> weights = op.getOperandsWithRole(Role::Weight);
  SmallVector<OpOperand *> biases = op.getOperandsWithRole(Role::Bias);
  if (weights.size() != 1 || biases.size() > 1)
    return std::nullopt;
  std::optional<int64_t> axis =
      op.getChannelAxis(weights[0]->getOperandNumber());
  // Without a bias there must be a place for one.
  if (!axis ||
      (biases.empty() && op.getOperandRole(op->getNumOperands()) != Role::Bias))
    return std::nullopt;
  return AffineLayer{op, weights[0], biases.empty() ? nullptr : biases[0],
                     *axis};
}

static bool hasFactor(const Affine &affine) {
  return llvm::any_of(affine.factor, [](double f) { return f != 1.0; });
}

bool AffineLayer::accepts(const Affine &affine) const {
  return !weight->get().getDefiningOp<DequantizeOp>() || !hasFactor(affine);
}

StringRef AffineLayer::findComputed() const {
  if (!getStoredConstant(weight->get()))
    return "weight";
  if (bias && !bias->get().getDefiningOp<ConstantOp>())
    return "bias";
  return "";
}

/// The weight `constant` with each channel multiplied by its factor.
static ConstantOp scaleWeight(OpBuilder &builder, ConstantOp constant,
                              int64_t channelAxis, ArrayRef<double> factor) {
  ArrayRef<int64_t> shape = constant.getType().getShape();
  size_t inner = 1;
  for (int64_t size : shape.drop_front(channelAxis + 1))
    inner *= size;
  ConstantBytes bytes(constant.getValue());
  ArrayRef<float> weights = bytes.as<float>();
  return createFilledConstant(
      builder, constant.getLoc(), shape, [&](MutableArrayRef<float> values) {
        for (size_t at = 0; at < values.size();)
          for (double channelFactor : factor)
            for (size_t i = 0; i < inner; ++i, ++at)
              values[at] = static_cast<float>(weights[at] * channelFactor);
      });
}

void AffineLayer::fold(const Affine &affine, Location loc) const {
  OpBuilder builder(op);
  if (hasFactor(affine))
    weight->set(scaleWeight(builder, weight->get().getDefiningOp<ConstantOp>(),
                            channelAxis, affine.factor));

  auto oldBias = bias ? bias->get().getDefiningOp<ConstantOp>() : ConstantOp();
  auto isZero = [](double shift) { return shift == 0.0; };
  if (oldBias || !llvm::all_of(affine.shift, isZero)) {
    std::optional<ConstantBytes> bytes;
    ArrayRef<float> old;
    if (oldBias) {
      bytes.emplace(oldBias.getValue());
      old = bytes->as<float>();
    }
    ConstantOp newBias = createFilledConstant(
        builder,
        oldBias ? oldBias->getLoc() : derivedLocation(op->getLoc(), ".bias"),
        static_cast<int64_t>(affine.shift.size()),
        [&](MutableArrayRef<float> values) {
          for (auto [c, value] : llvm::enumerate(values))
            value = static_cast<float>((old.empty() ? 0.0 : old[c]) *
                                           affine.factor[c] +
                                       affine.shift[c]);
        });
    if (bias)
      bias->set(newBias);
    else
      op->insertOperands(op->getNumOperands(), newBias.getResult());
  }
  op->setLoc(fuseLocations({op->getLoc(), loc}));
}

LogicalResult mlir::npir::foldAffineOps(func::FuncOp func) {
  // In the order of the program: what one op becomes may take the next.
  for (Block &block : func.getBody())
    for (Operation &op : llvm::make_early_inc_range(block)) {
      if (auto norm = dyn_cast<BatchNormOp>(op)) {
        if (failed(foldBatchNorm(norm)))
          return failure();
      } else if (isa<BinaryOpInterface>(op)) {
        foldChannelOp(&op);
      }
    }
  eraseDeadOps(func);
  return success();
}
