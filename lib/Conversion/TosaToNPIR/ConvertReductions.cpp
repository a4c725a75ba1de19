// This file implements the forms of reductions and of argmax.
#include "Converter.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::npir;

/// `input` as npir can reduce it along `axis`, which it changes: never the
/// first dimension, so a fixed one gets another in front.
static FailureOr<Value> getReducible(TosaConverter &converter, Value source,
                                     int64_t &axis) {
  Value input = converter.get(source);
  axis -= TosaConverter::countDroppedDims(source);
  ArrayRef<int64_t> shape = TosaConverter::getShape(input);
  if (axis < 0 || ShapedType::isDynamic(shape[axis]))
    return converter.refuse("expected an axis other than the batch, which is "
                            "dynamic");
  if (axis > 0)
    return input;
  SmallVector<int64_t> withBatch{1};
  llvm::append_range(withBatch, shape);
  ++axis;
  return converter.reshape(input, withBatch, ".batch");
}

/// Reduces `source` as `kind` says. `from` converts the operand before.
static FailureOr<Value> reduce(TosaConverter &converter, Operation *op,
                               int64_t axis, ReduceKind kind, bool isTruth) {
  RankedTensorType type = converter.getResultType(op);
  FailureOr<Value> input = getReducible(converter, op->getOperand(0), axis);
  if (failed(input) || !type)
    return failure();
  OpBuilder &builder = converter.getBuilder();
  if (isTruth) {
    // Whether all or any are 1.
    auto numbers = RankedTensorType::get(TosaConverter::getShape(*input),
                                         builder.getF32Type());
    input = converter.create<CastOp>(".numbers", *input, {}, numbers);
    if (failed(input))
      return failure();
  }
  bool isMoved =
      TosaConverter::getShape(*input).size() != type.getShape().size();
  FailureOr<Value> result = converter.create<ReduceOp>(
      isMoved || isTruth ? ".reduce" : "", *input,
      {converter.named("kind", ReduceKindAttr::get(op->getContext(), kind)),
       converter.named("axes", ArrayRef<int64_t>{axis}),
       converter.flag("keep_dims")});
  if (failed(result))
    return failure();
  result = converter.reshape(*result, type.getShape(), isTruth ? ".shape" : "");
  if (failed(result) || !isTruth)
    return result;
  return converter.create<CastOp>("", *result, {}, type);
}

template <typename TosaOpT, ReduceKind kind>
static FailureOr<Value> convertReduce(TosaConverter &converter, TosaOpT op) {
  if (failed(converter.expectFloats(op.getInput())))
    return failure();
  return reduce(converter, op, op.getAxis(), kind, /*isTruth=*/false);
}

template <typename TosaOpT, ReduceKind kind>
static FailureOr<Value> convertTruthReduce(TosaConverter &converter,
                                           TosaOpT op) {
  return reduce(converter, op, op.getAxis(), kind, /*isTruth=*/true);
}

static FailureOr<Value> convertArgMax(TosaConverter &converter,
                                      tosa::ArgMaxOp op) {
  RankedTensorType type = converter.getResultType(op);
  if (!type || failed(converter.expectFloats(op.getInput())))
    return failure();
  int64_t axis = op.getAxis();
  FailureOr<Value> input = getReducible(converter, op.getInput(), axis);
  if (failed(input))
    return failure();
  FailureOr<Value> index = converter.create<ArgmaxOp>(
      ".index", *input, converter.named("axis", axis));
  if (failed(index))
    return failure();
  index = converter.reshape(*index, type.getShape(), ".shape");
  if (failed(index) || index->getType() == type)
    return index;
  return converter.create<CastOp>("", *index, {}, type);
}

void mlir::npir::addReductionForms(TosaForms &forms) {
  forms.add(convertReduce<tosa::ReduceSumOp, ReduceKind::Sum>);
  forms.add(convertReduce<tosa::ReduceMaxOp, ReduceKind::Max>);
  forms.add(convertReduce<tosa::ReduceMinOp, ReduceKind::Min>);
  forms.add(convertReduce<tosa::ReduceProductOp, ReduceKind::Prod>);
  forms.add(convertTruthReduce<tosa::ReduceAllOp, ReduceKind::Min>);
  forms.add(convertTruthReduce<tosa::ReduceAnyOp, ReduceKind::Max>);
  forms.add(convertArgMax);
}
