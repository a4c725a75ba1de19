// This file implements the element types of a function's inputs and outputs.
#include "Boundary.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/ByteTypes.h"
#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/EntryFunction.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "llvm/Support/Format.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

void mlir::npir::updateFunctionType(func::FuncOp func) {
  Block &block = func.getBody().front();
  func.setFunctionType(
      FunctionType::get(func.getContext(), block.getArgumentTypes(),
                        block.getTerminator()->getOperandTypes()));
}

/// Let the op that makes the quantized `value` round with one scale, where it
/// may.
static void useOneScale(Value value) {
  auto op = value ? value.getDefiningOp<QuantizeOp>() : QuantizeOp();
  if (!op || !op.getPerTensor())
    return;
  op.getResult().setType(withElementType(op.getType(), *op.getPerTensor()));
  op.removePerTensorAttr();
}

/// The type of a quantized value that a boundary can hold: whole bytes with one
/// scale. Else null.
static quant::UniformQuantizedType getBoundaryType(Value value) {
  auto type = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(value.getType()));
  if (!type || type.getStorageTypeIntegralWidth() != 8)
    return {};
  return type;
}

/// The quantize op that all real values of `value` go through; null where there
/// is none.
static QuantizeOp getOnlyQuantize(Value value) {
  QuantizeOp only;
  for (Operation *user : value.getUsers()) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    if (!quantize || only)
      return {};
    only = quantize;
  }
  return only;
}

/// `value` is quantized to whole bytes with one scale.
static LogicalResult checkBoundaryType(Value value, StringRef what,
                                       StringRef name, Location loc) {
  if (!value)
    return emitError(loc) << "expected " << what << " '" << name
                          << "' to be quantized at station 'qdq', got f32; "
                             "give io="
                          << name << ":float, or a configuration that "
                          << "quantizes it";
  if (!getBoundaryType(value))
    return emitError(loc) << "expected " << what << " '" << name
                          << "' in 8 bits with one scale, got "
                          << getQuantizedElementType(value.getType())
                          << "; give io=" << name << ":float";
  return success();
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

namespace {
/// Makes the chain from an input to the real values that the network reads.
class InputChain {
public:
  explicit InputChain(BlockArgument argument)
      : builder(argument.getContext()), argument(argument), value(argument) {
    builder.setInsertionPointToStart(argument.getOwner());
  }

  void dequantize(StringRef suffix) {
    value = DequantizeOp::create(
        builder, locate(suffix),
        withElementType(value.getType(), builder.getF32Type()), value);
  }
  void quantize(StringRef suffix, Type type) {
    value = QuantizeOp::create(builder, locate(suffix),
                               withElementType(value.getType(), type), value,
                               /*per_tensor=*/TypeAttr(),
                               /*requested=*/UnitAttr(),
                               /*requant=*/Attribute());
  }
  /// An op with a constant of `shape`.
  template <typename Op>
  void compute(StringRef suffix, ArrayRef<int64_t> shape,
               ArrayRef<float> values) {
    Location loc = locate(suffix);
    auto type = RankedTensorType::get(shape, builder.getF32Type());
    Value constant = createConstant(builder, derivedLocation(loc, ".constant"),
                                    type, values);
    value = Op::create(builder, loc, value.getType(), value, constant,
                       /*clamp_min=*/FloatAttr(), /*clamp_max=*/FloatAttr(),
                       /*requant=*/Attribute());
  }

  Value get() const { return value; }

private:
  Location locate(StringRef suffix) {
    return getServingLocation(argument, suffix);
  }
  OpBuilder builder;
  BlockArgument argument;
  Value value;
};
} // namespace

/// Real values that are `value`'s, moved by ops with no other operand: their
/// quantize ops of type `from` round to `to` instead.
static void changeRounding(Value value, Type from, Type to) {
  for (Operation *user : value.getUsers()) {
    if (auto quantize = dyn_cast<QuantizeOp>(user)) {
      if (getQuantizedElementType(quantize.getType()) != from ||
          quantize.getRequested())
        continue;
      quantize.getResult().setType(withElementType(quantize.getType(), to));
      quantize.removePerTensorAttr();
      for (Operation *next : quantize->getUsers())
        if (isa<DequantizeOp>(next))
          changeRounding(next->getResult(0), from, to);
      continue;
    }
    auto move = dyn_cast<QuantizableOpInterface>(user);
    if (move && user->getNumResults() == 1 && user->getNumOperands() == 1 &&
        move.getSameScaleOperands().size() == 1)
      changeRounding(user->getResult(0), from, to);
  }
}

/// The axis of an image's channels, of which there are `count`.
static FailureOr<int64_t> findChannelAxis(BlockArgument argument,
                                          StringRef name, size_t count) {
  ArrayRef<int64_t> shape =
      cast<RankedTensorType>(argument.getType()).getShape();
  auto channels = static_cast<int64_t>(count);
  auto last = static_cast<int64_t>(shape.size()) - 1;
  if (shape.size() >= 3 && shape[1] == channels &&
      (shape[last] != channels || hasChannelsLastBelow(argument)))
    return 1;
  if (last >= 1 && shape[last] == channels)
    return last;
  return emitError(argument.getLoc())
         << "expected mean and std for all channels at once, or one for each "
            "channel of input '"
         << name << "' of type " << argument.getType() << ", got " << count;
}

static void warnOfRange(BlockArgument argument, StringRef name,
                        quant::UniformQuantizedType type,
                        const Normalization &normalization) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  size_t count = std::max(normalization.mean.size(), normalization.std.size());
  for (size_t i = 0; i < count; ++i)
    for (double pixel : {0.0, 255.0}) {
      double mean = normalization.mean[i % normalization.mean.size()];
      double deviation = normalization.std[i % normalization.std.size()];
      low = std::min(low, (pixel - mean) / deviation);
      high = std::max(high, (pixel - mean) / deviation);
    }
  auto toReal = [&](int64_t stored) {
    return double(stored - type.getZeroPoint()) * type.getScale();
  };
  double from = toReal(type.getStorageTypeMin());
  double to = toReal(type.getStorageTypeMax());
  // Far apart: somebody's units are wrong.
  constexpr double kFar = 4;
  if (high - low <= kFar * (to - from) && to - from <= kFar * (high - low))
    return;
  auto format = [](double number) {
    std::string text;
    llvm::raw_string_ostream(text) << llvm::format("%.4g", number);
    return text;
  };
  emitWarning(argument.getLoc())
      << "input '" << name << "': pixels of 0 to 255 stand for " << format(low)
      << " to " << format(high) << ", but calibration saw " << format(from)
      << " to " << format(to) << "; give mean= and std= in units of pixels";
}

