// This file implements the making of new constants from old ones.
#include "Prepare.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"

#include "mlir/IR/DialectResourceBlobManager.h"

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
  return permuteConstant(builder, constant.getLoc(), constant.getValue(), shape,
                         perm, constant.getType().clone(resultShape));
}

ConstantOp mlir::npir::reshapeConstant(OpBuilder &builder, ConstantOp constant,
                                       RankedTensorType type) {
  ElementsAttr value = constant.getValue();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value))
    value = cast<ElementsAttr>(Attribute(
        DenseResourceElementsAttr::get(type, resource.getRawHandle())));
  else
    value = cast<DenseElementsAttr>(value).reshape(type);
  return ConstantOp::create(builder, constant.getLoc(), type, value);
}
