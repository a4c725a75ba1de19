// This file implements what the passes that quantize have in common.
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Kernels/Requantize.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::npir;

Location mlir::npir::getServingLocation(Value tensor, StringRef suffix) {
  std::string id = getTensorId(tensor);
  StringRef name = id;
  name.consume_back(":0");
  return NameLoc::get(StringAttr::get(tensor.getContext(), name + suffix));
}

bool mlir::npir::hasIntegerArithmetic(Operation *op) {
  auto quantizable = dyn_cast_or_null<QuantizableOpInterface>(op);
  return quantizable && quantizable.getArithmetic() != Arithmetic::None;
}

ObserveOp mlir::npir::getObservation(Value value) {
  if (auto observe = value.getDefiningOp<ObserveOp>())
    return observe;
  for (Operation *user : value.getUsers())
    if (auto observe = dyn_cast<ObserveOp>(user))
      return observe;
  return {};
}

bool mlir::npir::needsType(ObserveOp observe) {
  SpecAttr spec = observe.getSpec();
  return !spec.isNone() && spec.getGranularity() != Granularity::PerRow;
}

ElementsAttr mlir::npir::getFloatConstant(Value value) {
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) ||
      !attr.getElementType().isF32() ||
      !isa<DenseElementsAttr, DenseResourceElementsAttr>(attr))
    return {};
  return attr;
}

