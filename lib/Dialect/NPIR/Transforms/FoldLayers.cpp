// This file implements the folding of quantize/dequantize pairs into layers.
#include "ObservedSchemes.h"
#include "QDQFolder.h"
#include "QDQGrid.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Kernels/Requantize.h"

#include "mlir/IR/TypeUtilities.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;

/// The one type that all users of `value` quantize it to, or null.
static Type getQuantizedUse(Value value) {
  Type type;
  for (Operation *user : value.getUsers()) {
    auto quantize = dyn_cast<QuantizeOp>(user);
    if (!quantize || (type && quantize.getType() != type))
      return {};
    type = quantize.getType();
  }
  return type;
}

Value mlir::npir::getQuantizedSource(Value value) {
  auto dequantize = value.getDefiningOp<DequantizeOp>();
  return dequantize ? dequantize.getInput() : Value();
}

/// The element type of a bias beside operands of `types`; null where these
/// have no integer form.
static quant::QuantizedType getBiasElementType(QuantizableOpInterface op,
                                               const OpTypes &types) {
  auto find = [&](Role role) -> quant::QuantizedType {
    SmallVector<OpOperand *> operands = op.getOperandsWithRole(role);
    if (operands.empty())
      return {};
    return getQuantizedElementType(
        types.operands[operands.front()->getOperandNumber()]);
  };
  quant::QuantizedType input = find(Role::Activation);
  quant::QuantizedType weight = find(Role::Weight);
  if (!weight || !isa_and_nonnull<quant::UniformQuantizedType>(input))
    return {};
  return getBiasType(getScales(input).front(), weight);
}

//===----------------------------------------------------------------------===//
// Biases
//===----------------------------------------------------------------------===//

/// The constant, of any type, that a bias is read from; null where there is
/// none.
static ConstantOp getStoredBias(Value bias) {
  auto dequantize = bias.getDefiningOp<DequantizeOp>();
  return dequantize ? dequantize.getInput().getDefiningOp<ConstantOp>()
                    : ConstantOp();
}

/// The values of `bias` in f32: a constant's, or what a stored one stands for.
static FailureOr<std::vector<float>> getBiasValues(Value bias) {
  if (ConstantOp stored = getStoredBias(bias))
    return getRealValues(stored);
  ElementsAttr constant = getFloatConstant(bias);
  if (!constant)
    return failure();
  ConstantBytes bytes(constant);
  return bytes.as<float>().vec();
}

/// Quantize the bias at `operand`. Failure gives the reason.
static std::string quantizeBias(OpOperand &operand, float inputScale,
                                ArrayRef<float> weightScales,
                                std::vector<int32_t> &values) {
  FailureOr<std::vector<float>> real = getBiasValues(operand.get());
  if (failed(real))
    return "expected a constant bias, in f32 or dequantized";
  for (auto [channel, bias] : llvm::enumerate(*real)) {
    npir_kernels::QuantizedBias quantized = npir_kernels::quantizeBias(
        bias, inputScale, weightScales[weightScales.size() == 1 ? 0 : channel]);
    if (quantized.saturated)
      return llvm::formatv("expected a bias that fits in 32 bits in units of "
                           "input scale * weight scale, got {0} in channel {1}",
                           bias, channel)
          .str();
    values.push_back(quantized.value);
  }
  return {};
}

/// Quantize the biases of `op`. Failure gives the reason.
std::string QDQFolder::quantizeBiases(QuantizableOpInterface op,
                                      Folded &folded) {
  auto getScalesOf = [&](Role role) {
    OpOperand *operand = op.getOperandsWithRole(role).front();
    return getScales(getQuantizedElementType(
        folded.types.operands[operand->getOperandNumber()]));
  };
  for (OpOperand *operand : op.getOperandsWithRole(Role::Bias)) {
    Type type = folded.types.operands[operand->getOperandNumber()];
    Bias bias{operand, cast<RankedTensorType>(type), {}, {}};
    // The source's own integers are taken as they are.
    if (ConstantOp stored = getStoredBias(operand->get());
        stored && stored.getType() == type) {
      bias.stored = stored;
      folded.biases.push_back(std::move(bias));
      continue;
    }
    std::string reason =
        quantizeBias(*operand, getScalesOf(Role::Activation)[0],
                     getScalesOf(Role::Weight), bias.values);
    if (!reason.empty())
      return reason;
    folded.biases.push_back(std::move(bias));
  }
  return {};
}

/// The bias as a constant beside the one that it was, with its name; where that
/// has other users and stays, with the layer's name behind it.
Value QDQFolder::createBias(const Bias &bias) {
  if (bias.stored)
    return bias.stored;
  Value original = bias.operand->get();
  Operation *constant = original.getDefiningOp();
  OpBuilder builder(constant);
  Location loc = original.getLoc();
  if (!original.hasOneUse())
    loc = derivedLocation(loc,
                          ("." + getLayerName(bias.operand->getOwner())).str());
  return createConstant(builder, loc, bias.type,
                        ArrayRef<int32_t>(bias.values));
}

