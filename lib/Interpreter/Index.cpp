// This file interprets the ops on indices and truth values.
#include "Ops.h"

#include "npir/Kernels/Reference/Index.h"

using namespace mlir;
using namespace mlir::npir;
using npir_kernels::Truth;

/// The elements of a tensor of i32 or i64.
static SmallVector<int64_t> readIndices(const Tensor &tensor) {
  SmallVector<int64_t> indices(tensor.getNumElements());
  if (tensor.getType().getElementType().isInteger(32))
    std::copy_n(tensor.as<int32_t>(), indices.size(), indices.begin());
  else
    std::copy_n(tensor.as<int64_t>(), indices.size(), indices.begin());
  return indices;
}

static FailureOr<Tensor> interpretGather(Operation *op,
                                         ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  auto axis = static_cast<int>(cast<GatherOp>(op).getAxis());
  int64_t size = operands[0].getShape()[axis];
  SmallVector<int64_t> indices = readIndices(operands[1]);
  for (auto [i, index] : llvm::enumerate(indices))
    if (index < -size || index >= size)
      return op->emitOpError("expected indices in [")
             << -size << ", " << size << "), got " << index << " at element "
             << i;
  withMovedElement(*result, [&](auto element) {
    using T = decltype(element);
    reference::gather(asRef<T>(operands[0]), axis, indices.data(),
                      static_cast<int64_t>(indices.size()),
                      asMutableRef<T>(*result));
  });
  return result;
}

static FailureOr<Tensor> interpretWhere(Operation *op,
                                        ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  withMovedElement(*result, [&](auto element) {
    using T = decltype(element);
    reference::where(asRef<Truth>(operands[0]), asRef<T>(operands[1]),
                     asRef<T>(operands[2]), asMutableRef<T>(*result));
  });
  return result;
}

/// Call `fn` with a number of the type of the elements of `type`: f32, i1, i32
/// or i64.
template <typename Fn>
static void withNumber(RankedTensorType type, Fn fn) {
  Type element = type.getElementType();
  if (element.isF32())
    fn(float());
  else if (element.isInteger(1))
    fn(Truth());
  else if (element.isInteger(32))
    fn(int32_t());
  else
    fn(int64_t());
}

static FailureOr<Tensor> interpretCompare(Operation *op,
                                          ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  // The kernels' kinds are in the dialect's order.
  auto kind = static_cast<npir_kernels::CompareKind>(
      static_cast<uint32_t>(cast<CompareOp>(op).getKind()));
  withNumber(operands[0].getType(), [&](auto number) {
    using T = decltype(number);
    reference::compare(kind, asRef<T>(operands[0]), asRef<T>(operands[1]),
                       asMutableRef<Truth>(*result));
  });
  return result;
}

static FailureOr<Tensor> interpretLogical(Operation *op,
                                          ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  reference::logical(static_cast<npir_kernels::LogicalKind>(
                         static_cast<uint32_t>(cast<LogicalOp>(op).getKind())),
                     asRef<Truth>(operands[0]), asRef<Truth>(operands[1]),
                     asMutableRef<Truth>(*result));
  return result;
}

static FailureOr<Tensor> interpretNot(Operation *op,
                                      ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::logicalNot(asRef<Truth>(operands[0]), asMutableRef<Truth>(result));
  return result;
}

static FailureOr<Tensor> interpretArgmax(Operation *op,
                                         ArrayRef<Tensor> operands) {
  auto argmax = cast<ArgmaxOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::argmax(asRef<float>(operands[0]),
                    static_cast<int>(argmax.getAxis()), argmax.getLast(),
                    result.asMutable<int64_t>());
  return result;
}

static FailureOr<Tensor> interpretCast(Operation *op,
                                       ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  withNumber(operands[0].getType(), [&](auto from) {
    withNumber(result.getType(), [&](auto to) {
      reference::cast(asRef<decltype(from)>(operands[0]),
                      asMutableRef<decltype(to)>(result));
    });
  });
  return result;
}

OpFunction mlir::npir::lookupIndex(Operation *op) {
  if (isa<GatherOp>(op))
    return interpretGather;
  if (isa<WhereOp>(op))
    return interpretWhere;
  if (isa<CompareOp>(op))
    return interpretCompare;
  if (isa<LogicalOp>(op))
    return interpretLogical;
  if (isa<NotOp>(op))
    return interpretNot;
  if (isa<ArgmaxOp>(op))
    return interpretArgmax;
  if (isa<CastOp>(op))
    return interpretCast;
  return nullptr;
}
