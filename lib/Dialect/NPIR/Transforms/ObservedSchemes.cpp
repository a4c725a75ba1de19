// This file implements which tensors can have the schemes that only layers with
// a matrix have.
#include "ObservedSchemes.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

/// The operand is a matrix with a row for each output channel.
static bool isMatrix(OpOperand &operand) {
  auto layer = dyn_cast<QuantizableOpInterface>(operand.getOwner());
  auto type = dyn_cast<RankedTensorType>(operand.get().getType());
  return layer && type && type.getRank() == 2 && type.hasStaticShape() &&
         layer.getArithmetic() == Arithmetic::MultiplyAccumulate &&
         layer.getOperandRole(operand.getOperandNumber()) == Role::Weight &&
         layer.getChannelAxis(operand.getOperandNumber()) == 0;
}

bool mlir::npir::isPointwise(Operation *op) {
  auto conv = dyn_cast<Conv2DOp>(op);
  if (!conv || conv.getGroups() != 1)
    return false;
  auto is = [](int64_t wanted) {
    return [=](int64_t value) { return value == wanted; };
  };
  ArrayRef<int64_t> filter =
      cast<RankedTensorType>(conv.getFilter().getType()).getShape();
  return llvm::all_of(filter.slice(1, 2), is(1)) &&
         llvm::all_of(conv.getStrides(), is(1)) &&
         llvm::all_of(conv.getPads(), is(0));
}

bool mlir::npir::isReadInRows(OpOperand &operand) {
  auto layer = dyn_cast<QuantizableOpInterface>(operand.getOwner());
  if (!layer ||
      layer.getOperandRole(operand.getOperandNumber()) != Role::Activation)
    return false;
  SmallVector<OpOperand *> weights = layer.getOperandsWithRole(Role::Weight);
  return weights.size() == 1 &&
         (isMatrix(*weights.front()) || isPointwise(layer));
}

bool mlir::npir::isReadInRows(Value value, const ObservedTensor &observed) {
  return observed.role == Role::Activation && !getFloatConstant(value) &&
         llvm::any_of(value.getUses(),
                      [](OpOperand &use) { return isReadInRows(use); });
}

bool mlir::npir::isInGroups(Value value, const ObservedTensor &observed,
                            const SpecConfig &spec) {
  return spec.enabled && spec.granularity == QuantGranularity::PerGroup &&
         observed.role == Role::Weight && getFloatConstant(value) &&
         llvm::all_of(observed.uses,
                      [](OpOperand *use) { return isMatrix(*use); }) &&
         cast<RankedTensorType>(value.getType()).getDimSize(1) %
                 spec.groupSize ==
             0;
}

//===----------------------------------------------------------------------===//
// Other schemes than asked for
//===----------------------------------------------------------------------===//

std::string mlir::npir::explainFallBack(Value value,
                                        const ObservedTensor &observed,
                                        const SpecConfig &spec) {
  if (spec.isDynamic() && !isReadInRows(value, observed))
    return "float, since no linear layer or pointwise convolution reads it";
  if (!spec.enabled || spec.granularity != QuantGranularity::PerGroup ||
      isInGroups(value, observed, spec))
    return {};
  if (!getFloatConstant(value) ||
      !llvm::all_of(observed.uses,
                    [](OpOperand *use) { return isMatrix(*use); }))
    return "per_channel, since groups are for constant weights of linear "
           "layers";
  int64_t inputs = cast<RankedTensorType>(value.getType()).getDimSize(1);
  return "per_channel, since groups of " + std::to_string(spec.groupSize) +
         " do not divide " + std::to_string(inputs) + " input channels";
}

static void addNote(Operation *layer, const Twine &note) {
  StringRef name = NPIRDialect::kSchemeNoteAttrName;
  std::string text = note.str();
  if (auto former = layer->getAttrOfType<StringAttr>(name))
    text = (former.getValue() + "; " + text).str();
  layer->setAttr(name, StringAttr::get(layer->getContext(), text));
}

void mlir::npir::noteFallBack(Value value, const ObservedTensor &observed,
                              const SpecConfig &spec) {
  if (spec.isDynamic()) {
    for (OpOperand &use : value.getUses()) {
      auto layer = dyn_cast<QuantizableOpInterface>(use.getOwner());
      if (layer && !layer.getOperandsWithRole(Role::Weight).empty() &&
          layer.getOperandRole(use.getOperandNumber()) == Role::Activation &&
          !isReadInRows(use))
        addNote(layer, "its input is float, since only linear layers and "
                       "pointwise convolutions quantize theirs at run time");
    }
    return;
  }
  std::string note = explainFallBack(value, observed, spec);
  if (note.empty())
    return;
  for (OpOperand *use : observed.uses)
    addNote(use->getOwner(), "its weight is " + note);
}

//===----------------------------------------------------------------------===//
// Inputs
//===----------------------------------------------------------------------===//

bool mlir::npir::hasInputs(Operation *layer, StringRef value) {
  auto attr = layer->getAttrOfType<StringAttr>(kInputsAttrName);
  return attr && attr.getValue() == value;
}

void mlir::npir::setInputs(const ObservedTensor &weight,
                           const SpecConfig &spec) {
  std::string value = spec.getValue(SpecKey::Inputs);
  if (value.empty())
    return;
  for (OpOperand *use : weight.uses) {
    Operation *layer = use->getOwner();
    if (cast<QuantizableOpInterface>(layer).getArithmetic() !=
        Arithmetic::MultiplyAccumulate)
      continue;
    if (spec.inputs == QuantInputs::Dynamic && !isMatrix(*use) &&
        !isPointwise(layer))
      addNote(layer,
              "its inputs are as configured, since only linear layers and "
              "pointwise convolutions quantize theirs at run time");
    else
      layer->setAttr(kInputsAttrName,
                     StringAttr::get(layer->getContext(), value));
  }
}

void UngroupedWeights::add(Value weight, unsigned size) {
  weights.push_back(weight);
  groupSize = size;
}

LogicalResult UngroupedWeights::report(bool strict) const {
  if (weights.empty())
    return success();
  constexpr size_t kShown = 3;
  std::string names;
  for (Value weight : ArrayRef(weights).take_front(kShown))
    names += (names.empty() ? "'" : ", '") + getTensorId(weight) + "'";
  if (weights.size() > kShown)
    names += " (" + std::to_string(weights.size()) + " in all)";
  Location loc = weights.front().getLoc();
  InFlightDiagnostic diagnostic = strict ? emitError(loc) : emitWarning(loc);
  diagnostic << "expected weights of linear layers with a multiple of "
             << groupSize << " input channels for 'granularity: per_group', "
             << "got " << names << " of "
             << cast<RankedTensorType>(weights.front().getType());
  if (strict)
    return diagnostic << "; set 'granularity: per_channel' for them, or leave "
                         "out strict";
  diagnostic << "; they get a scale for each output channel";
  return success();
}
