// This file implements how statistics become quantized types.
#include "ResolveTypes.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Observers/Observer.h"

#include <cmath>

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Statistics of one tensor
//===----------------------------------------------------------------------===//

static InFlightDiagnostic emitErrorAt(ObserveOp op) {
  return emitError(op.getInput().getLoc());
}

/// The axis that the spec wants a scale for each slice of, or -1.
static int64_t getSpecAxis(SpecAttr spec) {
  return spec.getGranularity() == Granularity::PerChannel ? spec.getAxis() : -1;
}

static FailureOr<TensorStatistics> getConstantStatistics(ObserveOp op,
                                                         ElementsAttr value) {
  TensorStatistics statistics;
  ConstantBytes bytes(value);
  statistics.update(bytes.as<float>().data(),
                    ChannelView::get(value.getShapedType().getShape(),
                                     getSpecAxis(op.getSpec())));
  if (uint64_t count = statistics.nonFiniteCount())
    return emitErrorAt(op) << "expected a constant of finite values, got "
                           << count
                           << " that are not; repair the model, or leave the "
                              "layer in float";
  return statistics;
}

static FailureOr<TensorStatistics>
getStatistics(ObserveOp op, const StatisticsSource &source) {
  if (ElementsAttr value = getFloatConstant(op.getInput()))
    return getConstantStatistics(op, value);
  if (!source.file)
    return emitErrorAt(op) << "expected statistics of tensor '" << op.getId()
                           << "', got no file; pass stats=FILE, which "
                              "--npir-calibrate writes";
  auto found = source.file->tensors.find(op.getId().str());
  if (found == source.file->tensors.end())
    return emitErrorAt(op) << "expected statistics of tensor '" << op.getId()
                           << "', got none in '" << source.path
                           << "'; calibrate this model again";
  const TensorStatistics &statistics = found->second;
  if (!statistics.isObserved())
    return emitErrorAt(op)
           << "expected finite values of tensor '" << op.getId() << "', got "
           << (statistics.count == 0 ? "no value at all"
                                     : "only NaN and infinities")
           << " in '" << source.path
           << "'; calibrate with other data, or leave the layer in float";
  if (getSpecAxis(op.getSpec()) >= 0 && statistics.channelMin.empty())
    return emitErrorAt(op) << "expected channels of tensor '" << op.getId()
                           << "', got none in '" << source.path
                           << "'; calibrate again with this configuration";
  return statistics;
}

static ObserverParams getObserver(SpecAttr spec) {
  return cast<ObserverAttrInterface>(spec.getObserver()).getObserverParams();
}

static IntegerGrid getSpecGrid(SpecAttr spec) {
  return {spec.getBits(), spec.getIsSigned(), spec.getNarrow()};
}

static QuantScheme getScheme(SpecAttr spec) {
  return spec.getScheme() == Scheme::Affine ? QuantScheme::Affine
                                            : QuantScheme::Symmetric;
}

/// The smallest range that holds both.
static RealRange unite(RealRange a, RealRange b) {
  return {std::min(a.lo, b.lo), std::max(a.hi, b.hi)};
}

static Type getPerTensor(const TensorStatistics &statistics, SpecAttr spec) {
  return getPerTensorType(
      spec.getContext(), getSpecGrid(spec),
      computeQuantParams(deriveRange(statistics, getObserver(spec)),
                         getSpecGrid(spec), getScheme(spec)));
}

static SmallVector<QuantParams>
getChannelParams(const TensorStatistics &statistics, SpecAttr spec) {
  SmallVector<QuantParams> params;
  for (RealRange range : deriveChannelRanges(statistics, getObserver(spec)))
    params.push_back(
        computeQuantParams(range, getSpecGrid(spec), getScheme(spec)));
  return params;
}

