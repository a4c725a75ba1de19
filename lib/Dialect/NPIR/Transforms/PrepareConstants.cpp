// This file implements the making of new constants from old ones.
#include "Prepare.h"
#include "QuantizeUtils.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

using namespace mlir;
using namespace mlir::npir;

ConstantOp mlir::npir::createFilledConstant(
    OpBuilder &builder, Location loc, ArrayRef<int64_t> shape,
    function_ref<void(MutableArrayRef<float>)> fill) {
  auto type = RankedTensorType::get(shape, builder.getF32Type());
  return createFilledConstant(
      builder, loc, type, [&](MutableArrayRef<char> bytes) {
        fill({reinterpret_cast<float *>(bytes.data()),
              static_cast<size_t>(type.getNumElements())});
      });
}

ConstantOp mlir::npir::permuteConstant(OpBuilder &builder, ConstantOp constant,
                                       ArrayRef<int64_t> shape,
                                       ArrayRef<int64_t> perm,
                                       ArrayRef<int64_t> resultShape) {
  return permuteConstant(
      builder, constant.getLoc(), constant.getValue(), shape, perm,
      cast<RankedTensorType>(constant.getType()).clone(resultShape));
}

ConstantOp mlir::npir::getStoredConstant(Value value) {
  if (auto dequantize = value.getDefiningOp<DequantizeOp>())
    value = dequantize.getInput();
  return value.getDefiningOp<ConstantOp>();
}

/// The dequantized form of `stored`, the moved integers of `value`.
static Value dequantizeAs(OpBuilder &builder, Value value, ConstantOp stored) {
  return DequantizeOp::create(
      builder, value.getLoc(),
      withElementType(stored.getType(), builder.getF32Type()), stored);
}

Value mlir::npir::permuteStored(OpBuilder &builder, Value value,
                                ArrayRef<int64_t> shape, ArrayRef<int64_t> perm,
                                ArrayRef<int64_t> resultShape) {
  ConstantOp constant = getStoredConstant(value);
  quant::QuantizedType type = getQuantizedElementType(constant.getType());
  if (!type)
    return permuteConstant(builder, constant, shape, perm, resultShape);
  if (std::optional<int64_t> axis = getQuantizedAxis(type)) {
    // Split up, dimensions have other numbers, all but the first.
    if (*axis != 0 && shape != constant.getType().getShape())
      return {};
    int64_t newAxis = llvm::find(perm, *axis) - perm.begin();
    if (resultShape[newAxis] != shape[*axis])
      return {};
    type = withQuantizedAxis(type, newAxis);
  }
  ConstantOp moved =
      permuteConstant(builder, constant.getLoc(), constant.getValue(), shape,
                      perm, RankedTensorType::get(resultShape, type));
  return dequantizeAs(builder, value, moved);
}

Value mlir::npir::reshapeStored(OpBuilder &builder, Value value,
                                RankedTensorType type) {
  ConstantOp constant = getStoredConstant(value);
  quant::QuantizedType quantized = getQuantizedElementType(constant.getType());
  if (!quantized)
    return reshapeConstant(builder, constant, type);
  if (std::optional<int64_t> axis = getQuantizedAxis(quantized)) {
    // The dimension with as many elements before it, and of the same size.
    ArrayRef<int64_t> from = constant.getType().getShape();
    auto countBefore = [](ArrayRef<int64_t> shape, int64_t dim) {
      int64_t count = 1;
      for (int64_t size : shape.take_front(dim))
        count *= size;
      return count;
    };
    int64_t to = 0;
    while (to < type.getRank() &&
           (countBefore(type.getShape(), to) != countBefore(from, *axis) ||
            type.getDimSize(to) != from[*axis]))
      ++to;
    if (to == type.getRank())
      return {};
    quantized = withQuantizedAxis(quantized, to);
  }
  return dequantizeAs(
      builder, value,
      reshapeConstant(builder, constant, withElementType(type, quantized)));
}
