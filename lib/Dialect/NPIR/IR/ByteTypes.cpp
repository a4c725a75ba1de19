// This file implements quantized types of one byte.
#include "npir/Dialect/NPIR/IR/ByteTypes.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

using namespace mlir;
using namespace mlir::npir;

quant::UniformQuantizedType mlir::npir::getByteType(MLIRContext *context,
                                                    bool isSigned, float scale,
                                                    int64_t zeroPoint) {
  IntegerGrid grid;
  grid.bits = 8;
  grid.isSigned = isSigned;
  return getPerTensorType(context, grid, {scale, zeroPoint});
}

quant::UniformQuantizedType
mlir::npir::withSign(quant::UniformQuantizedType type, bool isSigned) {
  if (type.isSigned() == isSigned)
    return type;
  int64_t shift = isSigned ? -128 : 128;
  return quant::UniformQuantizedType::get(
      isSigned ? quant::QuantizationFlags::Signed : 0, type.getStorageType(),
      type.getExpressedType(), type.getScale(), type.getZeroPoint() + shift,
      type.getStorageTypeMin() + shift, type.getStorageTypeMax() + shift);
}

bool mlir::npir::isByteShift(Type from, Type to) {
  auto input = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(from));
  auto output = dyn_cast_or_null<quant::UniformQuantizedType>(
      getQuantizedElementType(to));
  return input && output && input.getStorageTypeIntegralWidth() == 8 &&
         output.getStorageTypeIntegralWidth() == 8 &&
         input.isSigned() != output.isSigned() &&
         input.getScale() == output.getScale() &&
         input.getZeroPoint() + (input.isSigned() ? 128 : -128) ==
             output.getZeroPoint();
}
