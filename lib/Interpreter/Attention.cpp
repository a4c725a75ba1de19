// This file interprets what attention computes in float.
#include "Ops.h"

#include "npir/Kernels/Reference/Attention.h"

using namespace mlir;
using namespace mlir::npir;

static FailureOr<Tensor> interpretMatmul(Operation *op,
                                         ArrayRef<Tensor> operands) {
  FailureOr<Tensor> result = makeBatchedResult(op, operands);
  if (failed(result))
    return failure();
  reference::matmul(asRef<float>(operands[0]), asRef<float>(operands[1]),
                    cast<MatmulOp>(op).getTransposeRhs(),
                    asMutableRef<float>(*result));
  return result;
}

static FailureOr<Tensor> interpretSoftmax(Operation *op,
                                          ArrayRef<Tensor> operands) {
  Tensor result = makeBatchedResult(op, operands[0]);
  reference::softmax(asRef<float>(operands[0]), asMutableRef<float>(result));
  return result;
}

OpFunction mlir::npir::lookupAttention(Operation *op) {
  if (isa<MatmulOp>(op))
    return interpretMatmul;
  if (isa<SoftmaxOp>(op))
    return interpretSoftmax;
  return nullptr;
}
