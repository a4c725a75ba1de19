// This file declares the interpretation of single ops. Private to this library.
#ifndef NPIR_LIB_INTERPRETER_OPS_H
#define NPIR_LIB_INTERPRETER_OPS_H

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Interpreter/Interpreter.h"
#include "npir/Kernels/Reference/Params.h"
#include "npir/Kernels/TensorRef.h"

namespace mlir::npir {

namespace reference = npir_kernels::reference;

using OpFunction = FailureOr<Tensor> (*)(Operation *, ArrayRef<Tensor>);

/// What interprets `op`; null where nothing does.
OpFunction lookupOp(Operation *op);

// By kind of op, in files of these names.
OpFunction lookupAttention(Operation *op);
OpFunction lookupConvolution(Operation *op);
OpFunction lookupDynamic(Operation *op);
OpFunction lookupElementwise(Operation *op);
OpFunction lookupNormalization(Operation *op);
OpFunction lookupPooling(Operation *op);
OpFunction lookupDataMovement(Operation *op);
OpFunction lookupIndex(Operation *op);
OpFunction lookupSpatial(Operation *op);
OpFunction lookupQuantization(Operation *op);

/// The result tensor of `op`, uninitialized: its result type with `shape`.
Tensor makeResult(Operation *op, ArrayRef<int64_t> shape);
/// The same, with the batch taken from `operand`'s first dimension.
Tensor makeBatchedResult(Operation *op, const Tensor &operand);
/// The same, with the batch of those operands that the op types as dynamic; a
/// diagnostic where they differ.
FailureOr<Tensor> makeBatchedResult(Operation *op, ArrayRef<Tensor> operands);

template <typename T>
npir_kernels::TensorRef<const T> asRef(const Tensor &tensor) {
  return {tensor.as<T>(), tensor.getShape().data(),
          static_cast<int>(tensor.getShape().size())};
}
template <typename T>
npir_kernels::TensorRef<T> asMutableRef(Tensor &tensor) {
  return {tensor.asMutable<T>(), tensor.getShape().data(),
          static_cast<int>(tensor.getShape().size())};
}

/// Call `move` with a number of the width of `tensor`'s stored elements, for
/// what moves elements without looking at them.
template <typename Move>
void withMovedElement(const Tensor &tensor, Move move) {
  Type element = getStorageElementType(tensor.getType());
  if (element.isF32())
    return move(float());
  unsigned width = element.getIntOrFloatBitWidth();
  if (width <= 8) // truth values, too
    return move(int8_t());
  if (width == 16)
    return move(int16_t());
  if (width == 32)
    return move(int32_t());
  move(int64_t());
}

/// True for 8-bit signed storage: what the quantized kernels take.
bool isInt8(const Tensor &tensor);

/// The zero point of a per-tensor type.
int32_t getZeroPoint(const Tensor &tensor);

/// How the window of a convolution or pool moves.
template <typename OpTy>
reference::Window2D getWindow(OpTy op) {
  reference::Window2D window;
  llvm::copy(op.getStrides(), window.strides.begin());
  llvm::copy(op.getPads(), window.pads.begin());
  llvm::copy(op.getDilations(), window.dilations.begin());
  return window;
}

reference::FloatBounds getFloatBounds(Operation *op);
reference::QuantizedBounds getBounds(RequantAttrInterface requant);

} // namespace mlir::npir

#endif // NPIR_LIB_INTERPRETER_OPS_H
