// This file implements convolutions, linear layers, pools and normalization:
// shapes, roles and verifiers.
#include "OpVerification.h"
#include "Window.h"

#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Conv2DOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> Conv2DOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto filter = cast<RankedTensorType>(adaptor.getFilter().getType());
  if (filter.getRank() != 4 || !filter.hasStaticShape())
    return mlir::emitError(loc)
           << "expected filter of static shape [OC, KH, KW, IC/groups], got "
           << filter;
  auto size = detail::inferWindow(input, filter.getShape().slice(1, 2),
                                  adaptor.getStrides(), adaptor.getPads(),
                                  adaptor.getDilations(), loc);
  if (failed(size))
    return failure();
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
  return SmallVector<int64_t>{input.getDimSize(0), size->first, size->second,
                              channels};
}

Role Conv2DOp::getOperandRole(unsigned index) {
  return detail::getLayerRole(index);
}
std::optional<int64_t> Conv2DOp::getChannelAxis(unsigned index) {
  return index == 0 ? std::nullopt : std::optional<int64_t>(0);
}
Arithmetic Conv2DOp::getArithmetic() { return Arithmetic::MultiplyAccumulate; }
LogicalResult Conv2DOp::verify() {
  return detail::verifyMultiplyAccumulate(*this, getInput(), getFilter(),
                                          getBias(), getResult(), 0);
}

//===----------------------------------------------------------------------===//
// DepthwiseConv2DOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> DepthwiseConv2DOp::inferShape(Adaptor adaptor,
                                                              Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto filter = cast<RankedTensorType>(adaptor.getFilter().getType());
  if (filter.getRank() != 4 || !filter.hasStaticShape() ||
      filter.getDimSize(0) != 1)
    return mlir::emitError(loc)
           << "expected filter of static shape [1, KH, KW, C*multiplier], got "
           << filter;
  auto size = detail::inferWindow(input, filter.getShape().slice(1, 2),
                                  adaptor.getStrides(), adaptor.getPads(),
                                  adaptor.getDilations(), loc);
  if (failed(size))
    return failure();
  int64_t channels = filter.getDimSize(3), inputs = input.getDimSize(3);
  if (inputs < 1 || channels % inputs != 0)
    return mlir::emitError(loc)
           << "expected filter channels that are a multiple of the input's "
           << inputs << ", got " << channels;
  if (failed(detail::checkBias(adaptor.getBias(), channels, loc)))
    return failure();
  return SmallVector<int64_t>{input.getDimSize(0), size->first, size->second,
                              channels};
}

Role DepthwiseConv2DOp::getOperandRole(unsigned index) {
  return detail::getLayerRole(index);
}
std::optional<int64_t> DepthwiseConv2DOp::getChannelAxis(unsigned index) {
  return index == 0   ? std::nullopt
         : index == 1 ? std::optional<int64_t>(3)
                      : std::optional<int64_t>(0);
}
Arithmetic DepthwiseConv2DOp::getArithmetic() {
  return Arithmetic::MultiplyAccumulate;
}
LogicalResult DepthwiseConv2DOp::verify() {
  return detail::verifyMultiplyAccumulate(*this, getInput(), getFilter(),
                                          getBias(), getResult(), 3);
}

//===----------------------------------------------------------------------===//
// LinearOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> LinearOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto weight = cast<RankedTensorType>(adaptor.getWeight().getType());
  if (weight.getRank() != 2 || !weight.hasStaticShape())
    return mlir::emitError(loc)
           << "expected weight of static shape [OC, IC], got " << weight;
  if (input.getRank() < 2 || input.getShape().back() != weight.getDimSize(1))
    return mlir::emitError(loc) << "expected input [..., "
                                << weight.getDimSize(1) << "], got " << input;
  if (failed(detail::checkBias(adaptor.getBias(), weight.getDimSize(0), loc)))
    return failure();
  auto shape = llvm::to_vector(input.getShape());
  shape.back() = weight.getDimSize(0);
  return shape;
}

