// This file holds what XNNPACK takes of layers whose weights alone are stored
// as integers, or whose activations are quantized at run time.
#include "XNNPACKRules.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"
#include "npir/Kernels/DynamicQuantization.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;

std::string mlir::npir::findStoredWeightProblem(Operation *op,
                                                const OpTypes &types) {
  if (isQuantizedTensor(types.results.front()))
    return {};
  auto quantizable = cast<QuantizableOpInterface>(op);
  for (OpOperand *operand : quantizable.getOperandsWithRole(Role::Weight)) {
    unsigned index = operand->getOperandNumber();
    quant::QuantizedType type = getQuantizedElementType(types.operands[index]);
    if (!type)
      continue;
    std::optional<int64_t> axis = getQuantizedAxis(type);
    if (!type.isSigned() || type.getStorageTypeIntegralWidth() > 8 ||
        llvm::any_of(getZeroPoints(type), [](int64_t z) { return z != 0; }) ||
        (axis && axis != quantizable.getChannelAxis(index)) ||
        !llvm::all_of(getScales(type), npir_kernels::isLegalScale))
      return "expected signed weights of up to 8 bits with zero point 0 and "
             "scales along the output channel";
  }
  return {};
}

static bool isConstant(Value value) {
  return static_cast<bool>(value.getDefiningOp<ConstantOp>());
}

std::string mlir::npir::findDequantizeProblem(Operation *op,
                                              const OpTypes &types) {
  return isConstant(op->getOperand(0)) ? std::string()
                                       : findActivationProblem(op, types);
}

std::string mlir::npir::findGroupsProblem(Operation *op, const OpTypes &) {
  return llvm::all_of(op->getOperands(), isConstant)
             ? std::string()
             : "expected constant weights and scales";
}

std::string mlir::npir::findDynamicProblem(Operation *op,
                                           const OpTypes &types) {
  auto weight = cast<RankedTensorType>(types.operands[1]);
  int64_t inputs = weight.getDimSize(1);
  int64_t groups = cast<RankedTensorType>(types.operands[2]).getDimSize(1);
  if (!npir_kernels::isLegalAccumulation(inputs))
    return llvm::formatv(
        "expected at most {0} products in one 32-bit sum, got {1}",
        npir_kernels::kMaxAccumulatedProducts, inputs);
  FailureOr<ConstantBytes> bytes = getConstantBytes(op->getOperand(2));
  if (failed(bytes))
    return "expected constant scales";
  quant::QuantizedType type = getQuantizedElementType(weight);
  int64_t min = type.getStorageTypeMin(), max = type.getStorageTypeMax();
  int64_t groupSize = inputs / groups;
  if (groups > 1 && (min < -8 || max > 7 || groupSize % 32 != 0))
    return llvm::formatv("expected weights of up to 4 bits in groups of a "
                         "multiple of 32, got {0} to {1} in groups of {2}",
                         min, max, groupSize);
  for (float scale : bytes->as<float>()) {
    if (!npir_kernels::isLegalScale(scale))
      return llvm::formatv(
          "expected scales of weights in [2^-120, 2^120], got {0}", scale);
    if (groups > 1 && !npir_kernels::isBfloat16(scale))
      return llvm::formatv(
          "expected scales of groups with 8 significant bits, got {0}", scale);
  }
  return {};
}
