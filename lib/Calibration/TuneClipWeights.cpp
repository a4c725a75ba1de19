// This file implements the choice of clip weights by running the network.
#include "OutputError.h"
#include "Recorders.h"

#include "npir/Calibration/Calibration.h"
#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Observers/Observer.h"
#include "npir/Support/Progress.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::npir;

/// How much is run: values of observed tensors, and samples.
static constexpr uint64_t kValues = uint64_t(1) << 29;
static constexpr uint64_t kLeastSamples = 32, kMostSamples = 256;
/// The trials that are reckoned with; there may be fewer.
static constexpr uint64_t kExpectedTrials = 13;

bool mlir::npir::usesClipWeights(ModuleOp module) {
  WalkResult result = module.walk([](ObserveOp op) {
    SpecAttr spec = op.getSpec();
    if (spec.isNone() || op.getRole() != Role::Activation ||
        matchPattern(op.getInput(), m_Constant()))
      return WalkResult::advance();
    auto observer = cast<ObserverAttrInterface>(spec.getObserver());
    return observer.getObserverParams().kind == ObserverParams::Kind::Auto
               ? WalkResult::interrupt()
               : WalkResult::advance();
  });
  return result.wasInterrupted();
}

/// As many as make kValues values, of those asked for. Only tensors that get a
/// range count: whether a file has others does not matter.
static SampleSpan limit(SampleSpan span, ModuleOp module,
                        const StatisticsFile &statistics) {
  uint64_t values = 0;
  module.walk([&](ObserveOp op) {
    if (needsStatistics(op))
      if (auto found = statistics.tensors.find(op.getId().str());
          found != statistics.tensors.end())
        values += found->second.count;
  });
  uint64_t perSample =
      values / std::max<uint64_t>(statistics.sampleCount(), 1) + 1;
  auto count = static_cast<int64_t>(
      std::clamp(kValues / perSample, kLeastSamples, kMostSamples));
  span.end = std::min(span.end, span.begin + count);
  return span;
}

namespace {
/// Ranges from some samples, to be judged by others.
struct Fold {
  Fold(ModuleOp module, const ClipWeightOptions &options)
      : error(module, options) {}

  StatisticsFile statistics;
  OutputError error;
};

class Tuner {
public:
  Tuner(ModuleOp module, const StatisticsFile &statistics, StringRef name,
        const ClipWeightOptions &options)
      : module(module), all(statistics), name(name), options(options) {}

  FailureOr<ClipWeightSearch> run();

private:
  LogicalResult addFold(SampleSpan seen, SampleSpan judged);
  FailureOr<OutputSums> measure(ClipWeights weights);

  ModuleOp module;
  const StatisticsFile &all;
  StringRef name;
  const ClipWeightOptions &options;
  std::vector<std::unique_ptr<Fold>> folds;
};
} // namespace

LogicalResult Tuner::addFold(SampleSpan seen, SampleSpan judged) {
  CalibrationOptions calibration;
  calibration.data = options.data;
  calibration.samples = seen;
  calibration.batch = static_cast<int64_t>(all.batchSize);
  calibration.rowSample = static_cast<int64_t>(all.rowSample);
  calibration.threads = options.threads;
  calibration.quiet = true;
  calibration.checkpoint = 0;
  calibration.isCancelled = options.isCancelled;
  calibration.lower = options.lower;
  FailureOr<StatisticsFile> statistics = calibrate(module, calibration);
  if (failed(statistics))
    return failure();
  folds.push_back(std::make_unique<Fold>(module, options));
  folds.back()->statistics = std::move(*statistics);
  return folds.back()->error.start(judged);
}

FailureOr<OutputSums> Tuner::measure(ClipWeights weights) {
  AttachOptions attach;
  attach.clipWeights = weights;
  attach.keepWeights = true;
  OutputSums sums;
  for (const std::unique_ptr<Fold> &fold : folds) {
    // The clone shares the constants; they are not copied.
    OwningOpRef<ModuleOp> copy = module.clone();
    if (failed(attachCalibration(*copy, &fold->statistics, name, attach)) ||
        failed(fold->error.measure(*copy, sums)))
      return failure();
  }
  return sums;
}

FailureOr<ClipWeightSearch> Tuner::run() {
  // What there is to say was said when the module was calibrated, or will be
  // when its integers are made.
  ScopedDiagnosticHandler handler(
      module.getContext(), [](Diagnostic &diagnostic) {
        return success(diagnostic.getSeverity() != DiagnosticSeverity::Error);
      });
  // The data tells where the samples end.
  OutputError everything(module, options);
  FailureOr<SampleSpan> opened = everything.open(options.samples);
  if (failed(opened))
    return failure();
  SampleSpan span = limit(*opened, module, all);
  // A single sample judges itself.
  int64_t middle = (span.begin + span.end) / 2;
  SampleSpan first{span.begin, middle}, second{middle, span.end};
  LogicalResult added = middle == span.begin
                            ? addFold(span, span)
                            : success(succeeded(addFold(first, second)) &&
                                      succeeded(addFold(second, first)));
  if (failed(added))
    return failure();
  Progress progress("choosing ranges", "trials", kExpectedTrials,
                    options.quiet);
  uint64_t done = 0;
  FailureOr<ClipWeightSearch> search =
      searchClipWeights([&](ClipWeights weights) {
        FailureOr<OutputSums> sums = measure(weights);
        progress.update(std::min(++done, kExpectedTrials));
        return sums;
      });
  if (succeeded(search))
    search->samples = span.end - span.begin;
  return search;
}

FailureOr<ClipWeightSearch>
mlir::npir::searchClipWeights(ModuleOp module, const StatisticsFile &statistics,
                              StringRef name,
                              const ClipWeightOptions &options) {
  return Tuner(module, statistics, name, options).run();
}
