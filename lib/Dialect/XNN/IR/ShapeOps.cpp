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

LogicalResult CopyOp::verify() {
  if (failed(verifyEqualTypes(*this)))
    return failure();
  return verifyShape(*this,
                     cast<RankedTensorType>(getInput().getType()).getShape());
}
