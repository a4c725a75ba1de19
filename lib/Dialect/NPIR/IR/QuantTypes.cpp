// This file implements access to and checks of quantized types.
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "npir/Kernels/Requantize.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

quant::QuantizedType mlir::npir::getQuantizedElementType(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor ? dyn_cast<quant::QuantizedType>(tensor.getElementType())
                : quant::QuantizedType();
}

bool mlir::npir::isQuantizedTensor(Type type) {
  return static_cast<bool>(getQuantizedElementType(type));
}

RankedTensorType mlir::npir::withElementType(Type type, Type elementType) {
  return RankedTensorType::get(cast<RankedTensorType>(type).getShape(),
                               elementType);
}

SmallVector<float> mlir::npir::getScales(quant::QuantizedType type) {
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type))
    return {static_cast<float>(uniform.getScale())};
  SmallVector<float> scales;
  for (double scale :
       cast<quant::UniformQuantizedPerAxisType>(type).getScales())
    scales.push_back(static_cast<float>(scale));
  return scales;
}

SmallVector<int64_t> mlir::npir::getZeroPoints(quant::QuantizedType type) {
  if (auto uniform = dyn_cast<quant::UniformQuantizedType>(type))
    return {uniform.getZeroPoint()};
  return llvm::to_vector(
      cast<quant::UniformQuantizedPerAxisType>(type).getZeroPoints());
}

std::optional<int64_t> mlir::npir::getQuantizedAxis(quant::QuantizedType type) {
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(type))
    return perAxis.getQuantizedDimension();
  return std::nullopt;
}

static unsigned getFlags(IntegerGrid grid) {
  return grid.isSigned ? quant::QuantizationFlags::Signed : 0;
}

quant::UniformQuantizedType mlir::npir::getPerTensorType(MLIRContext *context,
                                                         IntegerGrid grid,
                                                         QuantParams params) {
  return quant::UniformQuantizedType::get(
      getFlags(grid), IntegerType::get(context, grid.bits),
      Float32Type::get(context), params.scale, params.zeroPoint, grid.qmin(),
      grid.qmax());
}

quant::UniformQuantizedPerAxisType
mlir::npir::getPerAxisType(MLIRContext *context, IntegerGrid grid,
                           ArrayRef<QuantParams> params, int64_t axis) {
  SmallVector<double> scales;
  SmallVector<int64_t> zeroPoints;
  for (QuantParams p : params) {
    scales.push_back(p.scale);
    zeroPoints.push_back(p.zeroPoint);
  }
  return quant::UniformQuantizedPerAxisType::get(
      getFlags(grid), IntegerType::get(context, grid.bits),
      Float32Type::get(context), scales, zeroPoints, static_cast<int32_t>(axis),
      grid.qmin(), grid.qmax());
}

quant::QuantizedType mlir::npir::getBiasType(float inputScale,
                                             quant::QuantizedType weightType) {
  MLIRContext *context = weightType.getContext();
  SmallVector<float> weightScales = getScales(weightType);
  Type i32 = IntegerType::get(context, 32), f32 = Float32Type::get(context);
  int64_t min = std::numeric_limits<int32_t>::min();
  int64_t max = std::numeric_limits<int32_t>::max();
  unsigned flags = quant::QuantizationFlags::Signed;
  if (!getQuantizedAxis(weightType))
    return quant::UniformQuantizedType::get(
        flags, i32, f32, inputScale * weightScales.front(), 0, min, max);
  SmallVector<double> scales;
  for (float scale : weightScales)
    scales.push_back(inputScale * scale);
  SmallVector<int64_t> zeroPoints(scales.size(), 0);
  return quant::UniformQuantizedPerAxisType::get(flags, i32, f32, scales,
                                                 zeroPoints, 0, min, max);
}

bool mlir::npir::canRoundToGrid(quant::QuantizedType type) {
  return npir_kernels::isLegalGrid(type.getStorageTypeMin(),
                                   type.getStorageTypeMax()) &&
         llvm::all_of(getScales(type), npir_kernels::isLegalScale);
}

LogicalResult
mlir::npir::verifyQuantizedTensor(function_ref<InFlightDiagnostic()> emit,
                                  Type type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (!quantized)
    return success();
  if (!isa<quant::UniformQuantizedType, quant::UniformQuantizedPerAxisType>(
          quantized))
    return emit() << "expected a per-tensor or per-axis uniform type, got "
                  << quantized;
  if (!quantized.getExpressedType().isF32())
    return emit() << "expected expressed type f32, got "
                  << quantized.getExpressedType();
  for (float scale : getScales(quantized))
    if (!std::isnormal(scale) || scale < 0)
      return emit() << "expected a scale that is a positive normal f32, got "
                    << scale;
  for (int64_t zeroPoint : getZeroPoints(quantized))
    if (zeroPoint < quantized.getStorageTypeMin() ||
        zeroPoint > quantized.getStorageTypeMax())
      return emit() << "expected a zero point in ["
                    << quantized.getStorageTypeMin() << ", "
                    << quantized.getStorageTypeMax() << "], got " << zeroPoint;
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(quantized)) {
    auto tensor = cast<RankedTensorType>(type);
    int64_t axis = perAxis.getQuantizedDimension();
    if (axis < 0 || axis >= tensor.getRank())
      return emit() << "expected the quantized axis below the rank "
                    << tensor.getRank() << ", got " << axis;
    int64_t size = tensor.getDimSize(axis);
    if (ShapedType::isDynamic(size))
      return emit() << "expected a static size along the quantized axis "
                    << axis;
    if (size != static_cast<int64_t>(perAxis.getScales().size()))
      return emit() << "expected " << size << " scales along axis " << axis
                    << ", got " << perAxis.getScales().size();
  }
  return success();
}
