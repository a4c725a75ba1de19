// This file implements the folding of batch normalization into the weights
// before it. With s = scale / sqrt(variance + epsilon) per channel,
// `(W x + b - mean) * s + offset` is `(s W) x + ((b - mean) * s + offset)`.
// All of it is computed in double and rounded to f32 once.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

namespace {
/// `y = x * factor[c] + shift[c]`.
struct Affine {
  SmallVector<double> factor, shift;
};

/// A layer that multiplies and accumulates with constant weights.
struct Layer {
  QuantizableOpInterface op;
  OpOperand *weight;
  OpOperand *bias; // null for none
  int64_t channelAxis;
};
} // namespace

/// The numbers of `op`, or failure after a diagnostic.
static FailureOr<Affine> getAffine(BatchNormOp op) {
  static constexpr StringLiteral names[] = {"scale", "offset", "mean",
                                            "variance"};
  auto emit = [&] {
    return op.emitError("cannot fold batch normalization '")
           << getDisplayName(op) << "': ";
  };
  SmallVector<ConstantBytes, 4> bytes;
  for (int i = 0; i < 4; ++i) {
    FailureOr<ConstantBytes> constant = getConstantBytes(op->getOperand(i + 1));
    if (failed(constant)) {
      emit() << "expected a constant " << names[i]
             << ", got a computed tensor; freeze the model's parameters before "
                "it is imported";
      return failure();
    }
    bytes.push_back(std::move(*constant));
  }
  double epsilon = op.getEpsilon().convertToDouble();
  Affine affine;
  for (size_t c = 0, e = bytes[0].as<float>().size(); c < e; ++c) {
    double variance = bytes[3].as<float>()[c];
    double factor = bytes[0].as<float>()[c] / std::sqrt(variance + epsilon);
    double shift = bytes[1].as<float>()[c] - bytes[2].as<float>()[c] * factor;
    if (!std::isfinite(factor) || !std::isfinite(shift)) {
      emit() << "expected finite parameters and variance + epsilon > 0, got "
                "scale "
             << bytes[0].as<float>()[c] << ", offset "
             << bytes[1].as<float>()[c] << ", mean " << bytes[2].as<float>()[c]
             << ", variance " << bytes[3].as<float>()[c] << " in channel " << c;
      return failure();
    }
    affine.factor.push_back(factor);
    affine.shift.push_back(shift);
  }
  return affine;
}

/// The layer that `norm` can become part of: its only input, used by nobody
/// else and not clamped in between.
static std::optional<Layer> getLayerBefore(BatchNormOp norm) {
  auto op = norm.getInput().getDefiningOp<QuantizableOpInterface>();
  if (!op || !norm.getInput().hasOneUse() ||
      op.getArithmetic() != Arithmetic::MultiplyAccumulate)
    return std::nullopt;
  if (auto clamped = dyn_cast<ClampedOpInterface>(op.getOperation())) {
    auto [min, max] = clamped.getClampRange();
    if (!std::isinf(min) || !std::isinf(max))
      return std::nullopt;
  }
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
  return Layer{op, weights[0], biases.empty() ? nullptr : biases[0], *axis};
}

