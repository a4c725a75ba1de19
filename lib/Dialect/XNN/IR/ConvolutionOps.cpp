// This file implements convolutions and the fully connected layer.
#include "Verification.h"

#include "npir/Kernels/PoolLegality.h"
#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

static LogicalResult verifyConstant(Operation *op, Value value,
                                    StringRef name) {
  if (!value.getDefiningOp<ConstantOp>())
    return op->emitOpError("expected the ")
           << name << " to be an npir.constant";
  return success();
}

/// XNNPACK computes the bias' scale itself and ignores the declared one.
static LogicalResult verifyBias(Operation *op, Value bias, int64_t channels,
                                Type expected) {
  if (failed(verifyConstant(op, bias, "bias")))
    return failure();
  auto type = cast<RankedTensorType>(bias.getType());
  if (type != RankedTensorType::get({channels}, expected))
    return op->emitOpError("expected a bias of type ")
           << RankedTensorType::get({channels}, expected) << ", got " << type;
  return success();
}

/// A filter of signed 8-bit integers, symmetric, with one scale or one for each
/// output channel, which is dimension `axis`.
static LogicalResult verifyIntegers(Operation *op, RankedTensorType type,
                                    int64_t axis) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (failed(verifyQuantizedTensor([&] { return op->emitOpError(); }, type)))
    return failure();
  if (!quantized.isSigned() || quantized.getStorageTypeIntegralWidth() != 8)
    return op->emitOpError("expected a filter of signed 8-bit integers, got ")
           << quantized;
  if (std::optional<int64_t> scaled = getQuantizedAxis(quantized))
    if (*scaled != axis)
      return op->emitOpError("expected the filter's scales along axis ")
             << axis << ", got " << *scaled;
  for (int64_t zeroPoint : getZeroPoints(quantized))
    if (zeroPoint != 0)
      return op->emitOpError("expected filter zero point 0, got ") << zeroPoint;
  return success();
}

/// Types of filter and bias; and quantized, the multipliers. The filter has a
/// slice per output channel along `axis`. Beside an input of f32 it may be of
/// integers, which become f32 when the program is loaded, if `mayBeStored`.
static LogicalResult verifyFilter(Operation *op, Value input, Value filter,
                                  Value bias, int64_t axis, bool mayBeStored) {
  Value result = op->getResult(0);
  auto type = cast<RankedTensorType>(filter.getType());
  if (failed(verifyConstant(op, filter, "filter")))
    return failure();
  int64_t channels = type.getDimSize(axis);
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (!isQuantizedTensor(input.getType())) {
    if (quantized && !mayBeStored)
      return op->emitOpError("expected a filter of f32 for an input of f32, "
                             "got ")
             << type;
    if (quantized && failed(verifyIntegers(op, type, axis)))
      return failure();
    return bias ? verifyBias(op, bias, channels,
                             Float32Type::get(op->getContext()))
                : success();
  }
  if (!quantized)
    return op->emitOpError("expected a quantized filter for a quantized "
                           "input, got ")
           << type;
  if (failed(verifyIntegers(op, type, axis)))
    return failure();
  SmallVector<float> scales = getScales(quantized);
  for (auto [i, scale] : llvm::enumerate(scales)) {
    float multiplier = npir_kernels::requantMultiplier(getScale(input), scale,
                                                       getScale(result));
    if (!npir_kernels::isLegalRequantMultiplier(multiplier))
      return op->emitOpError("expected input scale * filter scale / result "
                             "scale in [2^-32, 2^8), got ")
             << multiplier << " for channel " << i;
  }
  return bias ? verifyBias(op, bias, channels,
                           getBiasType(getScale(input), quantized))
              : success();
}

template <typename ConvOp>
static FailureOr<SmallVector<int64_t>> inferConvolution(ConvOp op) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto filter = cast<RankedTensorType>(op.getFilter().getType());
  if (filter.getRank() != 4 || !filter.hasStaticShape())
    return op.emitOpError("expected a filter of rank 4 and static shape, got ")
           << filter;
  if (failed(verifySameKind(op, {op.getInput(), op.getResult()})))
    return failure();
  auto size = inferWindow(op, input,
                          {filter.getShape().slice(1, 2), op.getPadding(),
                           op.getStrides(), op.getDilations()});
  if (failed(size))
    return failure();
  return SmallVector<int64_t>{input.getDimSize(0), size->first, size->second};
}

