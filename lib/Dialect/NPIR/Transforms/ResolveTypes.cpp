// This file implements how statistics become the quantized types of
// activations. ResolveWeights.cpp has those of weights.
#include "ResolveTypes.h"
#include "ObservedRanges.h"
#include "QuantizeUtils.h"

using namespace mlir;
using namespace mlir::npir;

/// `spec` for the whole tensor.
static SpecAttr withOneScale(SpecAttr spec) {
  return SpecAttr::get(spec.getContext(), spec.getBits(), spec.getIsSigned(),
                       spec.getScheme(), spec.getNarrow(),
                       Granularity::PerTensor, /*axis=*/int64_t(-1),
                       /*groupSize=*/int64_t(0), spec.getObserver());
}

/// What cut values of the tensors in `group` count.
static ClipRule getClipRule(ArrayRef<ObserveOp> group,
                            const ClipWeights &weights) {
  auto isSummed = [](ObserveOp op) {
    return llvm::any_of(op->getUsers(), [](Operation *user) {
      auto quantizable = dyn_cast<QuantizableOpInterface>(user);
      return quantizable && quantizable.getProductsPerElement() > 0;
    });
  };
  return {llvm::any_of(group, isSummed) ? weights.summed : weights.others,
          weights.share};
}

/// The types of an activation that shares its own with no other.
static LogicalResult resolveSingle(ObserveOp op,
                                   const StatisticsSource &source) {
  MLIRContext *context = op.getContext();
  SpecAttr spec = op.getSpec();
  IntegerGrid grid = getFormat(spec).grid;
  ClipRule rule = getClipRule(op, source.clipWeights);
  FailureOr<SmallVector<DerivedRange>> whole =
      getRanges(op, /*axis=*/-1, source, rule);
  if (failed(whole))
    return failure();
  checkScheme(op, spec, *whole, source);
  Type perTensor =
      getPerTensorType(context, grid, getParams(*whole, spec).front());
  int64_t axis = getSpecAxis(spec);
  if (axis < 0) {
    setTypes(op, perTensor, Type());
    explain(op, *whole, /*isFixed=*/false, source);
    return success();
  }
  FailureOr<SmallVector<DerivedRange>> channels =
      getRanges(op, axis, source, rule);
  if (failed(channels))
    return failure();
  setTypes(op, getPerAxisType(context, grid, getParams(*channels, spec), axis),
           perTensor);
  explain(op, *channels, /*isFixed=*/false, source);
  return success();
}

/// The range that holds `lhs` and `rhs`.
static RealRange unite(std::optional<RealRange> lhs, RealRange rhs) {
  return lhs ? RealRange{std::min(lhs->lo, rhs.lo), std::max(lhs->hi, rhs.hi)}
             : rhs;
}

/// A type from a range that the op's mathematics fixes, without any statistics.
static void setFixedTypes(ObserveOp op, RealRange range,
                          const StatisticsSource &source) {
  SpecAttr spec = op.getSpec();
  IntegerGrid grid = getFormat(spec).grid;
  DerivedRange derived{range};
  QuantParams params = getParams(derived, spec).front();
  Type type = getPerTensorType(spec.getContext(), grid, params);
  if (int64_t axis = getSpecAxis(spec); axis < 0) {
    setTypes(op, type, Type());
  } else {
    SmallVector<QuantParams> channels(
        cast<RankedTensorType>(op.getType()).getDimSize(axis), params);
    setTypes(op, getPerAxisType(spec.getContext(), grid, channels, axis), type);
  }
  explain(op, derived, /*isFixed=*/true, source);
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
  DerivedRange derived;
  bool isFixed = true;
  for (ObserveOp member : group) {
    member.setSpecAttr(spec);
    if (auto known = fixed.find(member); known != fixed.end()) {
      range = unite(range, known->second);
      continue;
    }
    isFixed = false;
    if (ElementsAttr value = getFloatConstant(member.getInput())) {
      FailureOr<SmallVector<DerivedRange>> constant =
          getConstantRanges(member, value, /*axis=*/-1);
      if (failed(constant))
        return failure();
      derived = constant->front();
      range = unite(range, derived.range);
      continue;
    }
    FailureOr<const TensorStatistics *> statistics =
        getStatistics(member, source);
    if (failed(statistics))
      return failure();
    joined.join(**statistics);
  }
  if (joined.isObserved()) {
    derived = explainRange(joined, getObserver(spec), getFormat(spec),
                           getClipRule(group, source.clipWeights));
    range = unite(range, derived.range);
  }
  derived.range = *range;
  checkScheme(chosen, spec, derived, source);
  Type type = getPerTensorType(spec.getContext(), getFormat(spec).grid,
                               getParams(derived, spec).front());
  for (ObserveOp member : group) {
    setTypes(member, type, Type());
    explain(member, derived, isFixed, source);
  }
  return success();
}

LogicalResult mlir::npir::resolveGroup(ArrayRef<ObserveOp> group,
                                       const StatisticsSource &source) {
  if (group.size() > 1)
    return resolveShared(group, source);
  DenseMap<Operation *, RealRange> fixed = getFixedRanges(group);
  if (fixed.empty())
    return resolveSingle(group.front(), source);
  setFixedTypes(group.front(), fixed.begin()->second, source);
  return success();
}
