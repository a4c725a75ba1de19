// This file implements how statistics become quantized types.
#include "ResolveTypes.h"
#include "CalibrationAdvice.h"
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

static ObserverParams getObserver(SpecAttr spec) {
  return cast<ObserverAttrInterface>(spec.getObserver()).getObserverParams();
}

static IntegerGrid getSpecGrid(SpecAttr spec) {
  return {spec.getBits(), spec.getIsSigned(), spec.getNarrow()};
}

static QuantFormat getFormat(SpecAttr spec) {
  return {getSpecGrid(spec), spec.getScheme() == Scheme::Affine
                                 ? QuantScheme::Affine
                                 : QuantScheme::Symmetric};
}

/// The ranges of a constant, one for each slice along `axis` or, where that is
/// -1, one in all.
static FailureOr<SmallVector<RealRange>>
getConstantRanges(ObserveOp op, ElementsAttr value, int64_t axis) {
  ConstantBytes bytes(value);
  ArrayRef<float> values = bytes.as<float>();
  TensorStatistics statistics;
  statistics.update(values);
  if (uint64_t count = statistics.nonFiniteCount())
    return emitErrorAt(op) << "expected a constant of finite values, got "
                           << count
                           << " that are not; repair the model, or leave the "
                              "layer in float";
  SmallVector<RealRange> ranges;
  for (std::optional<RealRange> range : deriveExactRanges(
           values.data(),
           ChannelView::get(value.getShapedType().getShape(), axis),
           getObserver(op.getSpec()), getFormat(op.getSpec())))
    ranges.push_back(range.value_or(RealRange()));
  return ranges;
}