LogicalResult Convolution2DOp::verify() {
  FailureOr<SmallVector<int64_t>> shape = inferConvolution(*this);
  if (failed(shape))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  auto filter = cast<RankedTensorType>(getFilter().getType());
  int64_t groups = getGroups();
  if (groups < 1 || input.getDimSize(3) != groups * filter.getDimSize(3) ||
      filter.getDimSize(0) % groups != 0)
    return emitOpError("expected a filter that fits ")
           << groups << " groups of " << input << ", got " << filter;
  shape->push_back(filter.getDimSize(0));
  if (failed(verifyShape(*this, *shape)) ||
      failed(verifyFilter(*this, getInput(), getFilter(), getBias(), 0,
                          /*mayBeStored=*/true)))
    return failure();
  return verifyBounds(*this, getOutputMin(), getOutputMax(), "output_min",
                      "output_max");
}

LogicalResult DepthwiseConvolution2DOp::verify() {
  FailureOr<SmallVector<int64_t>> shape = inferConvolution(*this);
  if (failed(shape))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  auto filter = cast<RankedTensorType>(getFilter().getType());
  int64_t multiplier = getDepthMultiplier();
  if (multiplier < 1 || filter.getDimSize(0) != 1 ||
      filter.getDimSize(3) != input.getDimSize(3) * multiplier)
    return emitOpError("expected a filter that fits depth multiplier ")
           << multiplier << " over " << input << ", got " << filter;
  shape->push_back(filter.getDimSize(3));
  if (failed(verifyShape(*this, *shape)) ||
      failed(verifyFilter(*this, getInput(), getFilter(), getBias(), 3,
                          /*mayBeStored=*/true)))
    return failure();
  return verifyBounds(*this, getOutputMin(), getOutputMax(), "output_min",
                      "output_max");
}

LogicalResult Deconvolution2DOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto filter = cast<RankedTensorType>(getFilter().getType());
  if (failed(verifySameKind(*this, {getInput(), getResult()})))
    return failure();
  if (input.getRank() != 4 || filter.getRank() != 4 || !filter.hasStaticShape())
    return emitOpError("expected an input and a filter of rank 4 and static "
                       "shape, got ")
           << input << " and " << filter;
  ArrayRef<int64_t> pads = getPadding(), strides = getStrides();
  ArrayRef<int64_t> dilations = getDilations(), extra = getAdjustment();
  if (failed(verifyList(*this, "padding", pads, 4, 0)) ||
      failed(verifyList(*this, "strides", strides, 2, 1)) ||
      failed(verifyList(*this, "dilations", dilations, 2, 1)) ||
      failed(verifyList(*this, "adjustment", extra, 2, 0)))
    return failure();
  npir_kernels::DeconvolutionSize size = npir_kernels::inferDeconvolution(
      {input.getDimSize(1), input.getDimSize(2)},
      {filter.getDimSize(1), filter.getDimSize(2)}, {strides[0], strides[1]},
      {pads[0], pads[2], pads[3], pads[1]}, {extra[0], extra[1]},
      {dilations[0], dilations[1]});
  if (size.problem)
    return emitOpError(size.problem);
  int64_t groups = getGroups(), channels = filter.getDimSize(0);
  if (groups < 1 || input.getDimSize(3) != groups * filter.getDimSize(3) ||
      channels % groups != 0)
    return emitOpError("expected a filter that fits ")
           << groups << " groups of " << input << ", got " << filter;
  if (failed(verifyShape(*this, {input.getDimSize(0), size.size[0],
                                 size.size[1], channels})) ||
      failed(verifyFilter(*this, getInput(), getFilter(), getBias(), 0,
                          /*mayBeStored=*/true)))
    return failure();
  return verifyBounds(*this, getOutputMin(), getOutputMax(), "output_min",
                      "output_max");
}

LogicalResult FullyConnectedOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto filter = cast<RankedTensorType>(getFilter().getType());
  if (failed(verifySameKind(*this, {getInput(), getResult()})))
    return failure();
  if (filter.getRank() != 2 || !filter.hasStaticShape())
    return emitOpError("expected a filter of rank 2 and static shape, got ")
           << filter;
  if (input.getRank() < 1 || input.getShape().back() != filter.getDimSize(1))
    return emitOpError("expected an input of shape [..., ")
           << filter.getDimSize(1) << "], got " << input;
  SmallVector<int64_t> shape(input.getShape());
  shape.back() = filter.getDimSize(0);
  if (failed(verifyShape(*this, shape)) ||
      failed(verifyFilter(*this, getInput(), getFilter(), getBias(), 0,
                          /*mayBeStored=*/false)))
    return failure();
  return verifyBounds(*this, getOutputMin(), getOutputMax(), "output_min",
                      "output_max");
}