quant::QuantizedType mlir::npir::withQuantizedAxis(quant::QuantizedType type,
                                                   int64_t axis) {
  auto perAxis = cast<quant::UniformQuantizedPerAxisType>(type);
  return quant::UniformQuantizedPerAxisType::get(
      perAxis.getFlags(), perAxis.getStorageType(), perAxis.getExpressedType(),
      perAxis.getScales(), perAxis.getZeroPoints(), static_cast<int32_t>(axis),
      perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
}

IntegerGrid mlir::npir::getGrid(quant::QuantizedType type) {
  IntegerGrid grid;
  grid.bits = type.getStorageTypeIntegralWidth();
  grid.isSigned = type.isSigned();
  grid.narrow = grid.isSigned && type.getStorageTypeMin() > grid.qmin();
  return grid;
}

SmallVector<QuantParams> mlir::npir::getQuantParams(quant::QuantizedType type) {
  SmallVector<QuantParams> params;
  for (auto [scale, zeroPoint] :
       llvm::zip_equal(getScales(type), getZeroPoints(type)))
    params.push_back({scale, zeroPoint});
  return params;
}

static ChannelView getView(RankedTensorType type,
                           quant::QuantizedType quantized) {
  return ChannelView::get(type.getShape(),
                          getQuantizedAxis(quantized).value_or(-1));
}

template <typename T>
static ConstantOp quantizeAs(OpBuilder &builder, Location loc,
                             ArrayRef<float> values, RankedTensorType type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  std::vector<T> stored(values.size());
  quantizeTensor(values.data(), getView(type, quantized),
                 getQuantParams(quantized), getGrid(quantized), stored.data());
  return createConstant(builder, loc, type, ArrayRef<T>(stored));
}

ConstantOp mlir::npir::quantizeConstant(OpBuilder &builder, Location loc,
                                        ElementsAttr value,
                                        quant::QuantizedType quantized) {
  ConstantBytes bytes(value);
  ArrayRef<float> values = bytes.as<float>();
  RankedTensorType type = withElementType(value.getShapedType(), quantized);
  IntegerGrid grid = getGrid(quantized);
  if (grid.storageBytes() == 1)
    return grid.isSigned ? quantizeAs<int8_t>(builder, loc, values, type)
                         : quantizeAs<uint8_t>(builder, loc, values, type);
  return grid.isSigned ? quantizeAs<int16_t>(builder, loc, values, type)
                       : quantizeAs<uint16_t>(builder, loc, values, type);
}

template <typename T>
static void quantizeInto(ArrayRef<float> values, ChannelView view,
                         quant::QuantizedType type,
                         MutableArrayRef<char> bytes) {
  SmallVector<float> scales = getScales(type);
  SmallVector<int64_t> zeroPoints = getZeroPoints(type);
  auto min = static_cast<int32_t>(type.getStorageTypeMin());
  auto max = static_cast<int32_t>(type.getStorageTypeMax());
  T *out = reinterpret_cast<T *>(bytes.data());
  for (size_t outer = 0, i = 0; outer < view.outer; ++outer)
    for (size_t channel = 0; channel < view.channels; ++channel) {
      float inverse = 1.0f / scales[channel];
      auto zeroPoint = static_cast<int32_t>(zeroPoints[channel]);
      for (size_t inner = 0; inner < view.inner; ++inner, ++i)
        out[i] = static_cast<T>(npir_kernels::quantizeToGrid(
            values[i], inverse, zeroPoint, min, max));
    }
}

ConstantOp mlir::npir::computeQuantize(OpBuilder &builder, Location loc,
                                       ElementsAttr value,
                                       quant::QuantizedType type) {
  ConstantBytes floats(value);
  auto view = ChannelView::get(value.getShapedType().getShape(),
                               getQuantizedAxis(type).value_or(-1));
  return createFilledConstant(
      builder, loc,
      withElementType(cast<RankedTensorType>(value.getShapedType()), type),
      [&](MutableArrayRef<char> bytes) {
        ArrayRef<float> values = floats.as<float>();
        bool isByte = type.getStorageTypeIntegralWidth() <= 8;
        if (type.isSigned())
          isByte ? quantizeInto<int8_t>(values, view, type, bytes)
                 : quantizeInto<int16_t>(values, view, type, bytes);
        else
          isByte ? quantizeInto<uint8_t>(values, view, type, bytes)
                 : quantizeInto<uint16_t>(values, view, type, bytes);
      });
}

template <typename T>
static void dequantize(ArrayRef<T> stored, ChannelView view,
                       ArrayRef<QuantParams> params, float *out) {
  for (size_t outer = 0, i = 0; outer < view.outer; ++outer)
    for (size_t channel = 0; channel < view.channels; ++channel) {
      QuantParams p = params[params.size() == 1 ? 0 : channel];
      for (size_t inner = 0; inner < view.inner; ++inner, ++i)
        out[i] = dequantizeValue(stored[i], p);
    }
}

std::vector<float> mlir::npir::getRealValues(ConstantOp constant) {
  auto type = cast<RankedTensorType>(constant.getType());
  quant::QuantizedType quantized = getQuantizedElementType(type);
  ConstantBytes bytes(constant.getValue());
  ChannelView view = getView(type, quantized);
  SmallVector<QuantParams> params = getQuantParams(quantized);
  std::vector<float> values(type.getNumElements());
  unsigned width = getStorageElementType(type).getIntOrFloatBitWidth();
  if (width == 8 && quantized.isSigned())
    dequantize(bytes.as<int8_t>(), view, params, values.data());
  else if (width == 8)
    dequantize(bytes.as<uint8_t>(), view, params, values.data());
  else if (width == 16 && quantized.isSigned())
    dequantize(bytes.as<int16_t>(), view, params, values.data());
  else if (width == 16)
    dequantize(bytes.as<uint16_t>(), view, params, values.data());
  else
    dequantize(bytes.as<int32_t>(), view, params, values.data());
  return values;
}

ConstantOp mlir::npir::dequantizeConstant(OpBuilder &builder, Location loc,
                                          ConstantOp constant) {
  std::vector<float> values = getRealValues(constant);
  return createConstant(
      builder, loc, withElementType(constant.getType(), builder.getF32Type()),
      ArrayRef<float>(values));
}

void mlir::npir::eraseUnused(ArrayRef<Operation *> ops) {
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty())
      op->erase();
}
