// This file implements what the forms of TOSA ops are written with, and the
// order in which a function's ops are converted.
#include "Converter.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/PermuteConstant.h"
#include "npir/Dialect/NPIR/IR/Stations.h"

#include "mlir/Dialect/Utils/IndexingUtils.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace mlir::npir;

TosaConverter::TosaConverter(func::FuncOp func, const TosaForms &forms)
    : func(func), forms(forms), block(std::make_unique<Block>()),
      builder(func.getContext()) {
  builder.setInsertionPointToEnd(block.get());
}

//===----------------------------------------------------------------------===//
// For forms
//===----------------------------------------------------------------------===//

FailureOr<Value> TosaConverter::refuse(const Twine &reason) {
  // What follows from the first reason is of no interest.
  if (problems.empty() || problems.back().op != current)
    problems.push_back({current, reason.str()});
  return failure();
}

RankedTensorType TosaConverter::convertType(Type type) {
  std::string reason;
  RankedTensorType converted = convertTosaType(type, reason);
  if (!converted) {
    (void)refuse(reason);
    return {};
  }
  if (converted.getElementType() != cast<ShapedType>(type).getElementType())
    widthChanged = true;
  return converted;
}

/// Stands for a value that could not be made, so that what reads it is checked
/// all the same.
Value TosaConverter::createPlaceholder(RankedTensorType type) {
  return UnrealizedConversionCastOp::create(builder, getLoc(), type,
                                            ValueRange())
      .getResult(0);
}

Value TosaConverter::get(Value value) {
  if (Value known = mapping.lookupOrNull(value))
    return known;
  ElementsAttr constant = getTosaConstant(value);
  assert(constant && "expected a converted value or a constant");
  RankedTensorType type = convertType(value.getType());
  std::string reason;
  if (type && !hasAllBytes(constant, reason)) {
    (void)refuse(reason);
    type = {};
  }
  Value converted =
      type ? createFromTosa(builder, value.getLoc(), constant, type).getResult()
           : createPlaceholder(RankedTensorType::get(
                 cast<ShapedType>(value.getType()).getShape(),
                 builder.getF32Type()));
  mapping.map(value, converted);
  return converted;
}

RankedTensorType TosaConverter::getResultType(Operation *op) {
  return convertType(op->getResult(0).getType());
}

int64_t TosaConverter::countDroppedDims(Value value) {
  auto type = cast<ShapedType>(value.getType());
  std::string reason;
  RankedTensorType converted = convertTosaType(type, reason);
  return converted ? type.getRank() - converted.getRank() : 0;
}

Location TosaConverter::getLoc(StringRef suffix) {
  Location loc = current ? current->getLoc() : func.getLoc();
  return suffix.empty() ? loc : derivedLocation(loc, suffix);
}

FailureOr<Value> TosaConverter::create(StringRef name, StringRef suffix,
                                       ValueRange operands,
                                       ArrayRef<NamedAttribute> attributes,
                                       RankedTensorType type) {
  OperationState state(getLoc(suffix), name);
  state.addOperands(operands);
  state.addAttributes(attributes);
  state.addTypes(type ? type : RankedTensorType::get({}, builder.getF32Type()));
  Operation *op = builder.create(state);
  bool isRight = true;
  if (!type) {
    SmallVector<Type> types;
    isRight = succeeded(cast<InferTypeOpInterface>(op).inferReturnTypes(
        op->getContext(), op->getLoc(), op->getOperands(),
        op->getDiscardableAttrDictionary(), op->getPropertiesStorage(),
        op->getRegions(), types));
    if (isRight)
      op->getResult(0).setType(types.front());
  }
  if (!isRight || failed(mlir::verify(op))) {
    op->erase();
    return refuse(diagnostic);
  }
  Value folded = foldToConstant(builder, op);
  if (!folded)
    return op->getResult(0);
  op->erase();
  return folded;
}