/// What the file has of an activation; enough for its spec.
static FailureOr<const TensorStatistics *>
getStatistics(ObserveOp op, const StatisticsSource &source) {
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
  StringRef missing = getMissing(statistics, getObserver(op.getSpec()),
                                 getSpecAxis(op.getSpec()) >= 0);
  if (!missing.empty())
    return emitErrorAt(op) << "expected " << missing << " of tensor '"
                           << op.getId() << "', got none in '" << source.path
                           << "'; calibrate again with this configuration";
  return &statistics;
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

/// Note where a symmetric grid without sign is no good choice.
static void checkScheme(ObserveOp op, SpecAttr spec, ArrayRef<RealRange> ranges,
                        const StatisticsSource &source) {
  if (!spec.getIsSigned() && spec.getScheme() == Scheme::Symmetric &&
      llvm::any_of(ranges, [](RealRange range) { return range.lo < 0.0; }))
    source.advice->addNegative(op);
}

/// Note what a percentile of each channel cannot be.
static void checkChannels(ObserveOp op, const TensorStatistics &statistics,
                          const StatisticsSource &source) {
  ObserverParams observer = getObserver(op.getSpec());
  if (size_t few = countChannelsOfFewValues(statistics, observer))
    source.advice->addFewValues(op, few, statistics.channelHistograms.size());
  if (observer.kind == ObserverParams::Kind::Percentile && observer.sigma)
    source.advice->addWithoutSigma(op);
}

/// The ranges of `op`, one for each slice along `axis` or, where that is -1,
/// one in all.
static FailureOr<SmallVector<RealRange>>
getRanges(ObserveOp op, int64_t axis, const StatisticsSource &source) {
  if (ElementsAttr value = getFloatConstant(op.getInput()))
    return getConstantRanges(op, value, axis);
  FailureOr<const TensorStatistics *> statistics = getStatistics(op, source);
  if (failed(statistics))
    return failure();
  ObserverParams observer = getObserver(op.getSpec());
  if (axis < 0)
    return SmallVector<RealRange>{
        deriveRange(**statistics, observer, getFormat(op.getSpec()))};
  SmallVector<RealRange> ranges =
      deriveChannelRanges(**statistics, observer, getFormat(op.getSpec()));
  if (failed(checkChannelCount(op, ranges.size())))
    return failure();
  checkChannels(op, **statistics, source);
  return ranges;
}

static SmallVector<QuantParams> getParams(ArrayRef<RealRange> ranges,
                                          SpecAttr spec) {
  return llvm::map_to_vector(ranges, [&](RealRange range) {
    QuantFormat format = getFormat(spec);
    return computeQuantParams(range, format.grid, format.scheme);
  });
}

/// The types of an activation that shares its own with no other.
static LogicalResult resolveSingle(ObserveOp op,
                                   const StatisticsSource &source) {
  MLIRContext *context = op.getContext();
  SpecAttr spec = op.getSpec();
  IntegerGrid grid = getSpecGrid(spec);
  FailureOr<SmallVector<RealRange>> whole = getRanges(op, /*axis=*/-1, source);
  if (failed(whole))
    return failure();
  checkScheme(op, spec, *whole, source);
  Type perTensor =
      getPerTensorType(context, grid, getParams(*whole, spec).front());
  int64_t axis = getSpecAxis(spec);
  if (axis < 0) {
    setTypes(op, perTensor, Type());
    return success();
  }
  FailureOr<SmallVector<RealRange>> channels = getRanges(op, axis, source);
  if (failed(channels))
    return failure();
  setTypes(op, getPerAxisType(context, grid, getParams(*channels, spec), axis),
           perTensor);
  return success();
}

/// The range that holds `lhs` and `rhs`.
static RealRange unite(std::optional<RealRange> lhs, RealRange rhs) {
  return lhs ? RealRange{std::min(lhs->lo, rhs.lo), std::max(lhs->hi, rhs.hi)}
             : rhs;
}

/// A type from a range that the op's mathematics fixes, without any statistics.
static void setFixedTypes(ObserveOp op, RealRange range) {
  SpecAttr spec = op.getSpec();
  QuantParams params = getParams(range, spec).front();
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
      copied = unite(copied, known->second);
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
  ObserveOp chosen = chooseSpec(group);
  SpecAttr spec = withOneScale(chosen.getSpec());
  DenseMap<Operation *, RealRange> fixed = getFixedRanges(group);
  TensorStatistics joined;
  std::optional<RealRange> range;
  for (ObserveOp member : group) {
    member.setSpecAttr(spec);
    if (auto known = fixed.find(member); known != fixed.end()) {
      range = unite(range, known->second);
      continue;
    }
    if (ElementsAttr value = getFloatConstant(member.getInput())) {
      FailureOr<SmallVector<RealRange>> constant =
          getConstantRanges(member, value, /*axis=*/-1);
      if (failed(constant))
        return failure();
      range = unite(range, constant->front());
      continue;
    }
    FailureOr<const TensorStatistics *> statistics =
        getStatistics(member, source);
    if (failed(statistics))
      return failure();
    joined.join(**statistics);
  }
  if (joined.isObserved())
    range =
        unite(range, deriveRange(joined, getObserver(spec), getFormat(spec)));
  checkScheme(chosen, spec, *range, source);
  Type type = getPerTensorType(spec.getContext(), getSpecGrid(spec),
                               getParams(*range, spec).front());
  for (ObserveOp member : group)
    setTypes(member, type, Type());
  return success();
}

LogicalResult mlir::npir::resolveGroup(ArrayRef<ObserveOp> group,
                                       const StatisticsSource &source) {
  if (group.size() > 1)
    return resolveShared(group, source);
  DenseMap<Operation *, RealRange> fixed = getFixedRanges(group);
  if (fixed.empty())
    return resolveSingle(group.front(), source);
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
  int64_t axis = getSpecAxis(spec);
  FailureOr<SmallVector<RealRange>> ranges = getRanges(weight, axis, source);
  if (failed(ranges))
    return failure();
  checkScheme(weight, spec, *ranges, source);
  SmallVector<QuantParams> params = getParams(*ranges, spec);
  SmallVector<bool> isZero = llvm::map_to_vector(
      *ranges, [](RealRange range) { return range == RealRange(); });
  for (OpOperand &use : weight.getResult().getUses())
    adjustScales(use, isZero, params);
  MLIRContext *context = weight.getContext();
  Type type =
      axis < 0 ? Type(getPerTensorType(context, getSpecGrid(spec), params[0]))
               : Type(getPerAxisType(context, getSpecGrid(spec), params, axis));
  setTypes(weight, type, Type());
  return success();
}
