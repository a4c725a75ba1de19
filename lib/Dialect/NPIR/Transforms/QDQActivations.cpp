// This file implements the rules of --npir-canonicalize-qdq for relu and clamp.
#include "Prepare.h"
#include "QDQRules.h"

#include "npir/Kernels/Requantize.h"

using namespace mlir;
using namespace mlir::npir;

/// `layer -> pair -> clamp -> quantize` to the type of the pair: the pair goes,
/// for rounding keeps the order of numbers, and the clamp's rounded bounds are
/// the same. True where the layer can have the clamp then.
bool QDQRules::joinWithRounding(UnaryOpInterface op) {
  auto dequantize = op->getOperand(0).getDefiningOp<DequantizeOp>();
  if (!dequantize || !dequantize->hasOneUse())
    return false;
  auto quantize = dequantize.getInput().getDefiningOp<QuantizeOp>();
  if (!quantize || !quantize->hasOneUse())
    return false;
  Value source = quantize.getInput();
  auto layer = source.getDefiningOp<ClampedOpInterface>();
  if (!layer || !source.hasOneUse())
    return false;
  auto [min, max] = layer.getClampRange();
  npir_kernels::UnaryFunction function = op.getUnaryFunction();
  if (!(std::max(min, function.a) < std::min(max, function.b)))
    return false;
  Value result = op->getResult(0);
  quant::QuantizedType type = getQuantizedElementType(quantize.getType());
  if (getGridOfUsers(result) != getRealGrid(type) || !isExactRoundTrip(type))
    return false;
  if (quantize.getRequested())
    for (Operation *user : result.getUsers())
      cast<QuantizeOp>(user).setRequested(true);
  op->setOperand(0, source);
  eraseUnusedChain(dequantize);
  return true;
}

/// All numbers that `type` stands for are within the bounds.
static bool isWithin(quant::UniformQuantizedType type,
                     npir_kernels::UnaryFunction clamp) {
  auto getReal = [&](int64_t stored) {
    return npir_kernels::dequantizeValue(
        static_cast<int32_t>(stored), static_cast<float>(type.getScale()),
        static_cast<int32_t>(type.getZeroPoint()));
  };
  return clamp.a <= getReal(type.getStorageTypeMin()) &&
         clamp.b >= getReal(type.getStorageTypeMax());
}

/// Rounding to `type` makes what is beyond the bounds the same as the bounds.
static bool isImplied(npir_kernels::UnaryFunction clamp,
                      quant::UniformQuantizedType type) {
  return quantizeNumber(clamp.a, type) == type.getStorageTypeMin() &&
         quantizeNumber(clamp.b, type) == type.getStorageTypeMax();
}

/// `op` reads numbers that are within its bounds already, or all its users
/// round to types that are. The rounding does its work then and must stay,
/// whatever is computed in float: it becomes an order.
bool QDQRules::dropImplied(UnaryOpInterface op) {
  npir_kernels::UnaryFunction function = op.getUnaryFunction();
  Value input = op->getOperand(0), result = op->getResult(0);
  SmallVector<QuantizeOp> roundings;
  if (auto dequantize = input.getDefiningOp<DequantizeOp>()) {
    auto type = dyn_cast<quant::UniformQuantizedType>(
        getQuantizedElementType(dequantize.getInput().getType()));
    if (!type || !isWithin(type, function))
      return false;
    if (auto quantize = dequantize.getInput().getDefiningOp<QuantizeOp>())
      roundings.push_back(quantize);
  } else {
    for (Operation *user : result.getUsers()) {
      auto quantize = dyn_cast<QuantizeOp>(user);
      auto type = quantize ? dyn_cast<quant::UniformQuantizedType>(
                                 getQuantizedElementType(quantize.getType()))
                           : quant::UniformQuantizedType();
      if (!type || !isExactRoundTrip(type) || !isImplied(function, type))
        return false;
      roundings.push_back(quantize);
    }
    if (roundings.empty())
      return false;
  }
  for (QuantizeOp quantize : roundings)
    quantize.setRequested(true);
  result.replaceAllUsesWith(input);
  op->erase();
  return true;
}

void QDQRules::foldActivations() {
  // In the order of the program, so that a chain folds from its start.
  for (Operation &op : llvm::make_early_inc_range(block)) {
    auto unary = dyn_cast<UnaryOpInterface>(op);
    if (!unary ||
        unary.getUnaryFunction().kind != npir_kernels::UnaryKind::Clamp)
      continue;
    if (joinWithRounding(unary))
      ++counts.cancelled;
    if (fuseActivation(unary) || dropImplied(unary))
      ++counts.activations;
  }
}
