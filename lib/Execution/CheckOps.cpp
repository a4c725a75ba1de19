// This file implements the check of single ops on a network's own tensors.
#include "npir/Execution/CheckOps.h"
#include "Bits.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Interpreter/Interpreter.h"
#include "npir/Serialization/NPX/NPX.h"
#include "npir/Support/Progress.h"

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/DenseSet.h"
#include "llvm/ADT/StringMap.h"

#include <cstring>
#include <optional>

using namespace mlir;
using namespace mlir::npir;
using npir_rt::Status;

namespace {
class Checker {
public:
  Checker(func::FuncOp func, OpCheck &check);

  Status runBatch(Network &network,
                  const std::vector<npir_rt::NamedTensor> &inputs,
                  int64_t samples);

private:
  Status save(const npir_rt::TensorView &view);
  std::optional<Tensor> getOperand(Value value);
  Status checkOp(Operation *op, OpCheckEntry &entry, llvm::BitVector &exact);

  OpCheck &check;
  /// The function's values by tensor id.
  llvm::StringMap<Value> values;
  /// One per entry.
  SmallVector<Operation *> ops;
  /// Constants, and what follows from constants alone, which no network makes
  /// anew: the floats that stored weights stand for.
  llvm::DenseSet<Operation *> constantOps;
  llvm::DenseMap<Value, Tensor> constants;
  /// The network's tensors of this batch.
  llvm::DenseMap<Value, Tensor> tensors;
};
} // namespace

static bool isInteger(Operation *op) {
  auto isQuantized = [](Type type) { return isQuantizedTensor(type); };
  auto isPlainInteger = [](Type type) {
    return isa<IntegerType>(cast<RankedTensorType>(type).getElementType());
  };
  return llvm::any_of(op->getOperandTypes(), isQuantized) ||
         llvm::any_of(op->getResultTypes(), isQuantized) ||
         llvm::any_of(op->getResultTypes(), isPlainInteger);
}

Checker::Checker(func::FuncOp func, OpCheck &check) : check(check) {
  for (BlockArgument argument : func.getArguments())
    values[getTensorId(argument)] = argument;
  for (Operation &op : func.getBody().front().without_terminator()) {
    if (op.getNumResults() != 1)
      continue;
    if (llvm::all_of(op.getOperands(), [&](Value operand) {
          return constantOps.contains(operand.getDefiningOp());
        })) {
      constantOps.insert(&op);
      continue;
    }
    OpCheckEntry entry;
    entry.id = getTensorId(op.getResult(0));
    entry.op = op.getName().getStringRef().str();
    entry.isInteger = isInteger(&op);
    values[entry.id] = op.getResult(0);
    check.entries.push_back(std::move(entry));
    ops.push_back(&op);
  }
}

/// The scales and zero points of a tensor in memory are those of `type`.
static bool hasType(const npir_rt::TensorView &view, RankedTensorType type) {
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (!quantized)
    return view.type == getElementType(type);
  if (view.type == npir_rt::ElementType::F32 || !view.quantization)
    return false;
  SmallVector<float> scales = getScales(quantized);
  SmallVector<int64_t> zeroPoints = getZeroPoints(quantized);
  return llvm::equal(scales, view.quantization->scales) &&
         llvm::equal(zeroPoints, view.quantization->zeroPoints);
}

/// Keep a copy of what the network computed.
Status Checker::save(const npir_rt::TensorView &view) {
  auto found = values.find(StringRef(view.id));
  if (found == values.end())
    return {};
  auto type = cast<RankedTensorType>(found->second.getType());
  if (!hasType(view, type) ||
      failed(verifyCompatibleShape(type.getShape(), view.shape)))
    return Status::error("tensor '" + std::string(view.id) +
                         "' is of another type in " + check.ops +
                         "; give the module that the model was made from");
  Tensor tensor(RankedTensorType::get(view.shape, type.getElementType()));
  std::memcpy(tensor.mutableData(), view.data, view.bytes());
  tensors[found->second] = std::move(tensor);
  return {};
}

