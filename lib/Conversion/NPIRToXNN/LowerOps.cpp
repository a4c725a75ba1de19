// This file implements how single npir ops become xnn ops.
#include "LowerOps.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Kernels/Requantize.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Bounds
//===----------------------------------------------------------------------===//

/// The bounds of an activation that is, or is part of, `op`, in real units.
static std::pair<float, float> getRealRange(Operation *op) {
  if (auto clamped = dyn_cast<ClampedOpInterface>(op))
    return clamped.getClampRange();
  if (auto unary = dyn_cast<UnaryOpInterface>(op)) {
    npir_kernels::UnaryFunction function = unary.getUnaryFunction();
    if (function.kind == npir_kernels::UnaryKind::Clamp)
      return {function.a, function.b};
  }
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  return {-kInfinity, kInfinity};
}

std::optional<StoredRange> mlir::npir::getStoredRange(Operation *op) {
  auto type = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(op->getResult(0).getType()));
  if (!type)
    return std::nullopt;
  auto [min, max] = getRealRange(op);
  float scale = getScales(type).front();
  auto zeroPoint = static_cast<int32_t>(type.getZeroPoint());
  auto store = [&](float bound) -> int64_t {
    return std::clamp<int64_t>(
        npir_kernels::quantizedBound(bound, scale, zeroPoint),
        type.getStorageTypeMin(), type.getStorageTypeMax());
  };
  return StoredRange{store(min), store(max)};
}

RealBounds mlir::npir::getRealBounds(Operation *op) {
  auto [min, max] = getRealRange(op);
  if (std::optional<StoredRange> range = getStoredRange(op)) {
    auto type = cast<quant::UniformQuantizedType>(
        getQuantizedElementType(op->getResult(0).getType()));
    float scale = getScales(type).front();
    auto zeroPoint = static_cast<int32_t>(type.getZeroPoint());
    auto adjust = [&](float &bound, int64_t stored) {
      if (npir_kernels::quantizedBound(bound, scale, zeroPoint) != stored)
        bound = static_cast<float>(stored - zeroPoint) * scale;
    };
    adjust(min, range->min);
    adjust(max, range->max);
  }
  Builder builder(op->getContext());
  auto toAttr = [&](float bound) {
    return std::isinf(bound) ? FloatAttr() : builder.getF32FloatAttr(bound);
  };
  return {toAttr(min), toAttr(max)};
}

/// The type that an XNNPACK function without bounds makes: the storage range is
/// the whole byte.
static RankedTensorType getWholeByteType(Value value) {
  auto type = cast<RankedTensorType>(value.getType());
  auto quantized = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(type));
  if (!quantized || quantized.getStorageTypeIntegralWidth() != 8 ||
      !quantized.isSigned())
    return type;
  return withElementType(type,
                         quant::UniformQuantizedType::get(
                             quantized.getFlags(), quantized.getStorageType(),
                             quantized.getExpressedType(), quantized.getScale(),
                             quantized.getZeroPoint(), npir_kernels::kInt8Min,
                             npir_kernels::kInt8Max));
}

/// Build `op` by `create(location, type)`, where XNNPACK cannot bound its
/// result; a type with a smaller storage range takes a clamp behind it.
static Value
createUnbounded(Operation *op, Segment &segment,
                function_ref<Value(Location, RankedTensorType)> create) {
  Value result = op->getResult(0);
  RankedTensorType type = getWholeByteType(result);
  if (type == result.getType())
    return create(op->getLoc(), type);
  Value whole = create(derivedLocation(op->getLoc(), ".whole"), type);
  RealBounds bounds = getRealBounds(op);
  return xnn::UnaryOp::create(segment.getBuilder(), op->getLoc(),
                              result.getType(), xnn::UnaryOperator::Clamp,
                              whole, bounds.min, bounds.max, FloatAttr());
}

//===----------------------------------------------------------------------===//
// Pools and reductions
//===----------------------------------------------------------------------===//

static Value lower(MaxPool2DOp op, Segment &segment) {
  // Its results are elements of its input: in the storage range anyway.
  return xnn::MaxPooling2DOp::create(
      segment.getBuilder(), op.getLoc(), op.getType(),
      segment.use(op.getInput()), op.getKernel(), toXNNPadding(op.getPads()),
      op.getStrides(), op.getDilations(), FloatAttr(), FloatAttr());
}

static Value lower(PreluOp op, Segment &segment) {
  Value input = segment.use(op.getInput()), slope = segment.use(op.getSlope());
  return xnn::BinaryOp::create(segment.getBuilder(), op.getLoc(), op.getType(),
                               xnn::BinaryOperator::PRelu, input, slope,
                               FloatAttr(), FloatAttr());
}

static FailureOr<Value> lower(ReduceOp op, Segment &segment) {
  if (op.getKind() != ReduceKind::Mean && op.getKind() != ReduceKind::Sum)
    return failure();
  xnn::ReduceOperator function = op.getKind() == ReduceKind::Mean
                                     ? xnn::ReduceOperator::Mean
                                     : xnn::ReduceOperator::Sum;
  return createUnbounded(op, segment, [&](Location loc, RankedTensorType type) {
    return xnn::StaticReduceOp::create(segment.getBuilder(), loc, type,
                                       function, segment.use(op.getInput()),
                                       op.getAxes(), op.getKeepDims());
  });
}

//===----------------------------------------------------------------------===//
// Attention
//===----------------------------------------------------------------------===//

static Value lower(MatmulOp op, Segment &segment) {
  Value lhs = segment.use(op.getLhs()), rhs = segment.use(op.getRhs());
  return xnn::BatchMatrixMultiplyOp::create(segment.getBuilder(), op.getLoc(),
                                            op.getType(), lhs, rhs,
                                            op.getTransposeRhs());
}

