// This file implements XNNPACK's integer arithmetic as a target: from types to
// requantization numbers, in XNNPACK's own order of float evaluation.
#include "XNNPACKTarget.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Kernels/LayerNorm.h"
#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;

namespace {

/// Scale, zero point and bounds of a per-tensor type.
struct Params {
  explicit Params(Type tensor) {
    auto type =
        cast<quant::UniformQuantizedType>(getQuantizedElementType(tensor));
    scale = static_cast<float>(type.getScale());
    zeroPoint = static_cast<int32_t>(type.getZeroPoint());
    min = type.getStorageTypeMin();
    max = type.getStorageTypeMax();
  }
  /// Narrow the bounds to real `range`.
  void clampTo(std::pair<float, float> range) {
    auto store = [&, low = min, high = max](float bound) -> int64_t {
      return std::clamp<int64_t>(
          npir_kernels::quantizedBound(bound, scale, zeroPoint), low, high);
    };
    min = store(range.first);
    max = store(range.second);
  }

  float scale;
  int32_t zeroPoint;
  int64_t min, max;
};

class XNNPACKTarget final : public Target {
public:
  StringRef getName() const override { return "xnnpack"; }
  ArrayRef<TargetRow> getTable() const override { return getXNNPACKTable(); }
  bool hasPerChannelActivations() const override { return false; }
  quant::QuantizedType getStorageType(quant::QuantizedType type) const override;
  FailureOr<Attribute> computeRequant(Operation *op,
                                      const OpTypes &types) const override;
};

} // namespace

/// Any integers of up to 8 bits fit in qs8: unsigned ones are moved, by half
/// their range, so that types of the same real numbers are one. A narrower
/// storage range bounds what an op computes.
quant::QuantizedType
XNNPACKTarget::getStorageType(quant::QuantizedType type) const {
  int64_t min = type.getStorageTypeMin(), max = type.getStorageTypeMax();
  if (max - min > npir_kernels::kInt8Max - npir_kernels::kInt8Min ||
      min < npir_kernels::kInt8Min)
    return type;
  int64_t half = int64_t(1) << (type.getStorageTypeIntegralWidth() - 1);
  int64_t shift = type.isSigned() ? 0 : -half;
  MLIRContext *context = type.getContext();
  unsigned flags = quant::QuantizationFlags::Signed;
  Type i8 = IntegerType::get(context, 8), f32 = type.getExpressedType();
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type))
    return quant::UniformQuantizedType::get(flags, i8, f32, uniform.getScale(),
                                            uniform.getZeroPoint() + shift,
                                            min + shift, max + shift);
  auto perAxis = cast<quant::UniformQuantizedPerAxisType>(type);
  return quant::UniformQuantizedPerAxisType::get(
      flags, i8, f32, perAxis.getScales(),
      llvm::map_to_vector(perAxis.getZeroPoints(),
                          [&](int64_t zeroPoint) { return zeroPoint + shift; }),
      perAxis.getQuantizedDimension(), min + shift, max + shift);
}

/// One multiplier per weight scale.
static Attribute computeMultipliers(QuantizableOpInterface op,
                                    const OpTypes &types, Params input,
                                    Params output) {
  unsigned weight =
      op.getOperandsWithRole(Role::Weight).front()->getOperandNumber();
  SmallVector<float> multipliers;
  for (float scale : getScales(getQuantizedElementType(types.operands[weight])))
    multipliers.push_back(
        npir_kernels::requantMultiplier(input.scale, scale, output.scale));
  MLIRContext *context = op->getContext();
  return RequantF32Attr::get(context,
                             DenseF32ArrayAttr::get(context, multipliers),
                             output.min, output.max);
}

/// A clamp between equal types is integer minimum and maximum; all else is a
/// table.
static Attribute computeTable(UnaryOpInterface op, Params input,
                              Params output) {
  MLIRContext *context = op->getContext();
  npir_kernels::UnaryFunction function = op.getUnaryFunction();
  if (function.kind == npir_kernels::UnaryKind::Clamp &&
      input.scale == output.scale && input.zeroPoint == output.zeroPoint) {
    output.clampTo({function.a, function.b});
    return RequantCopyAttr::get(context, output.min, output.max);
  }
  npir_kernels::Table table = npir_kernels::buildTable(
      function, input.scale, input.zeroPoint, output.scale, output.zeroPoint);
  return RequantTableAttr::get(context, DenseI8ArrayAttr::get(context, table),
                               output.min, output.max);
}

