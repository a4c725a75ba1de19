// This file implements the spec that a tensor gets from the configuration.
#include "ObservedSpecs.h"
#include "ObservedSchemes.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

static Attribute getObserverAttr(MLIRContext *context,
                                 const ObserverParams &params) {
  switch (params.kind) {
  case ObserverParams::Kind::MinMax:
    return MinMaxAttr::get(context);
  case ObserverParams::Kind::EMA:
    return EMAAttr::get(context,
                        Builder(context).getF64FloatAttr(params.emaSigma()));
  case ObserverParams::Kind::Percentile:
    return PercentileAttr::get(context, params.alpha, params.sigma);
  case ObserverParams::Kind::OMSE:
    return OMSEAttr::get(context, params.twoSided);
  case ObserverParams::Kind::KL:
    return KLAttr::get(context, params.bins);
  case ObserverParams::Kind::Auto:
    return AutoAttr::get(context);
  }
  llvm_unreachable("unknown observer");
}

/// The axis along which `value` may have several scales; -1 where there is
/// none of known size. A constant activation has one scale.
static int64_t getChannelAxis(Value value, const ObservedTensor &observed) {
  auto type = cast<RankedTensorType>(value.getType());
  std::optional<int64_t> axis;
  if (observed.role == Role::Weight) {
    for (auto [i, use] : llvm::enumerate(observed.uses)) {
      auto user = cast<QuantizableOpInterface>(use->getOwner());
      std::optional<int64_t> wanted =
          user.getChannelAxis(use->getOperandNumber());
      if (i > 0 && wanted != axis)
        return -1;
      axis = wanted;
    }
  } else if (auto producer = value.getDefiningOp<QuantizableOpInterface>()) {
    axis =
        producer.getResultChannelAxis(cast<OpResult>(value).getResultNumber());
  } else if (type.getRank() > 0 && !getFloatConstant(value)) {
    axis = type.getRank() - 1;
  }
  if (!axis || *axis >= type.getRank() || type.isDynamicDim(*axis))
    return -1;
  return *axis;
}

/// `what` the configuration asks for, and where.
static std::string describe(const ResolvedSpec &resolved, SpecKey key) {
  return resolved.spec.getValue(key) + " (" + resolved.originOf(key).str() +
         ")";
}

LogicalResult mlir::npir::checkSpec(Value value, const ResolvedSpec &resolved) {
  const SpecConfig &spec = resolved.spec;
  auto emit = [&] {
    return emitError(value.getLoc())
           << "tensor '" << getTensorId(value) << "': ";
  };
  std::string contradiction = resolved.explainContradiction();
  if (!contradiction.empty())
    return emit() << contradiction;
  if (!spec.enabled)
    return success();
  // What is wrong of a spec for `what`, which wants one value of each key.
  auto expect = [&](bool isMet, StringRef what, StringRef expected,
                    SpecKey key) -> LogicalResult {
    if (isMet)
      return success();
    return emit() << "expected '" << getSpecKeyName(key) << ": " << expected
                  << "' for " << what << " ("
                  << resolved.originOf(SpecKey::Granularity).str() << "), got "
                  << describe(resolved, key);
  };
  if (spec.granularity == QuantGranularity::PerRow) {
    StringRef what = "activations that are quantized at run time";
    return success(
        succeeded(expect(spec.bits == 8, what, "8", SpecKey::Bits)) &&
        succeeded(expect(spec.isSigned, what, "true", SpecKey::Signed)) &&
        succeeded(expect(spec.scheme == QuantScheme::Affine, what, "affine",
                         SpecKey::Scheme)));
  }
  if (spec.granularity == QuantGranularity::PerGroup) {
    StringRef what = "weights in groups";
    return success(
        succeeded(expect(spec.bits <= 8, what, "8", SpecKey::Bits)) &&
        succeeded(expect(spec.isSigned, what, "true", SpecKey::Signed)) &&
        succeeded(expect(spec.scheme == QuantScheme::Symmetric, what,
                         "symmetric", SpecKey::Scheme)));
  }
  return success();
}

SpecAttr mlir::npir::getSpecAttr(Value value, const ObservedTensor &observed,
                                 const SpecConfig &spec) {
  MLIRContext *context = value.getContext();
  auto emit = [&] { return emitError(value.getLoc()); };
  Attribute observer = getObserverAttr(context, spec.observer);
  bool isRows = spec.granularity == QuantGranularity::PerRow;
  if (!spec.enabled || (isRows && !isReadInRows(value, observed)))
    return SpecAttr::get(context);
  if (isRows)
    return SpecAttr::getChecked(emit, context, spec.bits, spec.isSigned,
                                Scheme::Affine, /*narrow=*/false,
                                Granularity::PerRow, int64_t(-1), int64_t(0),
                                Attribute(MinMaxAttr::get(context)));
  if (isInGroups(value, observed, spec))
    return SpecAttr::getChecked(
        emit, context, spec.bits, spec.isSigned, Scheme::Symmetric, spec.narrow,
        Granularity::PerGroup, int64_t(1), int64_t(spec.groupSize), observer);
  // What groups do not divide has a scale for each channel.
  int64_t axis = spec.granularity == QuantGranularity::PerTensor
                     ? -1
                     : getChannelAxis(value, observed);
  bool isAffine = spec.scheme == QuantScheme::Affine;
  return SpecAttr::getChecked(
      emit, context, spec.bits, spec.isSigned,
      isAffine ? Scheme::Affine : Scheme::Symmetric, spec.narrow,
      axis < 0 ? Granularity::PerTensor : Granularity::PerChannel, axis,
      /*groupSize=*/int64_t(0), observer);
}