/// The quantization in which all pixels are exact, where there is one: one
/// scale, and a mean that is a pixel's value.
static quant::UniformQuantizedType
getPixelType(MLIRContext *context, const Normalization &normalization) {
  double mean = normalization.mean.front();
  auto scale = static_cast<float>(1.0 / normalization.std.front());
  if (!llvm::all_equal(normalization.mean) ||
      !llvm::all_equal(normalization.std) || mean != std::floor(mean) ||
      mean < 0 || mean > 255)
    return {};
  return getByteType(context, /*isSigned=*/false, scale,
                     static_cast<int64_t>(mean));
}

static LogicalResult setPixels(func::FuncOp func, BlockArgument argument,
                               StringRef name,
                               const Normalization &normalization) {
  MLIRContext *context = argument.getContext();
  size_t count = std::max(normalization.mean.size(), normalization.std.size());
  SmallVector<int64_t> shape{1};
  if (count > 1) {
    FailureOr<int64_t> axis = findChannelAxis(argument, name, count);
    if (failed(axis))
      return failure();
    auto rank = cast<RankedTensorType>(argument.getType()).getRank();
    shape.assign(rank - *axis, 1);
    shape.front() = static_cast<int64_t>(count);
  }
  QuantizeOp quantize = getOnlyQuantize(argument);
  useOneScale(quantize ? Value(quantize.getResult()) : Value());
  quant::UniformQuantizedType rounded =
      quantize ? getBoundaryType(quantize.getResult())
               : quant::UniformQuantizedType();
  if (rounded)
    warnOfRange(argument, name, rounded, normalization);

  SmallVector<OpOperand *> uses = llvm::to_vector(
      llvm::map_range(argument.getUses(), [](OpOperand &use) { return &use; }));
  quant::UniformQuantizedType pixels = getPixelType(context, normalization);
  bool isExact = static_cast<bool>(pixels);
  if (!isExact)
    pixels = getByteType(context, /*isSigned=*/false, 1.0, 0);
  argument.setType(withElementType(argument.getType(), pixels));
  InputChain chain(argument);
  chain.dequantize(".pixels.dequantize");
  chain.quantize(".pixels", withSign(pixels, /*isSigned=*/true));
  chain.dequantize(".pixels.real");
  if (!isExact) {
    SmallVector<float> means, factors;
    for (size_t i = 0; i < count; ++i) {
      means.push_back(static_cast<float>(
          normalization.mean[i % normalization.mean.size()]));
      factors.push_back(static_cast<float>(
          1.0 / normalization.std[i % normalization.std.size()]));
    }
    chain.compute<SubOp>(".centered", shape, means);
    chain.compute<MulOp>(".normalized", shape, factors);
  }
  for (OpOperand *use : uses)
    use->set(chain.get());
  // Every pixel is exact as it is: calibrated rounding would only add an error.
  if (isExact && rounded)
    changeRounding(chain.get(), getQuantizedElementType(quantize.getType()),
                   withSign(pixels, /*isSigned=*/true));
  updateFunctionType(func);
  return success();
}