FailureOr<Value> TosaConverter::reshape(Value value, ArrayRef<int64_t> shape,
                                        StringRef suffix) {
  auto type = cast<RankedTensorType>(value.getType());
  if (type.getShape() == shape)
    return value;
  RankedTensorType newType = type.clone(shape);
  auto constant = value.getDefiningOp<ConstantOp>();
  if (constant && newType.hasStaticShape() &&
      type.getNumElements() == newType.getNumElements())
    return reshapeConstant(builder, constant, newType).getResult();
  return create<ReshapeOp>(suffix, value, {}, newType);
}

FailureOr<Value> TosaConverter::transpose(Value value, ArrayRef<int64_t> perm,
                                          StringRef suffix) {
  if (isIdentityPermutation(perm))
    return value;
  auto constant = value.getDefiningOp<ConstantOp>();
  if (!constant)
    return create<TransposeOp>(suffix, value, named("perm", perm));
  ArrayRef<int64_t> shape = getShape(value);
  return permuteConstant(builder, constant.getLoc(), constant.getValue(), shape,
                         perm,
                         cast<RankedTensorType>(value.getType())
                             .clone(applyPermutation(shape, perm)))
      .getResult();
}

Value TosaConverter::createIndices(ArrayRef<int32_t> values, StringRef suffix) {
  auto type = RankedTensorType::get(static_cast<int64_t>(values.size()),
                                    builder.getI32Type());
  return createConstant(builder, getLoc(suffix), type, values);
}

NamedAttribute TosaConverter::named(StringRef name, Attribute value) {
  return builder.getNamedAttr(name, value);
}
NamedAttribute TosaConverter::named(StringRef name, ArrayRef<int64_t> values) {
  return named(name, builder.getDenseI64ArrayAttr(values));
}
NamedAttribute TosaConverter::named(StringRef name, int64_t value) {
  return named(name, builder.getI64IntegerAttr(value));
}
NamedAttribute TosaConverter::named(StringRef name, float value) {
  return named(name, builder.getF32FloatAttr(value));
}
NamedAttribute TosaConverter::flag(StringRef name) {
  return named(name, builder.getUnitAttr());
}

FailureOr<SmallVector<int64_t>> TosaConverter::getNumbers(Value shape,
                                                          StringRef what) {
  if (auto constant = shape.getDefiningOp<tosa::ConstShapeOp>()) {
    SmallVector<int64_t> numbers;
    for (const APInt &number : constant.getValues().getValues<APInt>())
      numbers.push_back(number.getSExtValue());
    return numbers;
  }
  (void)refuse("expected " + what + " that is a tosa.const_shape");
  return failure();
}

LogicalResult TosaConverter::expectZero(Value operand, StringRef what) {
  ElementsAttr constant = getTosaConstant(operand);
  std::optional<double> number;
  if (constant)
    number = getUniformNumber(constant);
  if (number == 0.0)
    return success();
  return refuse("expected " + what + " that is a constant 0");
}

LogicalResult TosaConverter::expectFloats(ValueRange operands) {
  for (Value operand : operands)
    if (Type type = operand.getType();
        !isa<FloatType>(getElementTypeOrSelf(type))) {
      std::string text;
      llvm::raw_string_ostream(text)
          << "expected floats, got " << type
          << ": npir has no arithmetic on integers; cast to f32 before";
      return refuse(text);
    }
  return success();
}

LogicalResult TosaConverter::expectLeadingBatch(Value value) {
  if (countDroppedDims(value) == 0)
    return success();
  std::string text;
  llvm::raw_string_ostream(text)
      << "expected the dynamic dimension in front, got " << value.getType();
  return refuse(text);
}

//===----------------------------------------------------------------------===//
// The function
//===----------------------------------------------------------------------===//

void TosaConverter::convertArguments() {
  for (BlockArgument argument : func.getArguments()) {
    std::string reason;
    RankedTensorType type = convertTosaType(argument.getType(), reason);
    if (!type) {
      problems.push_back(
          {nullptr,
           ("argument " + Twine(argument.getArgNumber()) + ": " + reason)
               .str()});
      continue;
    }
    widthChanged |= type.getElementType() !=
                    cast<ShapedType>(argument.getType()).getElementType();
    mapping.map(argument, block->addArgument(type, argument.getLoc()));
  }
}

