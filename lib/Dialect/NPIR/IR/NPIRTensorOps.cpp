// This file implements constants and the operations that only move values.
#include "OpVerification.h"
#include "Window.h"
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

//===----------------------------------------------------------------------===//
// SliceOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> SliceOp::inferShape(Adaptor adaptor,
                                                    Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  ArrayRef<int64_t> offsets = adaptor.getOffsets(), sizes = adaptor.getSizes();
  auto rank = static_cast<size_t>(input.getRank());
  if (offsets.size() != rank || sizes.size() != rank)
    return mlir::emitError(loc)
           << "expected " << rank << " offsets and sizes, got "
           << offsets.size() << " and " << sizes.size();
  SmallVector<int64_t> shape;
  for (auto [i, offset, size] : llvm::enumerate(offsets, sizes)) {
    int64_t dim = input.getDimSize(i);
    if (input.isDynamicDim(i)) {
      if (offset != 0 || size != -1)
        return mlir::emitError(loc)
               << "expected all of the dynamic dimension, offset 0 and size "
                  "-1, got "
               << offset << " and " << size;
      shape.push_back(dim);
      continue;
    }
    int64_t taken = size == -1 ? dim - offset : size;
    if (offset < 0 || taken < 1 || offset > dim - taken)
      return mlir::emitError(loc)
             << "expected elements within dimension " << i << " of size " << dim
             << ", got offset " << offset << " and size " << size;
    shape.push_back(taken);
  }
  return shape;
}

OpFoldResult SliceOp::fold(FoldAdaptor) {
  if (getInput().getType() == getType())
    return getInput();
  return {};
}

SmallVector<unsigned> SliceOp::getSameScaleOperands() { return {0}; }
Arithmetic SliceOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult SliceOp::verify() { return detail::verifyCopy(*this); }

//===----------------------------------------------------------------------===//
// ConcatOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> ConcatOp::inferShape(Adaptor adaptor,
                                                     Location loc) {
  if (adaptor.getInputs().empty())
    return mlir::emitError(loc) << "expected at least one operand";
  auto first = cast<RankedTensorType>(adaptor.getInputs().front().getType());
  int64_t axis = adaptor.getAxis();
  if (axis < 0 || axis >= first.getRank() || first.isDynamicDim(axis))
    return mlir::emitError(loc)
           << "expected an axis of static size below the rank "
           << first.getRank() << ", got " << axis;
  auto shape = llvm::to_vector(first.getShape());
  for (Value input : adaptor.getInputs().drop_front()) {
    auto type = cast<RankedTensorType>(input.getType());
    bool fits = type.getRank() == first.getRank();
    for (int64_t i = 0; fits && i < type.getRank(); ++i)
      fits = i == axis ? !type.isDynamicDim(i)
                       : type.getDimSize(i) == first.getDimSize(i);
    if (!fits)
      return mlir::emitError(loc)
             << "expected shapes that differ along axis " << axis
             << " only, got " << first << " and " << type;
    shape[axis] += type.getDimSize(axis);
  }
  return shape;
}

OpFoldResult ConcatOp::fold(FoldAdaptor) {
  if (getInputs().size() == 1 && getInputs().front().getType() == getType())
    return getInputs().front();
  return {};
}

SmallVector<unsigned> ConcatOp::getSameScaleOperands() {
  return llvm::to_vector(llvm::seq<unsigned>(0, getInputs().size()));
}
Arithmetic ConcatOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult ConcatOp::verify() { return detail::verifyCopy(*this); }

//===----------------------------------------------------------------------===//
// PadOp
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<int64_t>> PadOp::inferShape(Adaptor adaptor,
                                                  Location loc) {
  auto input = cast<RankedTensorType>(adaptor.getInput().getType());
  ArrayRef<int64_t> begin = adaptor.getPadsBegin(), end = adaptor.getPadsEnd();
  size_t rank = input.getRank();
  if (failed(detail::checkNumbers("pads_begin", begin, rank, 0, loc)) ||
      failed(detail::checkNumbers("pads_end", end, rank, 0, loc)))
    return failure();
  auto shape = llvm::to_vector(input.getShape());
  for (size_t i = 0; i < rank; ++i) {
    if (begin[i] == 0 && end[i] == 0)
      continue;
    if (input.isDynamicDim(i))
      return mlir::emitError(loc)
             << "expected no padding of the dynamic dimension, got " << begin[i]
             << " and " << end[i];
    if (adaptor.getMode() == PadMode::Reflect &&
        std::max(begin[i], end[i]) >= shape[i])
      return mlir::emitError(loc)
             << "expected fewer mirrored elements than the " << shape[i]
             << " of dimension " << i << ", got " << begin[i] << " and "
             << end[i];
    if (adaptor.getMode() == PadMode::Edge && shape[i] == 0)
      return mlir::emitError(loc)
             << "expected elements along dimension " << i << ", got " << input;
    shape[i] += begin[i] + end[i];
  }
  return shape;
}

SmallVector<unsigned> PadOp::getSameScaleOperands() { return {0}; }
Arithmetic PadOp::getArithmetic() { return Arithmetic::Copy; }
LogicalResult PadOp::verify() { return detail::verifyCopy(*this); }

//===----------------------------------------------------------------------===//
// BroadcastOp
//===----------------------------------------------------------------------===//

Role BroadcastOp::getOperandRole(unsigned index) {
  return index == 0 ? Role::Activation : Role::Shape;
}
SmallVector<unsigned> BroadcastOp::getSameScaleOperands() { return {0}; }
Arithmetic BroadcastOp::getArithmetic() { return Arithmetic::Copy; }

LogicalResult BroadcastOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getType());
  if (failed(detail::verifyCopy(*this)))
    return failure();
  int64_t missing = result.getRank() - input.getRank();
  bool fits = missing >= 0;
  for (int64_t i = 0; fits && i < input.getRank(); ++i)
    fits = input.getDimSize(i) == 1 ||
           input.getDimSize(i) == result.getDimSize(i + missing);
  if (!fits)
    return emitOpError("expected an operand that broadcasts to ")
           << result << ", got " << input;
  for (int64_t i = 1; i < result.getRank(); ++i)
    if (result.isDynamicDim(i))
      return emitOpError("expected only the first dimension dynamic, got ")
             << result;
  bool isDynamic = !result.hasStaticShape();
  if (isDynamic != bool(getBatchLike()))
    return emitOpError("expected batch_like for a dynamic result, and for no "
                       "other, got ")
           << result;
  if (!isDynamic)
    return success();
  auto like = cast<RankedTensorType>(getBatchLike().getType());
  if (like.getRank() == 0 || !like.isDynamicDim(0))
    return emitOpError("expected batch_like with a dynamic first dimension, "
                       "got ")
           << like;
  return success();
}
