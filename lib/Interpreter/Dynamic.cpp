// This file interprets what quantizes activations at run time, or weights
// alone.
#include "Ops.h"

#include "npir/Dialect/NPIR/IR/NPIRDynamicOps.h"
#include "npir/Kernels/Reference/DynamicLinear.h"

using namespace mlir;
using namespace mlir::npir;

static FailureOr<Tensor> interpretDynamicQuantize(Operation *op,
                                                  ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::dynamicQuantize(asRef<float>(operands[0]),
                             asMutableRef<float>(result));
  return result;
}

static FailureOr<Tensor> interpretDequantizeGroups(Operation *op,
                                                   ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::dequantizeGroups(asRef<int8_t>(operands[0]),
                              asRef<float>(operands[1]),
                              asMutableRef<float>(result));
  return result;
}

static FailureOr<Tensor> interpretDynamicLinear(Operation *op,
                                                ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::dynamicLinear(
      asRef<float>(operands[0]), asRef<int8_t>(operands[1]),
      asRef<float>(operands[2]),
      operands.size() > 3 ? operands[3].as<float>() : nullptr,
      getFloatBounds(op), asMutableRef<float>(result));
  return result;
}

OpFunction mlir::npir::lookupDynamic(Operation *op) {
  if (isa<DynamicQuantizeOp>(op))
    return interpretDynamicQuantize;
  if (isa<DequantizeGroupsOp>(op))
    return interpretDequantizeGroups;
  if (isa<DynamicLinearOp>(op))
    return interpretDynamicLinear;
  return nullptr;
}
