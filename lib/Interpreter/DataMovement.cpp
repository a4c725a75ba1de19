// This file interprets constants and what only moves values.
#include "Ops.h"

#include "npir/Kernels/Reference/Broadcast.h"
#include "npir/Kernels/Reference/DataMovement.h"

using namespace mlir;
using namespace mlir::npir;

/// Refers to the constant's own memory where it can.
static FailureOr<Tensor> interpretConstant(Operation *op, ArrayRef<Tensor>) {
  auto constant = cast<ConstantOp>(op);
  auto type = cast<RankedTensorType>(constant.getType());
  auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  ConstantBytes bytes(constant.getValue());
  // A splat and dense truth values are expanded.
  if (!dense || (!dense.isSplat() && !type.getElementType().isInteger(1)))
    return Tensor(type, bytes.bytes().data());
  Tensor result(type);
  llvm::copy(bytes.bytes(), result.asMutable<char>());
  return result;
}

static FailureOr<Tensor> interpretReshape(Operation *op,
                                          ArrayRef<Tensor> operands) {
  // One dimension is free: what is left of the elements.
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  auto shape = llvm::to_vector(type.getShape());
  int64_t known = 1, elements = operands[0].getNumElements();
  for (int64_t dim : shape)
    known *= ShapedType::isDynamic(dim) ? 1 : dim;
  if (!type.hasStaticShape()) {
    if (known == 0 || elements % known != 0)
      return op->emitOpError("cannot make ")
             << type << " of " << elements << " elements";
    shape[0] = elements / known;
  }
  Tensor result = makeResult(op, shape);
  // The bounds of a copy are those of the type: nothing changes.
  std::copy_n(operands[0].as<char>(), operands[0].getNumBytes(),
              result.asMutable<char>());
  return result;
}

static FailureOr<Tensor> interpretTranspose(Operation *op,
                                            ArrayRef<Tensor> operands) {
  ArrayRef<int64_t> perm = cast<TransposeOp>(op).getPerm();
  SmallVector<int64_t> shape;
  for (int64_t dim : perm)
    shape.push_back(operands[0].getShape()[dim]);
  Tensor result = makeResult(op, shape);
  withMovedElement(result, [&](auto element) {
    using T = decltype(element);
    reference::transpose(asRef<T>(operands[0]), perm.data(),
                         asMutableRef<T>(result));
  });
  return result;
}

static FailureOr<Tensor> interpretSlice(Operation *op,
                                        ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  ArrayRef<int64_t> offsets = cast<SliceOp>(op).getOffsets();
  withMovedElement(result, [&](auto element) {
    using T = decltype(element);
    reference::slice(asRef<T>(operands[0]), offsets.data(),
                     asMutableRef<T>(result));
  });
  return result;
}

static FailureOr<Tensor> interpretConcat(Operation *op,
                                         ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  auto axis = static_cast<int>(cast<ConcatOp>(op).getAxis());
  withMovedElement(*result, [&](auto element) {
    using T = decltype(element);
    SmallVector<npir_kernels::TensorRef<const T>> inputs;
    for (const Tensor &operand : operands)
      inputs.push_back(asRef<T>(operand));
    reference::concat(inputs.data(), inputs.size(), axis,
                      asMutableRef<T>(*result));
  });
  return result;
}

/// A dynamic batch is the second operand's.
static FailureOr<Tensor> interpretBroadcast(Operation *op,
                                            ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  withMovedElement(*result, [&](auto element) {
    using T = decltype(element);
    reference::broadcast(asRef<T>(operands[0]), asMutableRef<T>(*result));
  });
  return result;
}

/// The identity.
static FailureOr<Tensor> interpretObserve(Operation *,
                                          ArrayRef<Tensor> operands) {
  return operands[0];
}

OpFunction mlir::npir::lookupDataMovement(Operation *op) {
  if (isa<ConstantOp>(op))
    return interpretConstant;
  if (isa<ReshapeOp>(op))
    return interpretReshape;
  if (isa<TransposeOp>(op))
    return interpretTranspose;
  if (isa<BroadcastOp>(op))
    return interpretBroadcast;
  if (isa<SliceOp>(op))
    return interpretSlice;
  if (isa<ConcatOp>(op))
    return interpretConcat;
  if (isa<ObserveOp>(op))
    return interpretObserve;
  return nullptr;
}
