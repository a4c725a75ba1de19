// This file implements the forms of functions of one, two and three elements,
// and of casts.
#include "Converter.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace mlir::npir;

/// `source` as an operand of an elementwise op with a result of `type`. Ones
/// that the result has not in front go, and of equal numbers one is left where
/// `others`, the other operands, make the shape.
static FailureOr<Value> getOperand(TosaConverter &converter, Value source,
                                   RankedTensorType type, ValueRange others) {
  ElementsAttr constant = getTosaConstant(source);
  bool isShapeGiven = llvm::any_of(others, [&](Value other) {
    return !getTosaConstant(other) &&
           TosaConverter::getShape(converter.get(other)) == type.getShape();
  });
  Value value = converter.get(source);
  ArrayRef<int64_t> shape = TosaConverter::getShape(value);
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(constant);
      dense && dense.isSplat() && isShapeGiven && dense.getNumElements() > 1 &&
      getElementTypeOrSelf(value.getType()).isF32()) {
    OpBuilder &builder = converter.getBuilder();
    return createConstant(
               builder, value.getLoc(),
               RankedTensorType::get(1, builder.getF32Type()),
               ArrayRef<float>{static_cast<float>(*getUniformNumber(constant))})
        .getResult();
  }
  int64_t extra = static_cast<int64_t>(shape.size()) - type.getRank();
  if (extra <= 0)
    return value;
  return converter.reshape(value, shape.drop_front(extra), ".reshape");
}

/// The operands of `op`, for npir.
static FailureOr<SmallVector<Value>>
getOperands(TosaConverter &converter, Operation *op, unsigned count) {
  RankedTensorType type = converter.getResultType(op);
  if (!type)
    return failure();
  ValueRange sources = op->getOperands().take_front(count);
  SmallVector<Value> operands;
  for (unsigned i = 0; i < count; ++i) {
    SmallVector<Value> others(sources);
    others.erase(others.begin() + i);
    FailureOr<Value> operand = getOperand(converter, sources[i], type, others);
    if (failed(operand))
      return failure();
    operands.push_back(*operand);
  }
  return operands;
}

/// A function of one number.
template <typename TosaOpT, typename OpT>
static FailureOr<Value> convertUnary(TosaConverter &converter, TosaOpT op) {
  Value input = op->getOperand(0);
  if (failed(converter.expectFloats(input)))
    return failure();
  return converter.create<OpT>("", converter.get(input));
}

/// A function of two numbers.
template <typename TosaOpT, typename OpT>
static FailureOr<Value> convertBinary(TosaConverter &converter, TosaOpT op) {
  if (failed(converter.expectFloats(op->getOperands().take_front(2))))
    return failure();
  FailureOr<SmallVector<Value>> operands = getOperands(converter, op, 2);
  if (failed(operands))
    return failure();
  return converter.create<OpT>("", *operands);
}

static FailureOr<Value> convertMul(TosaConverter &converter, tosa::MulOp op) {
  if (failed(converter.expectZero(op.getShift(), "a shift")))
    return failure();
  return convertBinary<tosa::MulOp, MulOp>(converter, op);
}

static FailureOr<Value> convertNegate(TosaConverter &converter,
                                      tosa::NegateOp op) {
  if (failed(converter.expectZero(op.getInput1Zp(), "a zero point")) ||
      failed(converter.expectZero(op.getOutputZp(), "a zero point")))
    return failure();
  return convertUnary<tosa::NegateOp, NegOp>(converter, op);
}

static FailureOr<Value> convertPow(TosaConverter &converter, tosa::PowOp op) {
  ElementsAttr exponent = getTosaConstant(op.getInput2());
  std::optional<double> number;
  if (exponent && op.getInput1().getType() == op.getType())
    number = getUniformNumber(exponent);
  if (number == 2.0)
    return convertUnary<tosa::PowOp, SquareOp>(converter, op);
  if (number == 0.5)
    return convertUnary<tosa::PowOp, SqrtOp>(converter, op);
  return convertBinary<tosa::PowOp, PowOp>(converter, op);
}

static FailureOr<Value> convertClamp(TosaConverter &converter,
                                     tosa::ClampOp op) {
  if (failed(converter.expectFloats(op.getInput())))
    return failure();
  // The largest number of the type is what is written for no bound.
  auto getBound = [](Attribute attr) {
    APFloat bound = cast<FloatAttr>(attr).getValue();
    bool isNone = bound.isInfinity() || bound.isLargest();
    if (isNone)
      return bound.isNegative() ? -std::numeric_limits<float>::infinity()
                                : std::numeric_limits<float>::infinity();
    bool losesInfo;
    bound.convert(APFloat::IEEEsingle(), APFloat::rmNearestTiesToEven,
                  &losesInfo);
    return bound.convertToFloat();
  };
  float min = getBound(op.getMinVal()), max = getBound(op.getMaxVal());
  Value input = converter.get(op.getInput());
  if (std::isinf(max) && std::isinf(min))
    return input;
  if (std::isinf(max) && min == 0)
    return converter.create<ReluOp>("", input);
  return converter.create<ClampOp>(
      "", input, {converter.named("min", min), converter.named("max", max)});
}

