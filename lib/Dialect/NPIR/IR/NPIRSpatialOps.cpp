// This file implements operations on height and width: shapes, roles and
// verifiers.
#include "OpVerification.h"
#include "Window.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// TransposeConv2DOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> TransposeConv2DOp::inferShape(Adaptor adaptor,
                                                              Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto filter = cast<RankedTensorType>(adaptor.getFilter().getType());
  if (filter.getRank() != 4 || !filter.hasStaticShape())
    return mlir::emitError(loc)
           << "expected filter of static shape [OC, KH, KW, IC/groups], got "
           << filter;
  ArrayRef<int64_t> kernel = filter.getShape().slice(1, 2);
  ArrayRef<int64_t> strides = adaptor.getStrides(), pads = adaptor.getPads();
  ArrayRef<int64_t> dilations = adaptor.getDilations();
  ArrayRef<int64_t> extra = adaptor.getOutputPadding();
  if (failed(
          detail::checkWindow(input, kernel, strides, pads, dilations, loc)) ||
      failed(detail::checkNumbers("output_padding", extra, 2, 0, loc)))
    return failure();
  int64_t size[2];
  for (int i = 0; i < 2; ++i) {
    if (extra[i] >= std::max(strides[i], dilations[i]))
      return mlir::emitError(loc)
             << "expected output_padding below the stride or the dilation, got "
             << extra[i];
    size[i] = (input.getDimSize(i + 1) - 1) * strides[i] +
              (kernel[i] - 1) * dilations[i] + 1 - pads[2 * i] -
              pads[2 * i + 1] + extra[i];
    if (size[i] < 1)
      return mlir::emitError(loc)
             << "expected pads that leave something of the result, got "
             << pads[2 * i] << " and " << pads[2 * i + 1];
  }
  int64_t groups = adaptor.getGroups(), channels = filter.getDimSize(0);
  if (groups < 1 || input.getDimSize(3) != groups * filter.getDimSize(3))
    return mlir::emitError(loc)
           << "expected " << groups << " groups of " << filter.getDimSize(3)
           << " input channels, got input " << input;
  if (channels % groups != 0)
    return mlir::emitError(loc)
           << "expected output channels that are a multiple of " << groups
           << " groups, got " << channels;
  if (failed(detail::checkBias(adaptor.getBias(), channels, loc)))
    return failure();
  return SmallVector<int64_t>{input.getDimSize(0), size[0], size[1], channels};
}

Role TransposeConv2DOp::getOperandRole(unsigned index) {
  return detail::getLayerRole(index);
}
std::optional<int64_t> TransposeConv2DOp::getChannelAxis(unsigned index) {
  return index == 0 ? std::nullopt : std::optional<int64_t>(0);
}
Arithmetic TransposeConv2DOp::getArithmetic() {
  return Arithmetic::MultiplyAccumulate;
}
LogicalResult TransposeConv2DOp::verify() {
  return detail::verifyMultiplyAccumulate(*this, getInput(), getFilter(),
                                          getBias(), getResult(), 0);
}

//===----------------------------------------------------------------------===//
// AvgPool2DOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> AvgPool2DOp::inferShape(Adaptor adaptor,
                                                        Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto size =
      detail::inferPool(input, adaptor.getKernel(), adaptor.getStrides(),
                        adaptor.getPads(), adaptor.getDilations(), loc);
  if (failed(size))
    return failure();
  return SmallVector<int64_t>{input.getDimSize(0), size->first, size->second,
                              input.getDimSize(3)};
}

Arithmetic AvgPool2DOp::getArithmetic() { return Arithmetic::WindowMean; }
LogicalResult AvgPool2DOp::verify() {
  if (failed(detail::verifyTypes(*this)) ||
      failed(detail::verifyRequant<RequantWindowMeanAttr>(*this)))
    return failure();
  auto requant =
      getOperation()->getAttrOfType<RequantWindowMeanAttr>("requant");
  int64_t elements = getKernel()[0] * getKernel()[1];
  if (requant && requant.getMultipliers().size() != elements)
    return emitOpError("expected ")
           << elements << " multipliers, one per number of elements, got "
           << requant.getMultipliers().size();
  return success();
}