LogicalResult mlir::npir::setInput(func::FuncOp func, BlockArgument argument,
                                   PortKind kind,
                                   const Normalization &normalization) {
  std::string name = getInputName(func, argument.getArgNumber());
  if (kind == PortKind::Float)
    return success();
  if (kind == PortKind::UInt8)
    return setPixels(func, argument, name, normalization);
  QuantizeOp quantize = getOnlyQuantize(argument);
  Value quantized = quantize ? Value(quantize.getResult()) : Value();
  useOneScale(quantized);
  if (failed(checkBoundaryType(quantized, "input", name, argument.getLoc())))
    return failure();
  argument.setType(
      withElementType(argument.getType(), getBoundaryType(quantized)));
  quantize.replaceAllUsesWith(argument);
  quantize.erase();
  // The types of dequantized values are those of their operands.
  quant::UniformQuantizedType type = cast<quant::UniformQuantizedType>(
      getQuantizedElementType(argument.getType()));
  if (!type.isSigned()) {
    // A target that has only signed bytes moves them, once.
    SmallVector<OpOperand *> uses = llvm::to_vector(llvm::map_range(
        argument.getUses(), [](OpOperand &use) { return &use; }));
    InputChain chain(argument);
    chain.dequantize(".unsigned.dequantize");
    chain.quantize(".unsigned", withSign(type, /*isSigned=*/true));
    for (OpOperand *use : uses)
      use->set(chain.get());
  }
  updateFunctionType(func);
  return success();
}

//===----------------------------------------------------------------------===//
// Outputs
//===----------------------------------------------------------------------===//

LogicalResult mlir::npir::setOutput(func::FuncOp func, unsigned index,
                                    PortKind kind) {
  if (kind == PortKind::Float)
    return success();
  Operation *terminator = func.getBody().front().getTerminator();
  Value value = terminator->getOperand(index);
  std::string name = getOutputName(func, index);
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  Value quantized = dequantize ? Value(dequantize.getInput()) : Value();
  useOneScale(quantized);
  if (failed(checkBoundaryType(quantized, "output", name, value.getLoc())))
    return failure();
  quant::UniformQuantizedType type = getBoundaryType(quantized);
  quant::UniformQuantizedType wanted =
      kind == PortKind::UInt8 ? withSign(type, /*isSigned=*/false) : type;
  // What a target computes in is for it to choose; at the boundary it is this.
  OpBuilder builder(terminator);
  Value result = quantized;
  if (!wanted.isSigned())
    result =
        QuantizeOp::create(builder, getServingLocation(value, ".output"),
                           withElementType(value.getType(), wanted), value,
                           /*per_tensor=*/TypeAttr(), /*requested=*/UnitAttr(),
                           /*requant=*/Attribute());
  terminator->setOperand(index, result);
  updateFunctionType(func);
  return success();
}