Role LinearOp::getOperandRole(unsigned index) {
  return detail::getLayerRole(index);
}
std::optional<int64_t> LinearOp::getChannelAxis(unsigned index) {
  return index == 0 ? std::nullopt : std::optional<int64_t>(0);
}
Arithmetic LinearOp::getArithmetic() { return Arithmetic::MultiplyAccumulate; }
LogicalResult LinearOp::verify() {
  return detail::verifyMultiplyAccumulate(*this, getInput(), getWeight(),
                                          getBias(), getResult(), 0);
}

//===----------------------------------------------------------------------===//
// MatmulOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> MatmulOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  auto lhs = cast<RankedTensorType>(adaptor.getLhs().getType());
  auto rhs = cast<RankedTensorType>(adaptor.getRhs().getType());
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return mlir::emitError(loc) << "expected operands of rank 2 or more, got "
                                << lhs << " and " << rhs;
  bool transposed = adaptor.getTransposeRhs();
  int64_t inner = rhs.getShape().take_back(2)[transposed ? 1 : 0];
  int64_t columns = rhs.getShape().take_back(2)[transposed ? 0 : 1];
  if (lhs.getShape().back() != inner || ShapedType::isDynamic(inner) ||
      ShapedType::isDynamic(columns))
    return mlir::emitError(loc)
           << "expected the last dimension of the first operand to be the "
           << (transposed ? "last" : "last but one")
           << " of the second, and static sizes, got " << lhs << " and " << rhs;
  Type element = lhs.getElementType();
  auto shape = detail::inferBroadcast(
      RankedTensorType::get(lhs.getShape().drop_back(2), element),
      RankedTensorType::get(rhs.getShape().drop_back(2), element), loc);
  if (failed(shape))
    return failure();
  shape->append({lhs.getShape().take_back(2)[0], columns});
  for (size_t i = 1; i < shape->size(); ++i)
    if (ShapedType::isDynamic((*shape)[i]))
      return mlir::emitError(loc) << "expected only the first dimension of the "
                                     "result dynamic, got "
                                  << RankedTensorType::get(*shape, element);
  return shape;
}

int64_t MatmulOp::getProductsPerElement() {
  return cast<RankedTensorType>(getLhs().getType()).getShape().back();
}
LogicalResult MatmulOp::verify() { return success(); }

//===----------------------------------------------------------------------===//
// SoftmaxOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> SoftmaxOp::inferShape(Adaptor adaptor,
                                                      Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (input.getRank() < 1 || ShapedType::isDynamic(input.getShape().back()))
    return mlir::emitError(loc)
           << "expected a static last dimension, got " << input;
  return llvm::to_vector(input.getShape());
}

std::optional<std::pair<double, double>>
SoftmaxOp::getFixedOutputRange(unsigned) {
  return std::make_pair(0.0, 1.0);
}
LogicalResult SoftmaxOp::verify() { return success(); }

//===----------------------------------------------------------------------===//
// LayerNormOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> LayerNormOp::inferShape(Adaptor adaptor,
                                                        Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  if (input.getRank() < 1 || ShapedType::isDynamic(input.getShape().back()))
    return mlir::emitError(loc)
           << "expected a static last dimension, got " << input;
  int64_t channels = input.getShape().back();
  if (failed(detail::checkChannelParameters(
          {adaptor.getScale(), adaptor.getOffset()}, channels,
          "scale and offset", loc)))
    return failure();
  return llvm::to_vector(input.getShape());
}

Role LayerNormOp::getOperandRole(unsigned index) {
  return index == 0 ? Role::Activation : Role::Parameter;
}
Arithmetic LayerNormOp::getArithmetic() { return Arithmetic::LayerNorm; }
LogicalResult LayerNormOp::verify() {
  if (!(getEpsilon().convertToFloat() >= 0) || getEpsilon().isInfinity())
    return emitOpError("expected a finite epsilon of at least 0, got ")
           << getEpsilon().convertToFloat();
  if (failed(detail::verifyTypes(*this)) ||
      failed(detail::verifyRequant<RequantLayerNormAttr>(*this)))
    return failure();
  auto requant = getOperation()->getAttrOfType<RequantLayerNormAttr>("requant");
  if (!requant)
    return success();
  int64_t channels = cast<RankedTensorType>(getType()).getShape().back();
  if (requant.getMultipliers().size() != channels)
    return emitOpError("expected ")
           << channels << " multipliers, one per channel, got "
           << requant.getMultipliers().size();
  return success();
}

