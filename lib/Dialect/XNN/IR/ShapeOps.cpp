// This file implements pools, reductions and the operations that move values.
#include "Verification.h"

#include "npir/Kernels/PoolLegality.h"
#include "npir/Kernels/Requantize.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

//===----------------------------------------------------------------------===//
// MaxPooling2DOp
//===----------------------------------------------------------------------===//

LogicalResult MaxPooling2DOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  ArrayRef<int64_t> pooling = getPooling(), padding = getPadding();
  ArrayRef<int64_t> strides = getStrides(), dilations = getDilations();
  if (failed(verifyEqualTypes(*this)))
    return failure();
  auto size = inferWindow(*this, input, {pooling, padding, strides, dilations});
  if (failed(size))
    return failure();
  if (const char *problem = npir_kernels::findMaxPoolProblem(
          {input.getDimSize(1), input.getDimSize(2)}, {pooling[0], pooling[1]},
          {strides[0], strides[1]},
          {padding[0], padding[2], padding[3], padding[1]},
          {dilations[0], dilations[1]}))
    return emitOpError(problem);
  if (failed(verifyShape(*this, {input.getDimSize(0), size->first, size->second,
                                 input.getDimSize(3)})))
    return failure();
  // The largest of values in the storage range is in it: only the order of the
  // bounds matters.
  if (getOutputMin() && getOutputMax() && *getOutputMin() > *getOutputMax())
    return emitOpError("expected output_min <= output_max, got ")
           << getOutputMin()->convertToFloat() << " and "
           << getOutputMax()->convertToFloat();
  return success();
}

//===----------------------------------------------------------------------===//
// StaticResizeBilinear2DOp
//===----------------------------------------------------------------------===//

LogicalResult StaticResizeBilinear2DOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  ArrayRef<int64_t> sizes = getSizes();
  if (failed(verifyEqualTypes(*this)))
    return failure();
  if (input.getRank() != 4)
    return emitOpError("expected an input of rank 4, got ") << input;
  // Above, XNNPACK's f32 coordinates lose the integers.
  constexpr int64_t kLimit = int64_t(1) << 24;
  if (sizes.size() != 2)
    return emitOpError("expected 2 sizes, got ") << sizes.size();
  for (int64_t size :
       {sizes[0], sizes[1], input.getDimSize(1), input.getDimSize(2)})
    if (size < 1 || size >= kLimit)
      return emitOpError("expected height and width below 2^24, got ") << size;
  if (getAlignCorners() && getLegacy())
    return emitOpError("expected only one of align_corners and legacy");
  return verifyShape(
      *this, {input.getDimSize(0), sizes[0], sizes[1], input.getDimSize(3)});
}

//===----------------------------------------------------------------------===//
// StaticReduceOp
//===----------------------------------------------------------------------===//

LogicalResult StaticReduceOp::verify() {
  auto input = cast<RankedTensorType>(getInput().getType());
  if (failed(verifySameKind(*this, {getInput(), getResult()})))
    return failure();
  ArrayRef<int64_t> axes = getAxes();
  if (axes.empty())
    return emitOpError("expected at least one axis");
  int64_t count = 1, last = -1;
  for (int64_t axis : axes) {
    if (axis <= last || axis >= input.getRank())
      return emitOpError("expected ascending axes below the rank ")
             << input.getRank() << ", got " << axes;
    if (input.isDynamicDim(axis))
      return emitOpError("expected static sizes along the reduced axes, got ")
             << input;
    count *= input.getDimSize(axis);
    last = axis;
  }
  SmallVector<int64_t> shape;
  for (auto [i, size] : llvm::enumerate(input.getShape())) {
    bool isReduced = llvm::is_contained(axes, static_cast<int64_t>(i));
    if (!isReduced || getKeepDims())
      shape.push_back(isReduced ? 1 : size);
  }
  if (failed(verifyShape(*this, shape)))
    return failure();
  if (!isQuantizedTensor(input))
    return success();
  if (!npir_kernels::isLegalReduction(count))
    return emitOpError("expected at most ")
           << npir_kernels::kMaxReducedElements
           << " elements in one sum of integers, got " << count;
  float from = getScale(getInput()), to = getScale(getResult());
  float multiplier = getOperator_() == ReduceOperator::Mean
                         ? npir_kernels::meanMultiplier(from, to, count)
                         : npir_kernels::sumMultiplier(from, to);
  if (!npir_kernels::isLegalReduceMultiplier(multiplier))
    return emitOpError("expected a multiplier that is a positive normal f32, "
                       "got ")
           << multiplier;
  return verifyBounds(*this, std::nullopt, std::nullopt, "", "");
}