/// NPIR's own arithmetic; the layer's constants are read once, here.
static Attribute computeLayerNorm(LayerNormOp op, Params input, Params output) {
  MLIRContext *context = op->getContext();
  auto divide = [&](Value parameter) {
    SmallVector<float> ratios;
    ConstantBytes bytes = *getConstantBytes(parameter);
    for (float value : bytes.as<float>())
      ratios.push_back(npir_kernels::layerNormRatio(value, output.scale));
    return DenseF32ArrayAttr::get(context, ratios);
  };
  int64_t channels = op.getType().getShape().back();
  float varianceOffset = npir_kernels::layerNormVarianceOffset(
      op.getEpsilon().convertToFloat(), channels, input.scale);
  return RequantLayerNormAttr::get(
      context, Builder(context).getF32FloatAttr(varianceOffset),
      divide(op.getScale()), divide(op.getOffset()), output.min, output.max);
}

/// Elements per element of the result: the batch counts on both sides.
static int64_t getReducedCount(const OpTypes &types) {
  auto count = [](Type type) {
    int64_t elements = 1;
    for (int64_t dim : cast<RankedTensorType>(type).getShape())
      elements *= ShapedType::isDynamic(dim) ? 1 : dim;
    return elements;
  };
  return count(types.operands.front()) / count(types.results.front());
}

/// Elements of a pool's window.
static int64_t getWindowSize(Operation *op) {
  int64_t elements = 1;
  for (int64_t size : cast<AvgPool2DOp>(op).getKernel())
    elements *= size;
  return elements;
}

FailureOr<Attribute> XNNPACKTarget::computeRequant(Operation *op,
                                                   const OpTypes &types) const {
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (!quantizable || quantizable.getArithmetic() == Arithmetic::None ||
      !isQuantizedTensor(types.results.front()))
    return Attribute();
  if (!check(op, types).isLegal())
    return failure();

  MLIRContext *context = op->getContext();
  // The condition of a selection comes before what is selected.
  Params input(*llvm::find_if(types.operands, isQuantizedTensor));
  Params output(types.results.front());
  if (auto clamped = dyn_cast<ClampedOpInterface>(op))
    output.clampTo(clamped.getClampRange());
  switch (quantizable.getArithmetic()) {
  case Arithmetic::None:
    return Attribute();
  case Arithmetic::MultiplyAccumulate:
    return computeMultipliers(quantizable, types, input, output);
  case Arithmetic::Add:
  case Arithmetic::Subtract: {
    float rhs = Params(types.operands[1]).scale / output.scale;
    if (quantizable.getArithmetic() == Arithmetic::Subtract)
      rhs = -rhs;
    npir_kernels::ShiftAdd add =
        npir_kernels::computeShiftAdd(input.scale / output.scale, rhs);
    return Attribute(RequantShiftAddAttr::get(
        context, add.lhs, add.rhs, add.shift, output.min, output.max));
  }
  case Arithmetic::Multiply: {
    float multiplier = npir_kernels::requantMultiplier(
        input.scale, Params(types.operands[1]).scale, output.scale);
    return Attribute(RequantF32Attr::get(
        context, DenseF32ArrayAttr::get(context, {multiplier}), output.min,
        output.max));
  }
  case Arithmetic::Elementwise:
    return computeTable(cast<UnaryOpInterface>(op), input, output);
  case Arithmetic::Mean: {
    float multiplier = npir_kernels::meanMultiplier(input.scale, output.scale,
                                                    getReducedCount(types));
    return Attribute(RequantMeanAttr::get(
        context, Builder(context).getF32FloatAttr(multiplier), output.min,
        output.max));
  }
  case Arithmetic::LayerNorm:
    return computeLayerNorm(cast<LayerNormOp>(op), input, output);
  case Arithmetic::WindowMean: {
    SmallVector<float> multipliers;
    int64_t elements = getWindowSize(op);
    for (int64_t count = 1; count <= elements; ++count)
      multipliers.push_back(
          npir_kernels::meanMultiplier(input.scale, output.scale, count));
    return Attribute(RequantWindowMeanAttr::get(
        context, DenseF32ArrayAttr::get(context, multipliers), output.min,
        output.max));
  }
  case Arithmetic::Interpolate:
    return Attribute(
        RequantInterpolateAttr::get(context, output.min, output.max));
  case Arithmetic::Copy:
    return Attribute(RequantCopyAttr::get(context, output.min, output.max));
  case Arithmetic::Convert:
    return Attribute(RequantQ8Attr::get(
        context, npir_kernels::q8Multiplier(input.scale, output.scale),
        output.min, output.max));
  }
  llvm_unreachable("unknown arithmetic");
}

const Target *mlir::npir::getXNNPACKTarget() {
  static const XNNPACKTarget target;
  return &target;
}
