// This file declares the interpreter: it runs a function of npir ops op by op
// with the reference kernels, in float and in the exact integer form.
#ifndef NPIR_INTERPRETER_INTERPRETER_H
#define NPIR_INTERPRETER_INTERPRETER_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinTypes.h"

#include <memory>

namespace mlir::npir {

/// A tensor in memory: a static shape, an element type (f32, i1 in one byte,
/// i32, i64, or a quantized type, stored as its storage integers: one byte up
/// to 8 bits, then 2, then 4), and the elements in row-major order. Copies
/// share the memory.
class Tensor {
public:
  Tensor() = default;
  /// Uninitialized memory for `type`, which has a static shape.
  explicit Tensor(RankedTensorType type);
  /// A view of memory that outlives the tensor and its copies.
  Tensor(RankedTensorType type, const void *data);

  RankedTensorType getType() const { return type; }
  ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getNumElements() const { return type.getNumElements(); }
  size_t getNumBytes() const;
  const void *data() const { return memory.get(); }
  /// Only before the tensor is shared.
  void *mutableData() { return memory.get(); }
  template <typename T>
  const T *as() const {
    return static_cast<const T *>(data());
  }
  template <typename T>
  T *asMutable() {
    return static_cast<T *>(mutableData());
  }

private:
  RankedTensorType type;
  std::shared_ptr<void> memory;
};

/// Runs one function. The function is at a station whose ops are npir's
/// (float to integer); `npir.observe` is the identity.
class Interpreter {
public:
  /// Called with every value that an op makes, and with the arguments, right
  /// after it exists.
  using Tap = function_ref<void(Value, const Tensor &)>;

  /// Check that every op can be interpreted; a diagnostic names the layers
  /// that cannot.
  static FailureOr<std::unique_ptr<Interpreter>> create(func::FuncOp func);

  /// Run on one batch. `inputs` agree with the argument types but for the
  /// batch, which follows from them. Constants are read in place. A shape that
  /// does not fit is a diagnostic.
  FailureOr<SmallVector<Tensor>> run(ArrayRef<Tensor> inputs, Tap tap);

private:
  explicit Interpreter(func::FuncOp func) : func(func) {}
  func::FuncOp func;
};

/// Run a single op on `operands`. The result has the op's result type with a
/// dynamic batch filled in.
FailureOr<Tensor> interpretOp(Operation *op, ArrayRef<Tensor> operands);

/// The real values of a quantized tensor of up to 16 bits, or of signed 32.
Tensor dequantize(const Tensor &tensor);

} // namespace mlir::npir

#endif // NPIR_INTERPRETER_INTERPRETER_H