//===----------------------------------------------------------------------===//
// Moves
//===----------------------------------------------------------------------===//

LogicalResult StaticReshapeOp::verify() {
  if (failed(verifyEqualTypes(*this)))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  auto result = cast<RankedTensorType>(getType());
  int64_t from = 1, to = 1;
  for (int64_t size : input.getShape())
    from *= ShapedType::isDynamic(size) ? 1 : size;
  for (int64_t size : result.getShape())
    to *= ShapedType::isDynamic(size) ? 1 : size;
  bool isDynamic = !input.hasStaticShape();
  if (isDynamic == result.hasStaticShape() ||
      (isDynamic ? from % to != 0 && to % from != 0 : from != to))
    return emitOpError("expected as many elements, got ")
           << input << " and " << result;
  return success();
}

LogicalResult StaticTransposeOp::verify() {
  if (failed(verifyEqualTypes(*this)))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  ArrayRef<int64_t> perm = getPerm();
  if (perm.empty() || static_cast<int64_t>(perm.size()) != input.getRank() ||
      !isPermutationVector(perm))
    return emitOpError("expected a permutation of ")
           << input.getRank() << " dimensions, got [" << perm << "]";
  return verifyShape(*this, applyPermutation(input.getShape(), perm));
}

LogicalResult StaticSliceOp::verify() {
  if (failed(verifyEqualTypes(*this)))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  ArrayRef<int64_t> offsets = getOffsets(), sizes = getSizes();
  auto rank = static_cast<size_t>(input.getRank());
  if (rank == 0)
    return emitOpError("expected at least one dimension, got ") << input;
  if (offsets.size() != rank || sizes.size() != rank)
    return emitOpError("expected ")
           << rank << " offsets and sizes, got " << offsets.size() << " and "
           << sizes.size();
  SmallVector<int64_t> shape = llvm::to_vector(input.getShape());
  for (auto [i, offset, size] : llvm::enumerate(offsets, sizes)) {
    int64_t dim = input.getDimSize(i);
    bool isWhole = offset == 0 && size == 0;
    if (!isWhole && input.isDynamicDim(i))
      return emitOpError("expected all of the dynamic dimension, offset 0 and "
                         "size 0, got ")
             << offset << " and " << size;
    // With another offset, a size of 0 makes XNNPACK read behind the end.
    if (!isWhole && (offset < 0 || size < 1 || offset > dim - size))
      return emitOpError("expected elements within dimension ")
             << i << " of size " << dim << ", got offset " << offset
             << " and size " << size;
    if (!isWhole)
      shape[i] = size;
  }
  return verifyShape(*this, shape);
}

LogicalResult ConcatenateOp::verify() {
  constexpr size_t kMinInputs = 2, kMaxInputs = 5;
  if (getInputs().size() < kMinInputs || getInputs().size() > kMaxInputs)
    return emitOpError("expected ") << kMinInputs << " to " << kMaxInputs
                                    << " operands, got " << getInputs().size();
  if (failed(verifyEqualTypes(*this)))
    return failure();
  auto first = cast<RankedTensorType>(getInputs().front().getType());
  auto axis = static_cast<int64_t>(getAxis());
  if (axis < 0 || axis >= first.getRank() || first.isDynamicDim(axis))
    return emitOpError("expected an axis of static size below the rank ")
           << first.getRank() << ", got " << axis;
  SmallVector<int64_t> shape = llvm::to_vector(first.getShape());
  for (Value input : getInputs().drop_front()) {
    auto type = cast<RankedTensorType>(input.getType());
    SmallVector<int64_t> others = llvm::to_vector(type.getShape());
    if (type.getRank() == first.getRank())
      others[axis] = first.getDimSize(axis);
    // XNNPACK compares no shapes.
    if (ArrayRef(others) != first.getShape() || type.isDynamicDim(axis))
      return emitOpError("expected shapes that differ along axis ")
             << axis << " only, got " << first << " and " << type;
    shape[axis] += type.getDimSize(axis);
  }
  return verifyShape(*this, shape);
}

LogicalResult CopyOp::verify() {
  if (failed(verifyEqualTypes(*this)))
    return failure();
  return verifyShape(*this,
                     cast<RankedTensorType>(getInput().getType()).getShape());
}