//===----------------------------------------------------------------------===//
// ResizeOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> ResizeOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (input.getRank() != 4 || input.isDynamicDim(1) || input.isDynamicDim(2))
    return mlir::emitError(loc)
           << "expected input of rank 4 (NHWC) with static height and width, "
              "got "
           << input;
  if (failed(detail::checkNumbers("sizes", adaptor.getSizes(), 2, 1, loc)))
    return failure();
  if (input.getDimSize(1) < 1 || input.getDimSize(2) < 1)
    return mlir::emitError(loc) << "expected elements to resize, got " << input;
  if (auto scales = adaptor.getScales()) {
    if (scales->size() != 2)
      return mlir::emitError(loc)
             << "expected 2 scales, got " << scales->size();
    for (float scale : *scales)
      if (!(scale > 0) || std::isinf(scale))
        return mlir::emitError(loc)
               << "expected positive finite scales, got " << scale;
  }
  return SmallVector<int64_t>{input.getDimSize(0), adaptor.getSizes()[0],
                              adaptor.getSizes()[1], input.getDimSize(3)};
}

SmallVector<unsigned> ResizeOp::getSameScaleOperands() { return {0}; }
Arithmetic ResizeOp::getArithmetic() {
  return getMode() == ResizeMode::Nearest ? Arithmetic::Copy
                                          : Arithmetic::Interpolate;
}
LogicalResult ResizeOp::verify() {
  if (getMode() == ResizeMode::Nearest)
    return detail::verifyCopy(*this);
  if (failed(detail::verifySameScale(*this)))
    return failure();
  return detail::verifyRequant<RequantInterpolateAttr>(*this);
}

//===----------------------------------------------------------------------===//
// DepthToSpaceOp and SpaceToDepthOp
//===----------------------------------------------------------------------===//

static LogicalResult checkBlock(RankedTensorType input, int64_t block,
                                Location loc) {
  if (input.getRank() != 4 || input.isDynamicDim(1) || input.isDynamicDim(2) ||
      input.isDynamicDim(3))
    return mlir::emitError(loc)
           << "expected input of rank 4 (NHWC) with static height, width and "
              "channels, got "
           << input;
  return npir::detail::checkNumbers("block", block, 1, 1, loc);
}

FailureOr<SmallVector<int64_t>> DepthToSpaceOp::inferShape(Adaptor adaptor,
                                                           Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  int64_t block = adaptor.getBlock();
  if (failed(checkBlock(input, block, loc)))
    return failure();
  if (input.getDimSize(3) % (block * block) != 0)
    return mlir::emitError(loc) << "expected channels that are a multiple of "
                                << block * block << ", got " << input;
  return SmallVector<int64_t>{input.getDimSize(0), input.getDimSize(1) * block,
                              input.getDimSize(2) * block,
                              input.getDimSize(3) / (block * block)};
}
SmallVector<unsigned> DepthToSpaceOp::getSameScaleOperands() { return {0}; }
Arithmetic DepthToSpaceOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult DepthToSpaceOp::verify() { return detail::verifyCopy(*this); }

FailureOr<SmallVector<int64_t>> SpaceToDepthOp::inferShape(Adaptor adaptor,
                                                           Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  int64_t block = adaptor.getBlock();
  if (failed(checkBlock(input, block, loc)))
    return failure();
  if (input.getDimSize(1) % block != 0 || input.getDimSize(2) % block != 0)
    return mlir::emitError(loc)
           << "expected height and width that are multiples of " << block
           << ", got " << input;
  return SmallVector<int64_t>{input.getDimSize(0), input.getDimSize(1) / block,
                              input.getDimSize(2) / block,
                              input.getDimSize(3) * block * block};
}
SmallVector<unsigned> SpaceToDepthOp::getSameScaleOperands() { return {0}; }
Arithmetic SpaceToDepthOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult SpaceToDepthOp::verify() { return detail::verifyCopy(*this); }
