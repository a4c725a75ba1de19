// This file implements --npir-insert-qdq.
#include "GroupedWeights.h"
#include "ObservedSchemes.h"
#include "QDQFolder.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Kernels/Requantize.h"

#include "mlir/Interfaces/SideEffectInterfaces.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_INSERTQDQPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct InsertQDQ final : impl::InsertQDQPassBase<InsertQDQ> {
  using InsertQDQPassBase::InsertQDQPassBase;

  void runOnOperation() override {
    FailureOr<SmallVector<func::FuncOp>> functions =
        getFunctionsAt(getOperation(), Station::Calibrated);
    if (failed(functions))
      return signalPassFailure();
    for (func::FuncOp func : *functions) {
      SmallVector<ObserveOp> observes;
      func.walk([&](ObserveOp op) { observes.push_back(op); });
      for (ObserveOp op : observes)
        if (failed(replace(op)))
          return signalPassFailure();
      func.walk([](QuantizableOpInterface layer) { roundBiases(layer); });
      setStation(func, Station::QDQ);
    }
  }

private:
  static LogicalResult replace(ObserveOp op);
  static void roundBiases(QuantizableOpInterface layer);
};
} // namespace

/// The observed value as quantized values: computed, or for a weight stored.
/// A constant activation is computed, too: whether it is worth to be stored
/// depends on what the target computes in integers.
static Value quantize(OpBuilder &builder, ObserveOp op,
                      quant::QuantizedType type) {
  Value input = op.getInput();
  ElementsAttr value = getFloatConstant(input);
  if (value && op.getRole() == Role::Weight)
    return quantizeConstant(builder, input.getLoc(), value, type);
  return QuantizeOp::create(builder, getServingLocation(input, ".quantize"),
                            withElementType(input.getType(), type), input,
                            op.getPerTensorAttr(), op.getRequestedAttr(),
                            /*requant=*/Attribute());
}

/// The weights of `layer` are to be quantized, or are.
static bool hasQuantizedWeights(Operation *layer) {
  return llvm::all_of(
      cast<QuantizableOpInterface>(layer).getOperandsWithRole(Role::Weight),
      [](OpOperand *operand) {
        Operation *source = operand->get().getDefiningOp();
        if (auto observe = dyn_cast_or_null<ObserveOp>(source))
          return !observe.getSpec().isNone();
        return isa_and_nonnull<DequantizeOp, DequantizeGroupsOp>(source);
      });
}

/// Let the layers that multiply rows of what `op` observes with quantized
/// weights read `value`'s rows rounded: those that are configured so, and, if
/// the tensor is, all that do not want floats.
static void quantizeRows(ObserveOp op, Value value) {
  bool isDynamic = op.getSpec().getGranularity() == Granularity::PerRow;
  auto isRounded = [&](OpOperand &use) {
    return isReadInRows(use) && hasQuantizedWeights(use.getOwner()) &&
           (hasInputs(use.getOwner(), "dynamic") ||
            (isDynamic && !hasInputs(use.getOwner(), "float")));
  };
  if (llvm::none_of(op->getUses(), isRounded))
    return;
  OpBuilder builder(op);
  auto rounded = DynamicQuantizeOp::create(
      builder, getServingLocation(op.getInput(), ".rows"), value.getType(),
      value);
  op.getResult().replaceUsesWithIf(rounded.getResult(), isRounded);
}

LogicalResult InsertQDQ::replace(ObserveOp op) {
  Value input = op.getInput();
  if (!needsType(op)) {
    quantizeRows(op, input);
    op.getResult().replaceAllUsesWith(input);
    op.erase();
    return success();
  }
  std::optional<Type> resolved = op.getResolved();
  if (!resolved)
    return emitError(input.getLoc())
           << "expected a resolved type of tensor '" << op.getId()
           << "', got none; run --npir-attach-calibration first";
  OpBuilder builder(op);
  if (op.getSpec().getGranularity() == Granularity::PerGroup) {
    op.getResult().replaceAllUsesWith(
        quantizeInGroups(builder, op).getResult());
  } else {
    Value quantized =
        quantize(builder, op, cast<quant::QuantizedType>(*resolved));
    auto dequantize =
        DequantizeOp::create(builder, getServingLocation(input, ".dequantize"),
                             input.getType(), quantized);
    quantizeRows(op, dequantize.getResult());
    op.getResult().replaceAllUsesWith(dequantize.getResult());
  }
  op.erase();
  // The float original of a stored constant. Its memory stays with the
  // context: a clone of the module may refer to it.
  if (Operation *constant = input.getDefiningOp();
      constant && isOpTriviallyDead(constant))
    constant->erase();
  return success();
}

/// The element type of the tensor that the first operand with `role` is read
/// back from; null where there is none.
static quant::QuantizedType getReadType(QuantizableOpInterface layer,
                                        Role role) {
  SmallVector<OpOperand *> operands = layer.getOperandsWithRole(role);
  Value source =
      operands.empty() ? Value() : getQuantizedSource(operands.front()->get());
  return source ? getQuantizedElementType(source.getType())
                : quant::QuantizedType();
}

/// The values of `bias` on the grid that integers of `input` and `weight` have
/// in their products. Fails where one of them has no place there.
static FailureOr<std::vector<float>>
roundBias(ArrayRef<float> bias, float input, ArrayRef<float> weights) {
  if (weights.size() != 1 && weights.size() != bias.size())
    return failure();
  std::vector<float> values;
  for (auto [channel, value] : llvm::enumerate(bias)) {
    float weight = weights[weights.size() == 1 ? 0 : channel];
    npir_kernels::QuantizedBias rounded =
        npir_kernels::quantizeBias(value, input, weight);
    if (rounded.saturated)
      return failure();
    values.push_back(
        static_cast<float>(rounded.value * (double(input) * double(weight))));
  }
  return values;
}

/// Where a layer's input and weight are integers, its biases become the real
/// values of the integers that they will be: else their rounding would part
/// what is computed here from what the integers compute.
void InsertQDQ::roundBiases(QuantizableOpInterface layer) {
  auto input = dyn_cast_or_null<quant::UniformQuantizedType>(
      getReadType(layer, Role::Activation));
  quant::QuantizedType weight = getReadType(layer, Role::Weight);
  if (!input || !weight ||
      llvm::any_of(getQuantParams(weight),
                   [](const QuantParams &p) { return p.zeroPoint != 0; }))
    return;
  for (OpOperand *operand : layer.getOperandsWithRole(Role::Bias)) {
    Value original = operand->get();
    ElementsAttr value = getFloatConstant(original);
    if (!value)
      continue;
    ConstantBytes bytes(value);
    FailureOr<std::vector<float>> rounded = roundBias(
        bytes.as<float>(), getScales(input).front(), getScales(weight));
    if (failed(rounded) || ArrayRef(*rounded) == bytes.as<float>())
      continue;
    Operation *constant = original.getDefiningOp();
    OpBuilder builder(constant);
    Location loc = original.getLoc();
    if (!original.hasOneUse())
      loc = derivedLocation(loc, ("." + getLayerName(layer)).str());
    operand->set(createConstant(builder, loc,
                                cast<RankedTensorType>(original.getType()),
                                ArrayRef<float>(*rounded)));
    if (isOpTriviallyDead(constant))
      constant->erase();
  }
}
} // namespace mlir::npir
