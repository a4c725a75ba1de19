// This file interprets constants and what only moves values.
#include "Ops.h"

#include "npir/Kernels/Reference/Broadcast.h"
#include "npir/Kernels/Reference/DataMovement.h"

using namespace mlir;
using namespace mlir::npir;

/// Refers to the constant's own memory but for a splat.
static FailureOr<Tensor> interpretConstant(Operation *op, ArrayRef<Tensor>) {
  auto constant = cast<ConstantOp>(op);
  auto type = cast<RankedTensorType>(constant.getType());
  auto dense = dyn_cast<DenseElementsAttr>(constant.getValue());
  ConstantBytes bytes(constant.getValue());
  if (!dense || !dense.isSplat())
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

/// Call `move` with a number of the type of `tensor`'s stored elements, signed
/// or not.
template <typename Move>
static void withStorage(const Tensor &tensor, Move move) {
  if (!isQuantizedTensor(tensor.getType()))
    return move(float());
  switch (getStorageElementType(tensor.getType()).getIntOrFloatBitWidth()) {
  case 8:
    return move(int8_t());
  case 16:
    return move(int16_t());
  default:
    return move(int32_t());
  }
}

static FailureOr<Tensor> interpretTranspose(Operation *op,
                                            ArrayRef<Tensor> operands) {
  ArrayRef<int64_t> perm = cast<TransposeOp>(op).getPerm();
  SmallVector<int64_t> shape;
  for (int64_t dim : perm)
    shape.push_back(operands[0].getShape()[dim]);
  Tensor result = makeResult(op, shape);
  if (isInt8(result))
    reference::transpose(asRef<int8_t>(operands[0]), perm.data(),
                         asMutableRef<int8_t>(result));
  else if (!isQuantizedTensor(result.getType()))
    reference::transpose(asRef<float>(operands[0]), perm.data(),
                         asMutableRef<float>(result));
  else
    return op->emitOpError("has an integer form for 8-bit signed types only");
  return result;
}

/// A dynamic batch is the second operand's.
static FailureOr<Tensor> interpretBroadcast(Operation *op,
                                            ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  withStorage(*result, [&](auto element) {
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
  if (isa<ObserveOp>(op))
    return interpretObserve;
  return nullptr;
}
