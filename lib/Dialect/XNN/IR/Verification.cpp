// This file implements the checks that the xnn ops' verifiers share.
#include "Verification.h"

#include "npir/Dialect/XNN/IR/Limits.h"
#include "npir/Kernels/Requantize.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::npir;

/// Windows, strides, dilations and paddings that the runtime takes.
static constexpr int64_t kMaxWindow = 1 << 16;
/// XNNPACK keeps a pointer per output pixel and window element.
static constexpr int64_t kMaxWindowElements = int64_t(1) << 28;

float xnn::getScale(Value value) {
  return getScales(getQuantizedElementType(value.getType())).front();
}

int32_t xnn::getZeroPoint(Value value) {
  return static_cast<int32_t>(
      getZeroPoints(getQuantizedElementType(value.getType())).front());
}

LogicalResult xnn::verifyActivation(Operation *op, Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getRank() > kMaxRank)
    return op->emitOpError("expected tensors of rank ")
           << kMaxRank << " or less, got " << type;
  for (auto [i, size] : llvm::enumerate(type.getShape())) {
    if (ShapedType::isDynamic(size) && i != 0)
      return op->emitOpError("expected only the first dimension dynamic, got ")
             << type;
    if (size == 0)
      return op->emitOpError("expected tensors that are not empty, got ")
             << type;
  }
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (!quantized)
    return success();
  if (failed(verifyQuantizedTensor([&] { return op->emitOpError(); }, type)))
    return failure();
  if (!isa<quant::UniformQuantizedType>(quantized) || !quantized.isSigned() ||
      quantized.getStorageTypeIntegralWidth() != 8)
    return op->emitOpError(
               "expected f32 or signed 8-bit integers with one scale, got ")
           << quantized;
  if (!npir_kernels::isLegalScale(getScale(value)))
    return op->emitOpError("expected a scale in [2^-120, 2^120], got ")
           << quantized;
  return success();
}

LogicalResult xnn::verifyActivations(Operation *op, ValueRange values) {
  for (Value value : values)
    if (failed(verifyActivation(op, value)))
      return failure();
  return success();
}

LogicalResult xnn::verifySameKind(Operation *op, ValueRange values) {
  if (failed(verifyActivations(op, values)))
    return failure();
  bool isQuantized = isQuantizedTensor(values.front().getType());
  for (Value value : values)
    if (isQuantizedTensor(value.getType()) != isQuantized)
      return op->emitOpError("expected all of f32 or all quantized, got ")
             << values.front().getType() << " and " << value.getType();
  return success();
}

LogicalResult xnn::verifyEqualTypes(Operation *op) {
  Value result = op->getResult(0);
  if (failed(verifyActivations(op, op->getOperands())) ||
      failed(verifyActivation(op, result)))
    return failure();
  Type to = getElementTypeOrSelf(result);
  for (Value input : op->getOperands())
    if (Type from = getElementTypeOrSelf(input); from != to)
      return op->emitOpError("expected equal element types, got ")
             << from << " and " << to;
  return success();
}

FailureOr<SmallVector<int64_t>> xnn::broadcastShapes(ArrayRef<int64_t> lhs,
                                                     ArrayRef<int64_t> rhs) {
  size_t rank = std::max(lhs.size(), rhs.size());
  auto sizeOf = [&](ArrayRef<int64_t> shape, size_t i) -> int64_t {
    size_t missing = rank - shape.size();
    return i < missing ? 1 : shape[i - missing];
  };
  SmallVector<int64_t> result;
  for (size_t i = 0; i < rank; ++i) {
    int64_t a = sizeOf(lhs, i), b = sizeOf(rhs, i);
    if (a != b && a != 1 && b != 1)
      return failure();
    result.push_back(a == 1 ? b : a);
  }
  return result;
}

LogicalResult xnn::verifyShape(Operation *op, ArrayRef<int64_t> expected) {
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (type.getShape() == expected)
    return success();
  return op->emitOpError("expected a result of type ")
         << RankedTensorType::get(expected, type.getElementType()) << ", got "
         << type;
}

LogicalResult xnn::verifyBounds(Operation *op, std::optional<APFloat> min,
                                std::optional<APFloat> max, StringRef minName,
                                StringRef maxName) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  float low = min ? min->convertToFloat() : -kInfinity;
  float high = max ? max->convertToFloat() : kInfinity;
  if (!(low <= high))
    return op->emitOpError("expected ") << minName << " <= " << maxName
                                        << ", got " << low << " and " << high;
  Value result = op->getResult(0);
  quant::QuantizedType type = getQuantizedElementType(result.getType());
  if (!type)
    return success();
  int32_t storedLow =
      npir_kernels::quantizedBound(low, getScale(result), getZeroPoint(result));
  int32_t storedHigh = npir_kernels::quantizedBound(high, getScale(result),
                                                    getZeroPoint(result));
  if (storedLow < type.getStorageTypeMin() ||
      storedHigh > type.getStorageTypeMax())
    return op->emitOpError("expected the result in its storage range [")
           << type.getStorageTypeMin() << ", " << type.getStorageTypeMax()
           << "], but XNNPACK computes values in [" << storedLow << ", "
           << storedHigh << "]";
  return success();
}

LogicalResult xnn::verifyList(Operation *op, StringRef name,
                              ArrayRef<int64_t> values, size_t count,
                              int64_t least) {
  if (values.size() != count)
    return op->emitOpError("expected ")
           << count << " values of " << name << ", got " << values.size();
  for (int64_t value : values)
    if (value < least || value > kMaxWindow)
      return op->emitOpError("expected ") << name << " of " << least << " to "
                                          << kMaxWindow << ", got " << value;
  return success();
}

FailureOr<std::pair<int64_t, int64_t>>
xnn::inferWindow(Operation *op, RankedTensorType input, const Window &window) {
  if (input.getRank() != 4)
    return op->emitOpError("expected an input of rank 4, got ") << input;
  if (failed(verifyList(op, "window", window.size, 2, 1)) ||
      failed(verifyList(op, "padding", window.padding, 4, 0)) ||
      failed(verifyList(op, "strides", window.strides, 2, 1)) ||
      failed(verifyList(op, "dilations", window.dilations, 2, 1)))
    return failure();
  int64_t size[2];
  for (int i = 0; i < 2; ++i) {
    // The order is top, right, bottom, left.
    int64_t before = window.padding[i == 0 ? 0 : 3];
    int64_t after = window.padding[i == 0 ? 2 : 1];
    int64_t extent = (window.size[i] - 1) * window.dilations[i] + 1;
    int64_t dim = input.getDimSize(i + 1);
    if (before >= extent || after >= extent)
      return op->emitOpError("expected padding below the window's extent ")
             << extent << ", got " << before << " and " << after;
    if (dim + before + after < extent)
      return op->emitOpError("expected a window that fits the padded input, "
                             "got an extent of ")
             << extent << " over " << dim + before + after << " elements";
    size[i] = (dim + before + after - extent) / window.strides[i] + 1;
  }
  double pointers = double(size[0]) * double(size[1]) * double(window.size[0]) *
                    double(window.size[1]);
  if (pointers > double(kMaxWindowElements))
    return op->emitOpError("expected at most ")
           << kMaxWindowElements << " window elements over all windows";
  return std::make_pair(size[0], size[1]);
}
