// This file implements the interpreter's walk over a function.
#include "npir/Interpreter/Interpreter.h"
#include "Ops.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "llvm/ADT/DenseMap.h"

#include <cstdlib>

using namespace mlir;
using namespace mlir::npir;

/// As the runtime's: SIMD code may read whole cache lines.
static constexpr size_t kAlignment = 64;

Tensor::Tensor(RankedTensorType type) : type(type) {
  size_t bytes = llvm::alignTo(std::max<size_t>(getNumBytes(), 1), kAlignment);
  memory.reset(std::aligned_alloc(kAlignment, bytes), std::free);
}

Tensor::Tensor(RankedTensorType type, const void *data)
    : type(type), memory(const_cast<void *>(data), [](void *) {}) {}

size_t Tensor::getNumBytes() const { return getStorageBytes(type); }

FailureOr<std::unique_ptr<Interpreter>>
mlir::npir::Interpreter::create(func::FuncOp func) {
  SmallVector<Operation *> unsupported;
  func.walk([&](Operation *op) {
    if (op != func && !isa<func::ReturnOp>(op) && !lookupOp(op))
      unsupported.push_back(op);
  });
  if (unsupported.empty())
    return std::unique_ptr<Interpreter>(new Interpreter(func));
  InFlightDiagnostic diagnostic = func.emitError("the interpreter cannot run ")
                                  << unsupported.size() << " of the ops of @"
                                  << func.getName();
  for (Operation *op : unsupported)
    diagnostic.attachNote(op->getLoc())
        << "'" << op->getName() << "' is not an op that it knows";
  return failure();
}

/// The operand types of the arguments, but for the batch.
static LogicalResult checkInputs(func::FuncOp func, ArrayRef<Tensor> inputs) {
  if (inputs.size() != func.getNumArguments())
    return func.emitError("expected ")
           << func.getNumArguments() << " inputs, got " << inputs.size();
  for (auto [argument, input] : llvm::zip_equal(func.getArguments(), inputs)) {
    auto expected = cast<RankedTensorType>(argument.getType());
    if (failed(verifyCompatibleShape(expected, input.getType())) ||
        expected.getElementType() != input.getType().getElementType())
      return emitError(argument.getLoc(), "expected ")
             << expected << " for input " << argument.getArgNumber() << ", got "
             << input.getType();
  }
  return success();
}

FailureOr<SmallVector<Tensor>>
mlir::npir::Interpreter::run(ArrayRef<Tensor> inputs, Tap tap) {
  if (failed(checkInputs(func, inputs)))
    return failure();
  // A value's tensor, and how many uses are still to come: a tensor dies with
  // its last use.
  llvm::DenseMap<Value, Tensor> tensors;
  llvm::DenseMap<Value, unsigned> uses;
  auto define = [&](Value value, Tensor tensor) {
    if (tap)
      tap(value, tensor);
    uses[value] = llvm::range_size(value.getUses());
    if (!value.use_empty())
      tensors[value] = std::move(tensor);
  };
  for (auto [argument, input] : llvm::zip_equal(func.getArguments(), inputs))
    define(argument, input);
  for (Operation &op : func.getBody().front()) {
    SmallVector<Tensor> operands;
    for (Value operand : op.getOperands())
      operands.push_back(tensors.lookup(operand));
    for (Value operand : op.getOperands())
      if (--uses[operand] == 0)
        tensors.erase(operand);
    if (isa<func::ReturnOp>(op))
      return operands;
    FailureOr<Tensor> result = interpretOp(&op, operands);
    if (failed(result))
      return failure();
    define(op.getResult(0), std::move(*result));
  }
  return func.emitError("has no return");
}

FailureOr<Tensor> mlir::npir::interpretOp(Operation *op,
                                          ArrayRef<Tensor> operands) {
  OpFunction function = lookupOp(op);
  if (!function)
    return op->emitOpError("is not an op that the interpreter knows");
  // The kernels' index arithmetic ends there.
  for (Type type :
       llvm::concat<const Type>(op->getOperandTypes(), op->getResultTypes()))
    if (cast<RankedTensorType>(type).getRank() > npir_kernels::kMaxRank)
      return op->emitOpError("expected tensors of rank ")
             << npir_kernels::kMaxRank << " or less, got " << type;
  auto quantizable = dyn_cast<QuantizableOpInterface>(op);
  if (quantizable && quantizable.getArithmetic() != Arithmetic::None &&
      isQuantizedTensor(op->getResult(0).getType()) && !op->getAttr("requant"))
    return op->emitOpError(
        "has a quantized result but no requant numbers; run --npir-fold-qdq");
  return function(op, operands);
}