static npir_rt::TensorView getView(const Tensor &tensor,
                                   const npir_rt::Quantization &quantization) {
  npir_rt::TensorView view;
  view.type =
      getElementType(tensor.getType()).value_or(npir_rt::ElementType::I8);
  view.shape.assign(tensor.getShape().begin(), tensor.getShape().end());
  view.data = tensor.data();
  view.quantization = &quantization;
  return view;
}

/// What toFloat needs of a type.
static npir_rt::Quantization getQuantization(RankedTensorType type) {
  npir_rt::Quantization quantization;
  quant::QuantizedType quantized = getQuantizedElementType(type);
  if (!quantized)
    return quantization;
  llvm::append_range(quantization.scales, getScales(quantized));
  for (int64_t zeroPoint : getZeroPoints(quantized))
    quantization.zeroPoints.push_back(static_cast<int32_t>(zeroPoint));
  if (std::optional<int64_t> axis = getQuantizedAxis(quantized))
    quantization.axis = static_cast<int32_t>(*axis);
  return quantization;
}

/// Computed once where it is constant, else the network's; nothing where the
/// network has it not.
std::optional<Tensor> Checker::getOperand(Value value) {
  Operation *op = value.getDefiningOp();
  if (!constantOps.contains(op)) {
    auto found = tensors.find(value);
    return found == tensors.end() ? std::nullopt
                                  : std::optional<Tensor>(found->second);
  }
  if (auto known = constants.find(value); known != constants.end())
    return known->second;
  SmallVector<Tensor> operands;
  for (Value operand : op->getOperands()) {
    std::optional<Tensor> tensor = getOperand(operand);
    if (!tensor)
      return std::nullopt;
    operands.push_back(std::move(*tensor));
  }
  FailureOr<Tensor> result = interpretOp(op, operands);
  if (failed(result))
    return std::nullopt;
  return constants.try_emplace(value, std::move(*result)).first->second;
}

Status Checker::checkOp(Operation *op, OpCheckEntry &entry,
                        llvm::BitVector &exact) {
  auto result = tensors.find(op->getResult(0));
  SmallVector<Tensor> operands;
  for (Value operand : op->getOperands()) {
    std::optional<Tensor> tensor = getOperand(operand);
    if (!tensor)
      return {};
    operands.push_back(std::move(*tensor));
  }
  if (result == tensors.end())
    return {};
  FailureOr<Tensor> expected = interpretOp(op, operands);
  if (failed(expected))
    return Status::error("the interpreter could not compute '" + entry.id +
                         "'");
  const Tensor &actual = result->second;
  if (expected->getShape() != actual.getShape())
    return Status::error("tensor '" + entry.id +
                         "' has another shape in the interpreter");
  entry.isChecked = true;
  npir_rt::Quantization quantization = getQuantization(actual.getType());
  npir_rt::TensorView view = getView(actual, quantization);
  llvm::BitVector unclaimed(exact.size(), true);
  entry.differing +=
      countDifferences(expected->data(), actual.data(), view.elements(),
                       view.type, entry.isInteger ? exact : unclaimed);
  entry.statistics.add(toFloat(getView(*expected, quantization)),
                       toFloat(view));
  return {};
}

Status Checker::runBatch(Network &network,
                         const std::vector<npir_rt::NamedTensor> &inputs,
                         int64_t samples) {
  tensors.clear();
  Status status = network.run(
      inputs, [&](const npir_rt::TensorView &view) { return save(view); });
  llvm::BitVector exact(samples, true);
  for (auto [op, entry] : llvm::zip_equal(ops, check.entries))
    if (status.ok())
      status = checkOp(op, entry, exact);
  check.samples += samples;
  check.exactSamples += exact.count();
  return status;
}

Status mlir::npir::checkOps(Network &network, func::FuncOp func,
                            const npir_rt::DataSet &data, SampleSpan span,
                            int64_t batch, bool quiet, OpCheck &check) {
  Checker checker(func, check);
  Progress progress("checking", "samples", span.end - span.begin, quiet);
  return forEachBatch(data, span, limitBatch(network, batch),
                      [&](int64_t begin, int64_t end,
                          const std::vector<npir_rt::NamedTensor> &inputs) {
                        Status status =
                            checker.runBatch(network, inputs, end - begin);
                        progress.update(end - span.begin);
                        return status;
                      });
}