static Value lower(SoftmaxOp op, Segment &segment) {
  return xnn::SoftmaxOp::create(segment.getBuilder(), op.getLoc(), op.getType(),
                                segment.use(op.getInput()));
}

//===----------------------------------------------------------------------===//
// Elementwise
//===----------------------------------------------------------------------===//

/// XNNPACK's name of a function; nothing where XNNPACK lacks it.
static std::optional<xnn::BinaryOperator>
getBinaryOperator(npir_kernels::BinaryKind kind) {
  using npir_kernels::BinaryKind;
  switch (kind) {
  case BinaryKind::Add:
    return xnn::BinaryOperator::Add;
  case BinaryKind::Subtract:
    return xnn::BinaryOperator::Subtract;
  case BinaryKind::Multiply:
    return xnn::BinaryOperator::Multiply;
  case BinaryKind::Divide:
    return xnn::BinaryOperator::Divide;
  case BinaryKind::Maximum:
    return xnn::BinaryOperator::Maximum;
  case BinaryKind::Minimum:
    return xnn::BinaryOperator::Minimum;
  case BinaryKind::Power:
    return std::nullopt;
  }
  llvm_unreachable("unknown function");
}

static FailureOr<Value> lower(BinaryOpInterface op, Segment &segment) {
  std::optional<xnn::BinaryOperator> function =
      getBinaryOperator(op.getBinaryKind());
  if (!function)
    return failure();
  RealBounds bounds = getRealBounds(op);
  Value lhs = segment.use(op->getOperand(0));
  Value rhs = segment.use(op->getOperand(1));
  return Value(xnn::BinaryOp::create(segment.getBuilder(), op.getLoc(),
                                     op->getResult(0).getType(), *function, lhs,
                                     rhs, bounds.min, bounds.max));
}

/// XNNPACK's name of a function: the one place that a new function touches
/// here. Nothing for our own.
static std::optional<xnn::UnaryOperator>
getUnaryOperator(npir_kernels::UnaryKind kind) {
  using npir_kernels::UnaryKind;
  switch (kind) {
  case UnaryKind::Clamp:
    return xnn::UnaryOperator::Clamp;
  case UnaryKind::Sigmoid:
    return xnn::UnaryOperator::Sigmoid;
  case UnaryKind::Tanh:
    return xnn::UnaryOperator::Tanh;
  case UnaryKind::Abs:
    return xnn::UnaryOperator::Abs;
  case UnaryKind::HardSwish:
    return xnn::UnaryOperator::HardSwish;
  case UnaryKind::Gelu:
    return xnn::UnaryOperator::Gelu;
  case UnaryKind::Sqrt:
    return xnn::UnaryOperator::SquareRoot;
  case UnaryKind::Square:
    return xnn::UnaryOperator::Square;
  case UnaryKind::Exp:
    return xnn::UnaryOperator::Exp;
  case UnaryKind::Log:
    return xnn::UnaryOperator::Log;
  case UnaryKind::Neg:
    return xnn::UnaryOperator::Negate;
  case UnaryKind::Floor:
    return xnn::UnaryOperator::Floor;
  case UnaryKind::Ceil:
    return xnn::UnaryOperator::Ceiling;
#define NPIR_UNARY(KIND, NAME, ...)
#define NPIR_OWN_UNARY(KIND, NAME, ...) case UnaryKind::KIND:
#include "npir/Kernels/Unary.def"
    return std::nullopt;
  }
  llvm_unreachable("unknown function");
}

static FailureOr<Value> lower(UnaryOpInterface op, Segment &segment) {
  std::optional<xnn::UnaryOperator> function =
      getUnaryOperator(op.getUnaryFunction().kind);
  if (!function)
    return failure();
  Value input = segment.use(op->getOperand(0));
  OpBuilder &builder = segment.getBuilder();
  if (*function == xnn::UnaryOperator::Clamp) {
    RealBounds bounds = getRealBounds(op);
    return Value(xnn::UnaryOp::create(
        builder, op.getLoc(), op->getResult(0).getType(), *function, input,
        bounds.min, bounds.max, FloatAttr()));
  }
  return createUnbounded(op, segment, [&](Location loc, RankedTensorType type) {
    return xnn::UnaryOp::create(builder, loc, type, *function, input,
                                FloatAttr(), FloatAttr(), FloatAttr());
  });
}

/// Quantize, dequantize and requantize.
static Value lowerConvert(Operation *op, Segment &segment) {
  Value input = segment.use(op->getOperand(0));
  return createUnbounded(op, segment, [&](Location loc, RankedTensorType type) {
    return xnn::UnaryOp::create(segment.getBuilder(), loc, type,
                                xnn::UnaryOperator::Convert, input, FloatAttr(),
                                FloatAttr(), FloatAttr());
  });
}

FailureOr<Value> mlir::npir::lowerToXNN(Operation *op, Segment &segment) {
  return llvm::TypeSwitch<Operation *, FailureOr<Value>>(op)
      .Case<Conv2DOp, DepthwiseConv2DOp, TransposeConv2DOp, LinearOp,
            DynamicLinearOp>(
          [&](auto) { return lowerMultiplyAccumulate(op, segment); })
      .Case<MatmulOp, SoftmaxOp, MaxPool2DOp, ReduceOp, PreluOp,
            BinaryOpInterface, UnaryOpInterface>(
          [&](auto typed) { return lower(typed, segment); })
      .Case<ReshapeOp, TransposeOp, SliceOp, ConcatOp, ResizeOp>(
          [&](auto) { return lowerMove(op, segment); })
      .Case<QuantizeOp, DequantizeOp>(
          [&](auto) { return lowerConvert(op, segment); })
      .Default([](Operation *) { return failure(); });
}
