// This file interprets pools and reductions.
#include "Ops.h"

#include "npir/Kernels/Reference/Pooling.h"

using namespace mlir;
using namespace mlir::npir;

static FailureOr<Tensor> interpretMaxPool(Operation *op,
                                          ArrayRef<Tensor> operands) {
  auto pool = cast<MaxPool2DOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  std::array<int64_t, 2> kernel = {pool.getKernel()[0], pool.getKernel()[1]};
  reference::Window2D window = getWindow(pool);
  if (!isQuantizedTensor(result.getType())) {
    reference::maxPool2d(asRef<float>(operands[0]), kernel, window,
                         getFloatBounds(op), asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  reference::maxPool2d(
      asRef<int8_t>(operands[0]), kernel, window,
      getBounds(cast<RequantAttrInterface>(op->getAttr("requant"))),
      asMutableRef<int8_t>(result));
  return result;
}

static FailureOr<Tensor> interpretAvgPool(Operation *op,
                                          ArrayRef<Tensor> operands) {
  auto pool = cast<AvgPool2DOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  std::array<int64_t, 2> kernel = {pool.getKernel()[0], pool.getKernel()[1]};
  if (!isQuantizedTensor(result.getType())) {
    reference::avgPool2d(asRef<float>(operands[0]), kernel, getWindow(pool),
                         pool.getCountIncludePad(),
                         asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(operands[0]) || !isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  if (!npir_kernels::isLegalWindowMean(kernel[0] * kernel[1]))
    return op->emitOpError("has an integer form for up to ")
           << npir_kernels::kMaxAveragedElements
           << " elements in one mean only, got " << kernel[0] * kernel[1];
  auto requant = op->getAttrOfType<RequantWindowMeanAttr>("requant");
  reference::WindowMeanParams params;
  params.multipliers = requant.getMultipliers().asArrayRef().data();
  params.inputZeroPoint = getZeroPoint(operands[0]);
  params.outputZeroPoint = getZeroPoint(result);
  params.bounds = getBounds(requant);
  reference::avgPool2d(asRef<int8_t>(operands[0]), kernel, getWindow(pool),
                       pool.getCountIncludePad(), params,
                       asMutableRef<int8_t>(result));
  return result;
}

static reference::ReduceKind getKind(ReduceOp op) {
  switch (op.getKind()) {
  case ReduceKind::Mean:
    return reference::ReduceKind::Mean;
  case ReduceKind::Sum:
    return reference::ReduceKind::Sum;
  case ReduceKind::Max:
    return reference::ReduceKind::Max;
  case ReduceKind::Min:
    return reference::ReduceKind::Min;
  case ReduceKind::Prod:
    return reference::ReduceKind::Prod;
  }
  llvm_unreachable("unknown reduction");
}

static FailureOr<Tensor> interpretReduce(Operation *op,
                                         ArrayRef<Tensor> operands) {
  auto reduce = cast<ReduceOp>(op);
  Tensor result = makeBatchedResult(op, operands[0]);
  ArrayRef<int64_t> axes = reduce.getAxes();
  if (!isQuantizedTensor(result.getType())) {
    reference::reduce(getKind(reduce), asRef<float>(operands[0]), axes.data(),
                      static_cast<int>(axes.size()),
                      asMutableRef<float>(result));
    return result;
  }
  if (!isInt8(operands[0]) || !isInt8(result))
    return op->emitOpError("has an integer form for 8-bit signed types only");
  if (auto copy = op->getAttrOfType<RequantCopyAttr>("requant")) {
    reference::reduce(getKind(reduce), asRef<int8_t>(operands[0]), axes.data(),
                      static_cast<int>(axes.size()), getBounds(copy),
                      asMutableRef<int8_t>(result));
    return result;
  }
  auto requant = op->getAttrOfType<RequantMeanAttr>("requant");
  reference::ReduceParams params;
  params.multiplier = requant.getMultiplier().getValue().convertToFloat();
  params.inputZeroPoint = getZeroPoint(operands[0]);
  params.outputZeroPoint = getZeroPoint(result);
  params.bounds = getBounds(requant);
  reference::reduce(asRef<int8_t>(operands[0]), axes.data(),
                    static_cast<int>(axes.size()), params,
                    asMutableRef<int8_t>(result));
  return result;
}

OpFunction mlir::npir::lookupPooling(Operation *op) {
  if (isa<MaxPool2DOp>(op))
    return interpretMaxPool;
  if (isa<AvgPool2DOp>(op))
    return interpretAvgPool;
  if (isa<ReduceOp>(op))
    return interpretReduce;
  return nullptr;
}
