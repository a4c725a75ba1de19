// This file implements what conversions of other dialects to npir ops need.
#include "npir/Conversion/ToNPIR.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Dialect/NPIR/IR/QuantTypes.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::npir;

void mlir::npir::dropObservers(func::FuncOp func) {
  func.walk([](ObserveOp op) {
    op.replaceAllUsesWith(op.getInput());
    op.erase();
  });
}

/// The value of the constant, of any dialect, that defines `value`; null where
/// none does.
static ElementsAttr getConstant(Value value) {
  if (auto constant = value.getDefiningOp<ConstantOp>())
    return constant.getValue();
  ElementsAttr attr;
  if (!matchPattern(value, m_Constant(&attr)) ||
      !isa<DenseElementsAttr, DenseResourceElementsAttr>(attr) ||
      !attr.getElementType().isF32())
    return {};
  return attr;
}

void mlir::npir::convertConstants(func::FuncOp func) {
  func.walk([](Operation *op) {
    if (!op->hasTrait<OpTrait::ConstantLike>() || isa<ConstantOp>(op))
      return;
    ElementsAttr value = getConstant(op->getResult(0));
    if (!value)
      return;
    OpBuilder builder(op);
    auto constant = ConstantOp::create(builder, op->getLoc(),
                                       op->getResult(0).getType(), value);
    op->replaceAllUsesWith(constant);
    op->erase();
  });
}

/// `type` with its dimensions, and the axis of its scales, permuted.
static RankedTensorType permuteType(RankedTensorType type,
                                    ArrayRef<int64_t> perm) {
  Type element = type.getElementType();
  if (auto perAxis = dyn_cast<quant::UniformQuantizedPerAxisType>(element))
    element = quant::UniformQuantizedPerAxisType::get(
        perAxis.getFlags(), perAxis.getStorageType(),
        perAxis.getExpressedType(), perAxis.getScales(),
        perAxis.getZeroPoints(),
        invertPermutationVector(perm)[perAxis.getQuantizedDimension()],
        perAxis.getStorageTypeMin(), perAxis.getStorageTypeMax());
  return RankedTensorType::get(applyPermutation(type.getShape(), perm),
                               element);
}

FailureOr<Value> mlir::npir::transposeWeight(OpBuilder &builder, Value weight,
                                             ArrayRef<int64_t> perm) {
  auto dequantize = weight.getDefiningOp<DequantizeOp>();
  Value source = dequantize ? dequantize.getInput() : weight;
  ElementsAttr value = getConstant(source);
  if (!value) {
    InFlightDiagnostic diagnostic = emitError(weight.getLoc())
                                    << "expected a constant weight, got ";
    if (Operation *producer = source.getDefiningOp())
      return diagnostic << "the result of '" << producer->getName() << "'";
    return diagnostic << "an argument";
  }
  auto type = cast<RankedTensorType>(source.getType());
  if (perm.size() != static_cast<size_t>(type.getRank()) ||
      !isPermutationVector(perm))
    return emitError(weight.getLoc())
           << "expected a permutation of the weight's " << type.getRank()
           << " dimensions, got [" << perm << "]";
  Value result =
      permuteConstant(builder, source.getLoc(), value, type.getShape(), perm,
                      permuteType(type, perm));
  if (dequantize)
    result = DequantizeOp::create(
        builder, dequantize.getLoc(),
        permuteType(cast<RankedTensorType>(weight.getType()), perm), result);
  return result;
}