//===----------------------------------------------------------------------===//
// MaxPool2DOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> MaxPool2DOp::inferShape(Adaptor adaptor,
                                                        Location loc) {
  // A window of padding alone has no largest value.
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  auto size =
      detail::inferPool(input, adaptor.getKernel(), adaptor.getStrides(),
                        adaptor.getPads(), adaptor.getDilations(), loc);
  if (failed(size))
    return failure();
  return SmallVector<int64_t>{input.getDimSize(0), size->first, size->second,
                              input.getDimSize(3)};
}

SmallVector<unsigned> MaxPool2DOp::getSameScaleOperands() { return {0}; }
Arithmetic MaxPool2DOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult MaxPool2DOp::verify() { return detail::verifyCopy(*this); }

//===----------------------------------------------------------------------===//
// ReduceOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> ReduceOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  ArrayRef<int64_t> axes = adaptor.getAxes();
  llvm::SmallBitVector reduced(input.getRank());
  if (axes.empty())
    return mlir::emitError(loc) << "expected at least one axis";
  for (auto [i, axis] : llvm::enumerate(axes)) {
    if (axis < 1 || axis >= input.getRank())
      return mlir::emitError(loc) << "expected axes from 1 to "
                                  << input.getRank() - 1 << ", got " << axis;
    if (i > 0 && axes[i - 1] >= axis)
      return mlir::emitError(loc) << "expected ascending axes, got "
                                  << axes[i - 1] << " before " << axis;
    if (input.isDynamicDim(axis))
      return mlir::emitError(loc)
             << "expected a static size along axis " << axis;
    reduced.set(axis);
  }
  SmallVector<int64_t> shape;
  for (int64_t i = 0; i < input.getRank(); ++i)
    if (!reduced[i])
      shape.push_back(input.getDimSize(i));
    else if (adaptor.getKeepDims())
      shape.push_back(1);
  return shape;
}

SmallVector<unsigned> ReduceOp::getSameScaleOperands() {
  if (getArithmetic() == Arithmetic::Copy)
    return {0};
  return {};
}
Arithmetic ReduceOp::getArithmetic() {
  switch (getKind()) {
  case ReduceKind::Mean:
    return Arithmetic::Mean;
  case ReduceKind::Max:
  case ReduceKind::Min:
    return Arithmetic::Copy;
  case ReduceKind::Sum:
  case ReduceKind::Prod:
    return Arithmetic::None;
  }
  llvm_unreachable("unknown reduction");
}
LogicalResult ReduceOp::verify() {
  switch (getArithmetic()) {
  case Arithmetic::Mean:
    if (failed(detail::verifyTypes(*this)))
      return failure();
    return detail::verifyRequant<RequantMeanAttr>(*this);
  case Arithmetic::Copy:
    return detail::verifyCopy(*this);
  default:
    if (isQuantizedTensor(getInput().getType()))
      return emitOpError("has no quantized form for kind ")
             << stringifyReduceKind(getKind());
    return detail::verifyFloatOnly(*this);
  }
}

//===----------------------------------------------------------------------===//
// BatchNormOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> BatchNormOp::inferShape(Adaptor adaptor,
                                                        Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 1 || axis >= input.getRank())
    return mlir::emitError(loc) << "expected axis from 1 to "
                                << input.getRank() - 1 << ", got " << axis;
  if (failed(detail::checkChannelParameters(
          {adaptor.getScale(), adaptor.getOffset(), adaptor.getMean(),
           adaptor.getVariance()},
          input.getDimSize(axis), "parameters", loc)))
    return failure();
  return llvm::to_vector(input.getShape());
}

Role BatchNormOp::getOperandRole(unsigned index) {
  return index == 0 ? Role::Activation : Role::Parameter;
}
std::optional<int64_t> BatchNormOp::getResultChannelAxis(unsigned) {
  return getAxis();
}
LogicalResult BatchNormOp::verify() {
  if (!(getEpsilon().convertToFloat() > 0))
    return emitOpError("expected a positive epsilon, got ")
           << getEpsilon().convertToFloat();
  return success();
}
