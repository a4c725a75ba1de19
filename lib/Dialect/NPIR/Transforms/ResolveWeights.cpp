// This file implements how the values of weights become quantized types.
#include "GroupedWeights.h"
#include "ObservedRanges.h"
#include "QuantizeUtils.h"
#include "ResolveTypes.h"

#include "npir/Dialect/NPIR/IR/Constants.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

/// The scale of an observed activation, for a layer that has one per tensor.
static std::optional<double> getActivationScale(Value value) {
  ObserveOp observe = getObservation(value);
  if (!observe)
    return std::nullopt;
  std::optional<Type> type = observe.getPerTensor();
  if (!type)
    type = observe.getResolved();
  auto uniform =
      dyn_cast_or_null<quant::UniformQuantizedType>(type.value_or(Type()));
  if (!uniform)
    return std::nullopt;
  return uniform.getScale();
}

/// The least f32 that is not below `value`.
static float roundUp(double value) {
  float rounded = static_cast<float>(value);
  return rounded < value
             ? std::nextafter(rounded, std::numeric_limits<float>::infinity())
             : rounded;
}

/// Adjust `params` for one layer that reads the weight; `isZero` marks channels
/// of zeros, which any scale represents.
static void adjustScales(OpOperand &use, ArrayRef<bool> isZero,
                         MutableArrayRef<QuantParams> params) {
  auto layer = dyn_cast<QuantizableOpInterface>(use.getOwner());
  if (!layer || layer->getNumResults() == 0 ||
      layer.getOperandRole(use.getOperandNumber()) != Role::Weight)
    return;
  SmallVector<OpOperand *> inputs = layer.getOperandsWithRole(Role::Activation);
  if (inputs.empty())
    return;
  std::optional<double> x = getActivationScale(inputs.front()->get());
  std::optional<double> y = getActivationScale(layer->getResult(0));
  if (!x)
    return;
  auto raise = [&](QuantParams &p, double least) {
    p.scale = std::max(p.scale, roundUp(least));
  };
  if (y)
    for (auto [channel, p] : llvm::enumerate(params)) {
      if (isZero[channel])
        p.scale = roundUp(std::ldexp(*y / *x, -10));
      raise(p, std::ldexp(*y / *x, -31));
    }
  for (OpOperand *operand : layer.getOperandsWithRole(Role::Bias)) {
    ElementsAttr value = getFloatConstant(operand->get());
    if (!value)
      continue;
    ConstantBytes bytes(value);
    for (auto [channel, bias] : llvm::enumerate(bytes.as<float>())) {
      size_t index = params.size() == 1 ? 0 : channel;
      if (index < params.size() && std::isfinite(bias))
        raise(params[index], std::ldexp(std::fabs(bias) / *x, -30));
    }
  }
}

LogicalResult mlir::npir::resolveWeight(ObserveOp weight,
                                        const StatisticsSource &source) {
  SpecAttr spec = weight.getSpec();
  if (spec.getGranularity() == Granularity::PerGroup)
    return resolveGroupedWeight(weight);
  int64_t axis = getSpecAxis(spec);
  FailureOr<SmallVector<DerivedRange>> ranges = getRanges(weight, axis, source);
  if (failed(ranges))
    return failure();
  checkScheme(weight, spec, *ranges, source);
  SmallVector<QuantParams> params = getParams(*ranges, spec);
  SmallVector<bool> isZero =
      llvm::map_to_vector(*ranges, [](const DerivedRange &derived) {
        return derived.range == RealRange();
      });
  for (OpOperand &use : weight.getResult().getUses())
    adjustScales(use, isZero, params);
  MLIRContext *context = weight.getContext();
  IntegerGrid grid = getFormat(spec).grid;
  Type type = axis < 0 ? Type(getPerTensorType(context, grid, params[0]))
                       : Type(getPerAxisType(context, grid, params, axis));
  setTypes(weight, type, Type());
  explain(weight, *ranges, /*isFixed=*/false, source);
  return success();
}
