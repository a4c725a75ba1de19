// This file implements what the ops with weights and windows share.
#include "Window.h"

using namespace mlir;
using namespace mlir::npir;

LogicalResult mlir::npir::detail::checkNumbers(StringRef name,
                                               ArrayRef<int64_t> values,
                                               size_t count, int64_t least,
                                               Location loc) {
  if (values.size() != count)
    return mlir::emitError(loc)
           << "expected " << count << " " << name << ", got " << values.size();
  for (int64_t value : values)
    if (value < least || value > std::numeric_limits<int32_t>::max())
      return mlir::emitError(loc) << "expected " << name << " of at least "
                                  << least << ", got " << value;
  return success();
}

LogicalResult mlir::npir::detail::checkWindow(
    RankedTensorType input, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
    ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations, Location loc) {
  if (input.getRank() != 4)
    return mlir::emitError(loc)
           << "expected input of rank 4 (NHWC), got " << input;
  if (failed(checkNumbers("kernel sizes", kernel, 2, 1, loc)) ||
      failed(checkNumbers("strides", strides, 2, 1, loc)) ||
      failed(checkNumbers("pads", pads, 4, 0, loc)) ||
      failed(checkNumbers("dilations", dilations, 2, 1, loc)))
    return failure();
  if (input.isDynamicDim(1) || input.isDynamicDim(2))
    return mlir::emitError(loc)
           << "expected static height and width, got " << input;
  return success();
}

FailureOr<std::pair<int64_t, int64_t>> mlir::npir::detail::inferWindow(
    RankedTensorType input, ArrayRef<int64_t> kernel, ArrayRef<int64_t> strides,
    ArrayRef<int64_t> pads, ArrayRef<int64_t> dilations, Location loc) {
  if (failed(checkWindow(input, kernel, strides, pads, dilations, loc)))
    return failure();
  int64_t size[2];
  for (int i = 0; i < 2; ++i) {
    int64_t dim = input.getDimSize(i + 1);
    int64_t padding = pads[2 * i] + pads[2 * i + 1];
    int64_t extent = (kernel[i] - 1) * dilations[i] + 1;
    if (dim + padding < extent)
      return mlir::emitError(loc)
             << "expected a window that fits the padded input, got kernel "
             << kernel[i] << " with dilation " << dilations[i] << " over "
             << dim << " elements and " << padding << " of padding";
    size[i] = (dim + padding - extent) / strides[i] + 1;
  }
  return std::make_pair(size[0], size[1]);
}

FailureOr<std::pair<int64_t, int64_t>>
mlir::npir::detail::inferPool(RankedTensorType input, ArrayRef<int64_t> kernel,
                              ArrayRef<int64_t> strides, ArrayRef<int64_t> pads,
                              ArrayRef<int64_t> dilations, Location loc) {
  auto size = inferWindow(input, kernel, strides, pads, dilations, loc);
  if (failed(size))
    return failure();
  for (int i = 0; i < 4; ++i) {
    int64_t extent = (kernel[i / 2] - 1) * dilations[i / 2] + 1;
    if (pads[i] >= extent)
      return mlir::emitError(loc) << "expected pads below the window's extent "
                                  << extent << ", got " << pads[i];
  }
  return size;
}

LogicalResult mlir::npir::detail::checkBias(Value bias, int64_t channels,
                                            Location loc) {
  if (!bias)
    return success();
  auto type = cast<RankedTensorType>(bias.getType());
  if (type.getRank() != 1 || type.getDimSize(0) != channels)
    return mlir::emitError(loc)
           << "expected bias of " << channels << " elements, got " << type;
  return success();
}

LogicalResult mlir::npir::detail::checkChannelParameters(ValueRange parameters,
                                                         int64_t channels,
                                                         StringRef names,
                                                         Location loc) {
  for (Value parameter : parameters) {
    auto type = cast<RankedTensorType>(parameter.getType());
    if (type.getRank() != 1 || type.getDimSize(0) != channels)
      return mlir::emitError(loc) << "expected " << names << " of " << channels
                                  << " elements, got " << type;
  }
  return success();
}

Role mlir::npir::detail::getLayerRole(unsigned index) {
  return index == 0 ? Role::Activation : index == 1 ? Role::Weight : Role::Bias;
}