static FailureOr<Value> convertSelect(TosaConverter &converter,
                                      tosa::SelectOp op) {
  FailureOr<SmallVector<Value>> operands = getOperands(converter, op, 3);
  if (failed(operands))
    return failure();
  return converter.create<WhereOp>("", *operands);
}

template <typename TosaOpT, CompareKind kind>
static FailureOr<Value> convertCompare(TosaConverter &converter, TosaOpT op) {
  FailureOr<SmallVector<Value>> operands = getOperands(converter, op, 2);
  if (failed(operands))
    return failure();
  return converter.create<CompareOp>(
      "", *operands,
      converter.named("kind", CompareKindAttr::get(op.getContext(), kind)));
}

template <typename TosaOpT, LogicalKind kind>
static FailureOr<Value> convertLogical(TosaConverter &converter, TosaOpT op) {
  FailureOr<SmallVector<Value>> operands = getOperands(converter, op, 2);
  if (failed(operands))
    return failure();
  return converter.create<LogicalOp>(
      "", *operands,
      converter.named("kind", LogicalKindAttr::get(op.getContext(), kind)));
}

static FailureOr<Value> convertNot(TosaConverter &converter,
                                   tosa::LogicalNotOp op) {
  return converter.create<NotOp>("", converter.get(op.getInput1()));
}

static FailureOr<Value> convertCast(TosaConverter &converter, tosa::CastOp op) {
  Value input = converter.get(op.getInput());
  RankedTensorType type = converter.getResultType(op);
  if (!type || input.getType() == type)
    return input;
  // TOSA rounds to the nearest integer, npir drops the fraction.
  bool isRounded = cast<ShapedType>(input.getType()).getElementType().isF32() &&
                   !type.getElementType().isInteger(1);
  if (isRounded) {
    FailureOr<Value> rounded = converter.create<RoundOp>(".round", input);
    if (failed(rounded))
      return failure();
    input = *rounded;
  }
  return converter.create<CastOp>("", input, {}, type);
}

static FailureOr<Value> convertIdentity(TosaConverter &converter,
                                        tosa::IdentityOp op) {
  return converter.get(op.getInput1());
}

void mlir::npir::addElementwiseForms(TosaForms &forms) {
  forms.add(convertUnary<tosa::AbsOp, AbsOp>);
  forms.add(convertUnary<tosa::CeilOp, CeilOp>);
  forms.add(convertUnary<tosa::CosOp, CosOp>);
  forms.add(convertUnary<tosa::ErfOp, ErfOp>);
  forms.add(convertUnary<tosa::ExpOp, ExpOp>);
  forms.add(convertUnary<tosa::FloorOp, FloorOp>);
  forms.add(convertUnary<tosa::LogOp, LogOp>);
  forms.add(convertUnary<tosa::ReciprocalOp, ReciprocalOp>);
  forms.add(convertUnary<tosa::RsqrtOp, RsqrtOp>);
  forms.add(convertUnary<tosa::SigmoidOp, SigmoidOp>);
  forms.add(convertUnary<tosa::SinOp, SinOp>);
  forms.add(convertUnary<tosa::TanhOp, TanhOp>);
  forms.add(convertBinary<tosa::AddOp, AddOp>);
  forms.add(convertBinary<tosa::MaximumOp, MaximumOp>);
  forms.add(convertBinary<tosa::MinimumOp, MinimumOp>);
  forms.add(convertBinary<tosa::SubOp, SubOp>);
  forms.add(convertCompare<tosa::EqualOp, CompareKind::Eq>);
  forms.add(convertCompare<tosa::GreaterOp, CompareKind::Gt>);
  forms.add(convertCompare<tosa::GreaterEqualOp, CompareKind::Ge>);
  forms.add(convertLogical<tosa::LogicalAndOp, LogicalKind::And>);
  forms.add(convertLogical<tosa::LogicalOrOp, LogicalKind::Or>);
  forms.add(convertLogical<tosa::LogicalXorOp, LogicalKind::Xor>);
  forms.add(convertMul);
  forms.add(convertNegate);
  forms.add(convertPow);
  forms.add(convertClamp);
  forms.add(convertSelect);
  forms.add(convertNot);
  forms.add(convertCast);
  forms.add(convertIdentity);
}