//===----------------------------------------------------------------------===//
// Layers
//===----------------------------------------------------------------------===//

void mlir::npir::noteFloatReason(Operation *op, const Twine &reason) {
  op->setAttr(NPIRDialect::kFloatReasonAttrName,
              StringAttr::get(op->getContext(), reason));
}

/// The types that `op` has between dequantized operands and a quantized result.
/// Where it is not there, the reason: the configuration or another problem
/// decided.
static std::string getQuantizedTypes(QuantizableOpInterface op,
                                     OpTypes &types) {
  types = OpTypes::of(op);
  if (hasInputs(op, "float"))
    return "its inputs are configured as float";
  types.results[0] = getQuantizedUse(op->getResult(0));
  if (!types.results[0])
    return "its result is not quantized";
  for (OpOperand &operand : op->getOpOperands()) {
    Role role = op.getOperandRole(operand.getOperandNumber());
    if (role != Role::Activation && role != Role::Weight && role != Role::Shape)
      continue;
    if (Value source = getQuantizedSource(operand.get()))
      types.operands[operand.getOperandNumber()] = source.getType();
    else if (role == Role::Activation)
      return "its operand '" + getTensorId(operand.get()) +
             "' is not quantized";
  }
  if (quant::QuantizedType biasType = getBiasElementType(op, types))
    for (OpOperand *operand : op.getOperandsWithRole(Role::Bias))
      types.operands[operand->getOperandNumber()] =
          withElementType(operand->get().getType(), biasType);
  return {};
}

std::optional<QDQFolder::Folded> QDQFolder::tryFold(QuantizableOpInterface op) {
  if (!hasIntegerArithmetic(op) || target.isFloatOnly(op)) {
    StringRef name = op->getName().getStringRef();
    std::string reason =
        (target.getName() + " has no '" + name + "' on quantized tensors")
            .str();
    OpTypes types;
    if (getQuantizedTypes(op, types).empty())
      unsupported.push_back(
          {op->getLoc(), ("'" + name + "' stays in float: " + reason).str()});
    noteFloatReason(op, reason);
    return std::nullopt;
  }
  Folded folded;
  std::string reason = getQuantizedTypes(op, folded.types);
  if (!reason.empty()) {
    noteFloatReason(op, reason);
    return std::nullopt;
  }
  Legality legality = target.check(op, folded.types);
  if (legality.isLegal())
    reason = quantizeBiases(op, folded);
  else
    reason = std::move(legality.reason);
  if (reason.empty()) {
    FailureOr<Attribute> requant = target.computeRequant(op, folded.types);
    if (succeeded(requant) && *requant) {
      folded.requant = *requant;
      return folded;
    }
    reason = "no numbers for its integer arithmetic";
  }
  addProblem(op->getLoc(), "'" + op->getName().getStringRef() +
                               "' stays in float on target '" +
                               target.getName() + "': " + reason);
  noteFloatReason(op, reason);
  return std::nullopt;
}

void QDQFolder::fold(QuantizableOpInterface op, const Folded &folded) {
  for (OpOperand &operand : op->getOpOperands()) {
    unsigned index = operand.getOperandNumber();
    if (isQuantizedTensor(folded.types.operands[index]) &&
        op.getOperandRole(index) != Role::Bias)
      if (Value source = getQuantizedSource(operand.get()))
        operand.set(source);
  }
  for (const Bias &bias : folded.biases)
    bias.operand->set(createBias(bias));
  Value result = op->getResult(0);
  result.setType(folded.types.results.front());
  op->setAttr("requant", folded.requant);
  for (Operation *user : llvm::make_early_inc_range(result.getUsers())) {
    user->getResult(0).replaceAllUsesWith(result);
    user->erase();
  }
}

void QDQFolder::foldLayers() {
  for (Block &block : func.getBody())
    for (Operation *offer : findOffers(block))
      offers.insert(offer);
  SmallVector<QuantizableOpInterface> layers, copies;
  func.walk([&](QuantizableOpInterface op) {
    // Indices and truth values have no form in integers of their own.
    if (isa<QuantizeOp>(op) || op->getNumResults() != 1 ||
        !getElementTypeOrSelf(op->getResult(0)).isF32())
      return;
    bool isCopy = op.getArithmetic() == Arithmetic::Copy;
    (isCopy ? copies : layers).push_back(op);
  });
  for (QuantizableOpInterface layer : layers)
    if (std::optional<Folded> folded = tryFold(layer))
      fold(layer, *folded);
  foldCopies(copies);
}
