// This file implements the operations of attention: products of activations,
// and softmax. XNNPACK has them in float only, which their operands' types say.
#include "Verification.h"

using namespace mlir;
using namespace mlir::npir;
using namespace mlir::npir::xnn;

static LogicalResult verifyFloatResult(Operation *op) {
  if (isQuantizedTensor(op->getResult(0).getType()))
    return op->emitOpError("expected a result of f32, got ")
           << op->getResult(0).getType();
  return success();
}

LogicalResult xnn::BatchMatrixMultiplyOp::verify() {
  if (failed(verifyActivations(*this, {getLhs(), getRhs(), getResult()})) ||
      failed(verifyFloatResult(*this)))
    return failure();
  auto lhs = cast<RankedTensorType>(getLhs().getType());
  auto rhs = cast<RankedTensorType>(getRhs().getType());
  if (lhs.getRank() < 2 || rhs.getRank() < 2)
    return emitOpError("expected operands of rank 2 or more, got ")
           << lhs << " and " << rhs;
  ArrayRef<int64_t> matrix = rhs.getShape().take_back(2);
  int64_t inner = matrix[getTransposeB() ? 1 : 0];
  int64_t columns = matrix[getTransposeB() ? 0 : 1];
  if (lhs.getShape().back() != inner || ShapedType::isDynamic(inner) ||
      ShapedType::isDynamic(columns))
    return emitOpError("expected matrices of static sizes that fit, got ")
           << lhs << " and " << rhs;
  FailureOr<SmallVector<int64_t>> shape =
      broadcastShapes(lhs.getShape().drop_back(2), rhs.getShape().drop_back(2));
  if (failed(shape))
    return emitOpError("expected leading dimensions that broadcast, got ")
           << lhs << " and " << rhs;
  shape->append({lhs.getShape().take_back(2)[0], columns});
  return verifyShape(*this, *shape);
}

LogicalResult xnn::SoftmaxOp::verify() {
  if (failed(verifyActivations(*this, {getInput(), getResult()})) ||
      failed(verifyFloatResult(*this)))
    return failure();
  auto input = cast<RankedTensorType>(getInput().getType());
  if (input.getRank() == 0 || input.isDynamicDim(input.getRank() - 1))
    return emitOpError("expected a static last dimension, got ") << input;
  return verifyShape(*this, input.getShape());
}
