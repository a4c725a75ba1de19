// This file implements the folding of batch normalization into the weights
// before it, with s = scale / sqrt(variance + epsilon) per channel.
#include "FoldAffine.h"
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

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

LogicalResult mlir::npir::foldBatchNorm(BatchNormOp norm) {
  assert(static_cast<int64_t>(norm.getAxis()) ==
             cast<RankedTensorType>(norm.getType()).getRank() - 1 &&
         "layout propagation moves the channels last");
  FailureOr<Affine> affine = getAffine(norm);
  if (failed(affine))
    return failure();
  std::optional<AffineLayer> layer = getAffineLayer(norm.getInput());
  if (!layer || !layer->accepts(*affine)) {
    replaceByDepthwise(norm, *affine);
    return success();
  }
  if (StringRef computed = layer->findComputed(); !computed.empty())
    return norm.emitError("cannot fold batch normalization '")
           << getDisplayName(norm) << "': expected a constant " << computed
           << " of layer '" << getDisplayName(layer->op)
           << "', got a computed tensor";
  layer->fold(*affine, norm.getLoc());
  norm.replaceAllUsesWith(norm.getInput());
  norm.erase();
  return success();
}
