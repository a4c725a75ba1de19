// This file implements the ranges of observed tensors.
#include "ObservedRanges.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/Constants.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

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
                             ArrayRef<DerivedRange> ranges) {
  if (!spec.getIsSigned() && spec.getScheme() == Scheme::Symmetric &&
      llvm::any_of(ranges, [](const DerivedRange &derived) {
        return derived.range.lo < 0.0;
      }))
    emitWarning(op.getInput().getLoc())
        << "tensor '" << op.getId()
        << "' has negative values, for which unsigned integers with a "
           "symmetric scheme leave a part of the grid unused; set the affine "
           "scheme ('quantization_method: Affine'), or signed integers";
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

FailureOr<SmallVector<DerivedRange>>
mlir::npir::getConstantRanges(ObserveOp op, ElementsAttr value, int64_t axis) {
  ConstantBytes bytes(value);
  ArrayRef<float> values = bytes.as<float>();
  TensorStatistics statistics;
  statistics.update(values);
  if (uint64_t count = statistics.nonFiniteCount())
    return emitErrorAt(op) << "expected a constant of finite values, got "
                           << count
                           << " that are not; repair the model, or leave the "
                              "layer in float";
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

/// Tell what the observer of each channel cannot do.
static void checkChannels(ObserveOp op, const TensorStatistics &statistics) {
  ObserverParams observer = getObserver(op.getSpec());
  bool isKL = observer.kind == ObserverParams::Kind::KL;
  SmallVector<std::string> findings;
  if (size_t few = countChannelsOfFewValues(statistics, observer))
    findings.push_back(
        llvm::formatv("{0} of {1} channels have too few values for the {2} and "
                      "take their extrema",
                      few, statistics.channelHistograms.size(),
                      isKL ? "divergence" : "percentile"));
  if (observer.kind == ObserverParams::Kind::Percentile && observer.sigma)
    findings.push_back("the percentiles of channels are those of all batches "
                       "together, without sigma");
  if (observer.kind == ObserverParams::Kind::EMA)
    findings.push_back("the ranges of channels are those of all batches "
                       "together, without sigma");
  if (!findings.empty())
    emitWarning(op.getInput().getLoc())
        << "tensor '" << op.getId() << "': " << llvm::join(findings, "; ")
        << "; set one scale per tensor ('calibration_mode: layer_wise')";
}

FailureOr<SmallVector<DerivedRange>>
mlir::npir::getRanges(ObserveOp op, int64_t axis,
                      const StatisticsSource &source) {
  if (ElementsAttr value = getFloatConstant(op.getInput()))
    return getConstantRanges(op, value, axis);
  FailureOr<const TensorStatistics *> statistics = getStatistics(op, source);
  if (failed(statistics))
    return failure();
  ObserverParams observer = getObserver(op.getSpec());
  QuantFormat format = getFormat(op.getSpec());
  if (axis < 0)
    return SmallVector<DerivedRange>{
        explainRange(**statistics, observer, format)};
  SmallVector<DerivedRange> ranges =
      explainChannelRanges(**statistics, observer, format);
  if (failed(checkChannelCount(op, ranges.size())))
    return failure();
  checkChannels(op, **statistics);
  return ranges;
}