/// Why there is no form for `op`.
static StringRef getReasonAgainst(Operation *op) {
  if (!isTosaOp(op))
    return "it is no op of TOSA";
  if (isa<tosa::Conv3DOp>(op))
    return "npir has convolutions over two dimensions only";
  if (isa<tosa::FFT2dOp, tosa::RFFT2dOp>(op))
    return "npir has no Fourier transform";
  if (isa<tosa::CustomOp>(op))
    return "what a custom op computes is not known; write it in other ops";
  if (isa<tosa::IfOp, tosa::WhileOp>(op))
    return "npir has no control flow";
  if (isa<tosa::VariableReadOp, tosa::VariableWriteOp>(op))
    return "npir's networks have no variables";
  if (llvm::any_of(op->getResultTypes(), llvm::IsaPred<tosa::shapeType>))
    return "shapes have to be constants; fold the arithmetic on them before";
  if (llvm::any_of(op->getResultTypes(), [](Type type) {
        return getElementTypeOrSelf(type).isInteger(32);
      }))
    return "npir has no arithmetic on integers";
  return "npir has no such op";
}

void TosaConverter::convert(Operation *op) {
  current = op;
  // Constants are made where they are read.
  if (op->hasTrait<OpTrait::ConstantLike>()) {
    Value constant = op->getResult(0);
    if (isa<TensorType>(constant.getType()) && !getTosaConstant(constant))
      (void)refuse("expected a dense or dense_resource value");
    return;
  }
  auto isUnknown = [&](Value operand) {
    return isa<TensorType>(operand.getType()) && !mapping.contains(operand) &&
           !getTosaConstant(operand);
  };
  bool dependsOnUnknown = llvm::any_of(op->getOperands(), isUnknown);
  size_t before = problems.size();
  FailureOr<Value> value = failure();
  const TosaForm *form = forms.find(op);
  if (!form)
    (void)refuse(getReasonAgainst(op));
  else if (!dependsOnUnknown)
    value = (*form)(*this, op);
  if (op->getNumResults() != 1 || (form && dependsOnUnknown))
    return;
  std::string reason;
  RankedTensorType type = convertTosaType(op->getResult(0).getType(), reason);
  if (!type) {
    (void)refuse(reason);
    return;
  }
  if (problems.size() == before && succeeded(value) &&
      value->getType() != type) {
    std::string text;
    llvm::raw_string_ostream(text)
        << "expected a result of " << type << ", got " << value->getType();
    value = refuse(text);
  }
  mapping.map(op->getResult(0),
              succeeded(value) ? *value : createPlaceholder(type));
}

void TosaConverter::finish() {
  Operation *terminator = func.getBody().front().getTerminator();
  SmallVector<Value> results;
  current = terminator;
  for (Value operand : terminator->getOperands())
    results.push_back(get(operand));
  func::ReturnOp::create(builder, terminator->getLoc(), results);
  func.getBody().front().erase();
  func.getBody().push_back(block.release());
  func.setType(builder.getFunctionType(func.getBody().getArgumentTypes(),
                                       TypeRange(ValueRange(results))));
  for (Operation &op :
       llvm::make_early_inc_range(llvm::reverse(func.getBody().front())))
    if (isOpTriviallyDead(&op))
      op.erase();
  setStation(func, Station::Float);
}

SmallVector<TosaProblem> TosaConverter::run() {
  ScopedDiagnosticHandler handler(func.getContext(), [&](Diagnostic &d) {
    if (d.getSeverity() != DiagnosticSeverity::Error)
      return failure();
    diagnostic = d.str();
    return success();
  });
  convertArguments();
  for (Operation &op : func.getBody().front().without_terminator())
    convert(&op);
  if (problems.empty())
    finish();
  return std::move(problems);
}