static LogicalResult checkChannelCount(ObserveOp op, size_t count) {
  int64_t expected = cast<RankedTensorType>(op.getType())
                         .getDimSize(getSpecAxis(op.getSpec()));
  if (static_cast<int64_t>(count) == expected)
    return success();
  return emitErrorAt(op) << "expected statistics of " << expected
                         << " channels of tensor '" << op.getId() << "', got "
                         << count << "; calibrate this model again";
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

static void setTypes(ObserveOp op, Type resolved, Type perTensor) {
  op.setResolvedAttr(TypeAttr::get(resolved));
  op.setPerTensorAttr(perTensor ? TypeAttr::get(perTensor) : TypeAttr());
}

/// `spec` for the whole tensor.
static SpecAttr withOneScale(SpecAttr spec) {
  return SpecAttr::get(spec.getContext(), spec.getBits(), spec.getIsSigned(),
                       spec.getScheme(), spec.getNarrow(),
                       Granularity::PerTensor, /*axis=*/int64_t(-1),
                       /*groupSize=*/int64_t(0), spec.getObserver());
}

/// A type from a range that the op's mathematics fixes, without any statistics.
static void setFixedTypes(ObserveOp op, RealRange range) {
  SpecAttr spec = op.getSpec();
  QuantParams params =
      computeQuantParams(range, getSpecGrid(spec), getScheme(spec));
  Type perTensor =
      getPerTensorType(spec.getContext(), getSpecGrid(spec), params);
  int64_t axis = getSpecAxis(spec);
  if (axis < 0)
    return setTypes(op, perTensor, Type());
  SmallVector<QuantParams> channels(
      cast<RankedTensorType>(op.getType()).getDimSize(axis), params);
  setTypes(op,
           getPerAxisType(spec.getContext(), getSpecGrid(spec), channels, axis),
           perTensor);
}

/// The type of a tensor that shares it with no other.
static LogicalResult resolveActivation(ObserveOp op,
                                       const StatisticsSource &source) {
  SpecAttr spec = op.getSpec();
  FailureOr<TensorStatistics> statistics = getStatistics(op, source);
  if (failed(statistics))
    return failure();
  Type perTensor = getPerTensor(*statistics, spec);
  int64_t axis = getSpecAxis(spec);
  if (axis < 0) {
    setTypes(op, perTensor, Type());
    return success();
  }
  SmallVector<QuantParams> params = getChannelParams(*statistics, spec);
  if (failed(checkChannelCount(op, params.size())))
    return failure();
  setTypes(op,
           getPerAxisType(spec.getContext(), getSpecGrid(spec), params, axis),
           perTensor);
  return success();
}

/// The range that mathematics fixes for each member of `group`, and for those
/// that are copies of such members. None where the configuration names a
/// member: then its observer decides.
static DenseMap<Operation *, RealRange>
getFixedRanges(ArrayRef<ObserveOp> group) {
  DenseMap<Operation *, RealRange> ranges;
  if (llvm::any_of(group, [](ObserveOp op) { return op.getRequested(); }))
    return ranges;
  for (ObserveOp member : group) {
    auto result = dyn_cast<OpResult>(member.getInput());
    auto producer = dyn_cast_or_null<QuantizableOpInterface>(
        member.getInput().getDefiningOp());
    if (!producer)
      continue;
    if (auto range = producer.getFixedOutputRange(result.getResultNumber())) {
      ranges[member] = {range->first, range->second};
      continue;
    }
    // Values that only move are in the range that they were in.
    std::optional<RealRange> copied;
    for (unsigned index : producer.getSameScaleOperands()) {
      auto known = ranges.find(getObservation(producer->getOperand(index)));
      if (known == ranges.end()) {
        copied.reset();
        break;
      }
      copied = copied ? unite(*copied, known->second) : known->second;
    }
    if (copied)
      ranges[member] = *copied;
  }
  return ranges;
}

/// The member whose spec holds for `group`: the first that the configuration
/// names, or the first. A warning where it asks another member for another.
static ObserveOp chooseSpec(ArrayRef<ObserveOp> group) {
  auto named =
      llvm::find_if(group, [](ObserveOp op) { return op.getRequested(); });
  ObserveOp chosen = named == group.end() ? group.front() : *named;
  for (ObserveOp member : group)
    if (member.getRequested() == chosen.getRequested() &&
        withOneScale(member.getSpec()) != withOneScale(chosen.getSpec()))
      emitWarning(member.getInput().getLoc())
          << "tensor '" << member.getId()
          << "' shares its quantized type with '" << chosen.getId()
          << "', whose specification is used";
  return chosen;
}

/// One type for tensors that differ in shape, so that only one scale fits all.
static LogicalResult resolveShared(ArrayRef<ObserveOp> group,
                                   const StatisticsSource &source) {
  SpecAttr spec = withOneScale(chooseSpec(group).getSpec());
  DenseMap<Operation *, RealRange> fixed = getFixedRanges(group);
  TensorStatistics merged;
  for (ObserveOp member : group) {
    if (fixed.contains(member))
      continue;
    FailureOr<TensorStatistics> statistics = getStatistics(member, source);
    if (failed(statistics))
      return failure();
    statistics->channelMin.clear();
    statistics->channelMax.clear();
    llvm::cantFail(merged.merge(*statistics));
  }
  // (0, 0) without statistics, and every range holds zero.
  RealRange range = deriveRange(merged, getObserver(spec));
  for (const auto &[member, fixedRange] : fixed)
    range = unite(range, fixedRange);
  Type type = getPerTensorType(
      spec.getContext(), getSpecGrid(spec),
      computeQuantParams(range, getSpecGrid(spec), getScheme(spec)));
  for (ObserveOp member : group) {
    member.setSpecAttr(spec);
    setTypes(member, type, Type());
  }
  return success();
}

LogicalResult mlir::npir::resolveGroup(ArrayRef<ObserveOp> group,
                                       const StatisticsSource &source) {
  if (group.size() > 1)
    return resolveShared(group, source);
  DenseMap<Operation *, RealRange> fixed = getFixedRanges(group);
  if (fixed.empty())
    return resolveActivation(group.front(), source);
  setFixedTypes(group.front(), fixed.begin()->second);
  return success();
}

//===----------------------------------------------------------------------===//
// Weights
//===----------------------------------------------------------------------===//

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
  FailureOr<TensorStatistics> statistics = getStatistics(weight, source);
  if (failed(statistics))
    return failure();
  int64_t axis = getSpecAxis(spec);
  SmallVector<RealRange> ranges;
  if (axis >= 0)
    ranges = deriveChannelRanges(*statistics, getObserver(spec));
  else
    ranges.push_back(deriveRange(*statistics, getObserver(spec)));
  if (axis >= 0 && failed(checkChannelCount(weight, ranges.size())))
    return failure();
  SmallVector<QuantParams> params;
  SmallVector<bool> isZero;
  for (RealRange range : ranges) {
    params.push_back(
        computeQuantParams(range, getSpecGrid(spec), getScheme(spec)));
    isZero.push_back(range == RealRange());
  }
  for (OpOperand &use : weight.getResult().getUses())
    adjustScales(use, isZero, params);
  MLIRContext *context = weight.getContext();
  Type type =
      axis < 0 ? Type(getPerTensorType(context, getSpecGrid(spec), params[0]))
               : Type(getPerAxisType(context, getSpecGrid(spec), params, axis));
  setTypes(weight, type, Type());
  return success();
}