static LogicalResult foldInto(BatchNormOp norm, const Affine &affine,
                              Layer layer) {
  auto getConstant = [&](OpOperand *operand,
                         StringRef name) -> FailureOr<ConstantOp> {
    if (auto constant = operand->get().getDefiningOp<ConstantOp>())
      return constant;
    return norm.emitError("cannot fold batch normalization '")
           << getDisplayName(norm) << "': expected a constant " << name
           << " of layer '" << getDisplayName(layer.op)
           << "', got a computed tensor";
  };
  FailureOr<ConstantOp> weight = getConstant(layer.weight, "weight");
  if (failed(weight))
    return failure();
  FailureOr<ConstantOp> bias = ConstantOp();
  if (layer.bias && failed(bias = getConstant(layer.bias, "bias")))
    return failure();

  OpBuilder builder(layer.op);
  size_t channels = affine.factor.size();
  ArrayRef<int64_t> shape = weight->getType().getShape();
  size_t inner = 1;
  for (int64_t size : shape.drop_front(layer.channelAxis + 1))
    inner *= size;
  ConstantBytes weightBytes(weight->getValue());
  ArrayRef<float> oldWeights = weightBytes.as<float>();
  ConstantOp newWeight = createFilledConstant(
      builder, weight->getLoc(), shape, [&](MutableArrayRef<float> values) {
        for (size_t at = 0; at < values.size();)
          for (size_t c = 0; c < channels; ++c)
            for (size_t i = 0; i < inner; ++i, ++at)
              values[at] =
                  static_cast<float>(oldWeights[at] * affine.factor[c]);
      });

  std::optional<ConstantBytes> biasBytes;
  if (*bias)
    biasBytes.emplace(bias->getValue());
  ArrayRef<float> oldBias;
  if (biasBytes)
    oldBias = biasBytes->as<float>();
  ConstantOp newBias = createFilledConstant(
      builder,
      *bias ? bias->getLoc() : derivedLocation(layer.op->getLoc(), ".bias"),
      static_cast<int64_t>(channels), [&](MutableArrayRef<float> values) {
        for (size_t c = 0; c < channels; ++c)
          values[c] = static_cast<float>((oldBias.empty() ? 0.0 : oldBias[c]) *
                                             affine.factor[c] +
                                         affine.shift[c]);
      });

  layer.weight->set(newWeight);
  if (layer.bias)
    layer.bias->set(newBias);
  else
    layer.op->insertOperands(layer.op->getNumOperands(), newBias.getResult());
  layer.op->setLoc(fuseLocations({layer.op->getLoc(), norm.getLoc()}));
  norm.replaceAllUsesWith(norm.getInput());
  norm.erase();
  return success();
}

/// A 1x1 depthwise convolution of its own, round which anything but [N, H, W,
/// C] is reshaped.
static void replaceByDepthwise(BatchNormOp norm, const Affine &affine) {
  OpBuilder builder(norm);
  Location loc = norm.getLoc();
  auto type = cast<RankedTensorType>(norm.getType());
  int64_t channels = affine.factor.size();
  auto makeConstant = [&](StringRef suffix, ArrayRef<int64_t> shape,
                          ArrayRef<double> source) -> Value {
    return createFilledConstant(builder, derivedLocation(loc, suffix), shape,
                                [&](MutableArrayRef<float> values) {
                                  llvm::transform(
                                      source, values.begin(), [](double value) {
                                        return static_cast<float>(value);
                                      });
                                });
  };
  Value filter = makeConstant(".filter", {1, 1, 1, channels}, affine.factor);
  Value bias = makeConstant(".bias", channels, affine.shift);

  RankedTensorType imageType = type;
  Value input = norm.getInput();
  if (type.getRank() != 4) {
    int64_t height = 1;
    for (int64_t size : type.getShape().drop_front().drop_back())
      height *= size;
    imageType = type.clone({type.getDimSize(0), height, 1, channels});
    input = ReshapeOp::create(builder, derivedLocation(loc, ".input"),
                              imageType, input, /*requant=*/Attribute());
  }
  SmallVector<int64_t> ones(2, 1), zeros(4, 0);
  auto conv = DepthwiseConv2DOp::create(
      builder, loc, imageType, input, filter, bias,
      builder.getDenseI64ArrayAttr(ones), builder.getDenseI64ArrayAttr(zeros),
      builder.getDenseI64ArrayAttr(ones), /*clamp_min=*/FloatAttr(),
      /*clamp_max=*/FloatAttr(), /*requant=*/Attribute());
  Value result = conv.getResult();
  if (imageType != type)
    result = ReshapeOp::create(builder, derivedLocation(loc, ".output"), type,
                               result, /*requant=*/Attribute());
  norm.replaceAllUsesWith(result);
  norm.erase();
}

LogicalResult mlir::npir::foldBatchNorms(func::FuncOp func) {
  for (auto norm : llvm::make_early_inc_range(func.getOps<BatchNormOp>())) {
    assert(static_cast<int64_t>(norm.getAxis()) ==
               cast<RankedTensorType>(norm.getType()).getRank() - 1 &&
           "layout propagation moves the channels last");
    FailureOr<Affine> affine = getAffine(norm);
    if (failed(affine))
      return failure();
    if (std::optional<Layer> layer = getLayerBefore(norm)) {
      if (failed(foldInto(norm, *affine, *layer)))
        return failure();
    } else {
      replaceByDepthwise(norm, *affine);
    }
  }
  eraseDeadOps(func);
  return success();
}
