// This file implements constants and the operations that only move values.
#include "OpVerification.h"
#include "npir/Dialect/NPIR/IR/Constants.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// ConstantOp
//===----------------------------------------------------------------------===//

OpFoldResult ConstantOp::fold(FoldAdaptor) {
  // A quantized constant's attribute alone does not tell its type.
  if (getValue().getShapedType() != getType())
    return {};
  return getValue();
}

LogicalResult ConstantOp::verify() {
  auto emit = [&] { return emitOpError(); };
  auto type = cast<RankedTensorType>(getType());
  if (failed(verifyQuantizedTensor(emit, type)))
    return failure();
  if (!type.hasStaticShape())
    return emitOpError("expected a static shape, got ") << type;
  auto expected =
      RankedTensorType::get(type.getShape(), getStorageElementType(type));
  if (getValue().getShapedType() != expected)
    return emitOpError("expected a value of type ")
           << expected << ", got " << getValue().getShapedType();
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(getValue())) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob)
      return emitOpError("has no data for resource '")
             << resource.getRawHandle().getKey() << "'";
    if (blob->getData().size() != getStorageBytes(type))
      return emitOpError("expected ")
             << getStorageBytes(type) << " bytes in resource '"
             << resource.getRawHandle().getKey() << "', got "
             << blob->getData().size();
    return success();
  }
  if (!isa<DenseElementsAttr>(getValue()))
    return emitOpError("expected a dense or dense_resource value");
  return success();
}

//===----------------------------------------------------------------------===//
// ReshapeOp
//===----------------------------------------------------------------------===//

OpFoldResult ReshapeOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  if (auto producer = getInput().getDefiningOp<ReshapeOp>())
    if (producer.getInput().getType() == getType())
      return producer.getInput();
  return {};
}

SmallVector<unsigned> ReshapeOp::getSameScaleOperands() { return {0}; }
Arithmetic ReshapeOp::getArithmetic() { return Arithmetic::Copy; }

LogicalResult ReshapeOp::verify() {
  if (failed(detail::verifyCopy(*this)))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getType());
  int64_t sizes[2] = {1, 1};
  const RankedTensorType types[2] = {input, result};
  for (auto [i, type] : llvm::enumerate(types))
    for (auto [d, dim] : llvm::enumerate(type.getShape())) {
      if (!ShapedType::isDynamic(dim))
        sizes[i] *= dim;
      else if (d != 0)
        return emitOpError("expected only the first dimension dynamic, got ")
               << type;
    }
  if (input.hasStaticShape() != result.hasStaticShape())
    return emitOpError("expected a dynamic first dimension in operand and "
                       "result or in neither, got ")
           << input << " and " << result;
  if (input.hasStaticShape()
          ? sizes[0] != sizes[1]
          : sizes[0] % sizes[1] != 0 && sizes[1] % sizes[0] != 0)
    return emitOpError("expected as many elements, got ")
           << input << " and " << result;
  return success();
}

//===----------------------------------------------------------------------===//
// TransposeOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> TransposeOp::inferShape(Adaptor adaptor,
                                                        Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  ArrayRef<int64_t> perm = adaptor.getPerm();
  if (!isPermutationVector(perm) ||
      perm.size() != static_cast<size_t>(input.getRank()))
    return mlir::emitError(loc)
           << "expected a permutation of " << input.getRank()
           << " dimensions, got [" << perm << "]";
  SmallVector<int64_t> shape;
  for (int64_t dim : perm)
    shape.push_back(input.getDimSize(dim));
  for (size_t i = 1; i < shape.size(); ++i)
    if (ShapedType::isDynamic(shape[i]))
      return mlir::emitError(loc)
             << "expected the dynamic dimension to stay first, "
                "got permutation ["
             << perm << "] of " << input;
  return shape;
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (isIdentityPermutation(getPerm()) && getInput().getType() == getType())
    return getInput();
  return {};
}

SmallVector<unsigned> TransposeOp::getSameScaleOperands() { return {0}; }
Arithmetic TransposeOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult TransposeOp::verify() { return detail::verifyCopy(*this); }
