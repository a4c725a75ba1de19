// This file implements the ranges of observed tensors.
#include "ObservedRanges.h"
#include "CalibrationAdvice.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Kernels/Unary.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;

InFlightDiagnostic mlir::npir::emitErrorAt(ObserveOp op) {
  return emitError(op.getInput().getLoc());
}

int64_t mlir::npir::getSpecAxis(SpecAttr spec) {
  return spec.getGranularity() == Granularity::PerChannel ? spec.getAxis() : -1;
}

ObserverParams mlir::npir::getObserver(SpecAttr spec) {
  return cast<ObserverAttrInterface>(spec.getObserver()).getObserverParams();
}

QuantFormat mlir::npir::getFormat(SpecAttr spec) {
  return {{spec.getBits(), spec.getIsSigned(), spec.getNarrow()},
          spec.getScheme() == Scheme::Affine ? QuantScheme::Affine
                                             : QuantScheme::Symmetric};
}

SmallVector<QuantParams> mlir::npir::getParams(ArrayRef<DerivedRange> ranges,
                                               SpecAttr spec) {
  QuantFormat format = getFormat(spec);
  return llvm::map_to_vector(ranges, [&](const DerivedRange &derived) {
    return computeQuantParams(derived.range, format.grid, format.scheme);
  });
}

void mlir::npir::setTypes(ObserveOp op, Type resolved, Type perTensor) {
  op.setResolvedAttr(TypeAttr::get(resolved));
  op.setPerTensorAttr(perTensor ? TypeAttr::get(perTensor) : TypeAttr());
}

void mlir::npir::checkScheme(ObserveOp op, SpecAttr spec,
                             ArrayRef<DerivedRange> ranges,
                             const StatisticsSource &source) {
  if (!spec.getIsSigned() && spec.getScheme() == Scheme::Symmetric &&
      llvm::any_of(ranges, [](const DerivedRange &derived) {
        return derived.range.lo < 0.0;
      }))
    source.advice->add(
        op, "negative values, for which unsigned integers with a symmetric "
            "scheme leave a part of the grid unused; set the affine scheme "
            "('quantization_method: Affine'), or signed integers");
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

LogicalResult mlir::npir::checkFinite(ObserveOp op, ArrayRef<float> values) {
  TensorStatistics statistics;
  statistics.update(values);
  if (uint64_t count = statistics.nonFiniteCount())
    return emitErrorAt(op) << "expected a constant of finite values, got "
                           << count
                           << " that are not; repair the model, or leave the "
                              "layer in float";
  return success();
}

FailureOr<SmallVector<DerivedRange>>
mlir::npir::getConstantRanges(ObserveOp op, ElementsAttr value, int64_t axis) {
  ConstantBytes bytes(value);
  ArrayRef<float> values = bytes.as<float>();
  if (failed(checkFinite(op, values)))
    return failure();
  SpecAttr spec = op.getSpec();
  ChannelView view = ChannelView::get(value.getShapedType().getShape(), axis);
  return llvm::map_to_vector(
      explainExactRanges(values.data(), view, getObserver(spec),
                         getFormat(spec), ContextThreads{op.getContext()}),
      [](const std::optional<DerivedRange> &derived) {
        return derived.value_or(DerivedRange());
      });
}

//===----------------------------------------------------------------------===//
// Activations
//===----------------------------------------------------------------------===//

FailureOr<const TensorStatistics *>
mlir::npir::getStatistics(ObserveOp op, const StatisticsSource &source) {
  if (!source.file)
    return emitErrorAt(op) << "expected statistics of tensor '" << op.getId()
                           << "', got no file; pass stats=FILE, which "
                              "--npir-calibrate writes";
  auto found = source.file->tensors.find(op.getId().str());
  if (found == source.file->tensors.end())
    return emitErrorAt(op) << "expected statistics of tensor '" << op.getId()
                           << "', got none in '" << source.path
                           << "'; calibrate this model again";
  found->second.unpackInto(source.unpacked);
  const TensorStatistics &statistics = source.unpacked;
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

/// Advise where the observer of each channel cannot do what it should.
static void checkChannels(ObserveOp op, const TensorStatistics &statistics,
                          const StatisticsSource &source) {
  constexpr StringLiteral remedy =
      "; set one scale per tensor ('calibration_mode: layer_wise')";
  ObserverParams observer = getObserver(op.getSpec());
  bool isKL = observer.kind == ObserverParams::Kind::KL;
  if (size_t few = countChannelsOfFewValues(statistics, observer))
    source.advice->add(
        op,
        llvm::formatv("these channels have too few values for the {0} and take "
                      "their extrema{1}",
                      isKL ? "divergence" : "percentile", remedy),
        llvm::formatv("{0} of {1}", few, statistics.channelHistograms.size()));
  bool isPercentile = observer.kind == ObserverParams::Kind::Percentile;
  if ((isPercentile && observer.sigma) ||
      observer.kind == ObserverParams::Kind::EMA)
    source.advice->add(
        op, llvm::formatv("the {0} of channels are those of all "
                          "batches together, without sigma{1}",
                          isPercentile ? "percentiles" : "ranges", remedy));
}

/// Cut off is what changes the result by less than this share of a step of its
/// own grid.
static constexpr double kShareOfStep = 0.25;

RealRange mlir::npir::getSteepRange(ObserveOp op,
                                    const TensorStatistics &statistics) {
  RealRange extrema{std::min(statistics.minVal, 0.0f),
                    std::max(statistics.maxVal, 0.0f)};
  std::optional<RealRange> steep;
  for (Operation *user : op->getUsers()) {
    auto unary = dyn_cast<UnaryOpInterface>(user);
    if (!unary)
      return kAllValues;
    npir_kernels::UnaryFunction function = unary.getUnaryFunction();
    auto evaluate = [&](double x) {
      return double(npir_kernels::evaluateUnary(function, float(x)));
    };
    double lo = evaluate(0.0), hi = lo;
    constexpr int kPlaces = 512;
    for (int i = 0; i <= kPlaces; ++i) {
      double y = evaluate(extrema.lo + (extrema.hi - extrema.lo) * i / kPlaces);
      lo = std::min(lo, y);
      hi = std::max(hi, y);
    }
    double steps = std::ldexp(1.0, int(op.getSpec().getBits())) - 1.0;
    RealRange one =
        getSteepRange(evaluate, extrema, kShareOfStep * (hi - lo) / steps);
    steep = steep ? RealRange{std::min(steep->lo, one.lo),
                              std::max(steep->hi, one.hi)}
                  : one;
  }
  return steep.value_or(kAllValues);
}

FailureOr<SmallVector<DerivedRange>>
mlir::npir::getRanges(ObserveOp op, int64_t axis,
                      const StatisticsSource &source, ClipRule rule) {
  if (ElementsAttr value = getFloatConstant(op.getInput()))
    return getConstantRanges(op, value, axis);
  FailureOr<const TensorStatistics *> statistics = getStatistics(op, source);
  if (failed(statistics))
    return failure();
  ObserverParams observer = getObserver(op.getSpec());
  QuantFormat format = getFormat(op.getSpec());
  if (axis < 0) {
    if (observer.kind == ObserverParams::Kind::Auto)
      rule.limits = getSteepRange(op, **statistics);
    return SmallVector<DerivedRange>{
        explainRange(**statistics, observer, format, rule)};
  }
  SmallVector<DerivedRange> ranges =
      explainChannelRanges(**statistics, observer, format, rule.weight);
  if (failed(checkChannelCount(op, ranges.size())))
    return failure();
  checkChannels(op, **statistics, source);
  return ranges;
}
