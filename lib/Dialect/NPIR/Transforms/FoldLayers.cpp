// This file implements the folding of quantize/dequantize pairs into layers.
#include "QDQFolder.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Kernels/Requantize.h"

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

/// The quantized value that `value` is dequantized from, or null.
static Value getQuantizedSource(Value value) {
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

namespace {
/// A bias in integers, not yet a constant.
struct Bias {
  OpOperand *operand;
  RankedTensorType type;
  std::vector<int32_t> values;
};
} // namespace

/// Quantize the bias at `operand`. Failure gives the reason.
static std::string quantizeBias(OpOperand &operand, float inputScale,
                                ArrayRef<float> weightScales,
                                std::vector<int32_t> &values) {
  ElementsAttr constant = getFloatConstant(operand.get());
  if (!constant)
    return "expected a constant f32 bias";
  ConstantBytes bytes(constant);
  for (auto [channel, bias] : llvm::enumerate(bytes.as<float>())) {
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

/// The bias as a constant beside the float one, with its name; where that has
/// other users and stays, with the layer's name behind it.
static Value createBias(const Bias &bias) {
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

void QDQFolder::foldLayer(QuantizableOpInterface op) {
  Type resultType = getQuantizedUse(op->getResult(0));
  if (!resultType || isQuantizedTensor(op->getResult(0).getType()))
    return;
  OpTypes types = OpTypes::of(op);
  types.results[0] = resultType;
  for (OpOperand &operand : op->getOpOperands()) {
    Role role = op.getOperandRole(operand.getOperandNumber());
    if (role != Role::Activation && role != Role::Weight && role != Role::Shape)
      continue;
    if (Value source = getQuantizedSource(operand.get()))
      types.operands[operand.getOperandNumber()] = source.getType();
    else if (role == Role::Activation)
      return; // A float input: the configuration or another problem decided.
  }
  quant::QuantizedType biasType = getBiasElementType(op, types);
  SmallVector<OpOperand *> biasOperands = op.getOperandsWithRole(Role::Bias);
  for (OpOperand *operand : biasOperands)
    if (biasType)
      types.operands[operand->getOperandNumber()] =
          withElementType(operand->get().getType(), biasType);

  auto stayFloat = [&](StringRef reason) {
    addProblem(op->getLoc(), "'" + op->getName().getStringRef() +
                                 "' stays in float on target '" +
                                 target.getName() + "': " + reason);
  };
  Legality legality = target.check(op, types);
  if (!legality.isLegal())
    return stayFloat(legality.reason);
  SmallVector<Bias> biases;
  for (OpOperand *operand : biasOperands) {
    Bias bias{
        operand,
        cast<RankedTensorType>(types.operands[operand->getOperandNumber()]),
        {}};
    float inputScale = getScales(getQuantizedElementType(
        types.operands[op.getOperandsWithRole(Role::Activation)
                           .front()
                           ->getOperandNumber()]))[0];
    SmallVector<float> weightScales = getScales(getQuantizedElementType(
        types.operands[op.getOperandsWithRole(Role::Weight)
                           .front()
                           ->getOperandNumber()]));
    std::string reason =
        quantizeBias(*operand, inputScale, weightScales, bias.values);
    if (!reason.empty())
      return stayFloat(reason);
    biases.push_back(std::move(bias));
  }
  FailureOr<Attribute> requant = target.computeRequant(op, types);
  if (failed(requant) || !*requant)
    return stayFloat("no numbers for its integer arithmetic");

  // Nothing can fail any more.
  for (OpOperand &operand : op->getOpOperands())
    if (isQuantizedTensor(types.operands[operand.getOperandNumber()]))
      if (Value source = getQuantizedSource(operand.get()))
        operand.set(source);
  for (const Bias &bias : biases)
    bias.operand->set(createBias(bias));
  op->getResult(0).setType(resultType);
  op->setAttr("requant", *requant);
  for (Operation *user :
       llvm::make_early_inc_range(op->getResult(0).getUsers())) {
    user->getResult(0).replaceAllUsesWith(op->getResult(0));
    user->erase();
  }
}

void QDQFolder::foldLayers() {
  SmallVector<QuantizableOpInterface> layers;
  func.walk([&](QuantizableOpInterface op) {
    if (isQuantizableLayer(op) && op->getNumResults() == 1)
      layers.push_back(op);
  });
  for (QuantizableOpInterface layer : layers)
    foldLayer(layer);
}
