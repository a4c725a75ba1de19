// This file implements the choice of clip weights by running the network.
#include "OutputError.h"

#include "npir/Dialect/NPIR/IR/NPIROps.h"
#include "npir/Observers/Observer.h"
#include "npir/Support/Progress.h"

#include "mlir/IR/Matchers.h"

using namespace mlir;
using namespace mlir::npir;

/// How much is run: values of observed tensors, and samples.
static constexpr uint64_t kValues = uint64_t(1) << 28;
static constexpr uint64_t kLeastSamples = 16, kMostSamples = 256;
/// The trials that are reckoned with; there may be fewer.
static constexpr uint64_t kExpectedTrials = 10;

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

/// As many as make kValues values.
static int64_t countSamples(const StatisticsFile &statistics) {
  uint64_t values = 0;
  for (const auto &entry : statistics.tensors)
    values += entry.second.count;
  uint64_t perSample =
      values / std::max<uint64_t>(statistics.sampleCount(), 1) + 1;
  return static_cast<int64_t>(
      std::clamp(kValues / perSample, kLeastSamples, kMostSamples));
}

FailureOr<ClipWeightSearch>
mlir::npir::searchClipWeights(ModuleOp module, const StatisticsFile &statistics,
                              StringRef name,
                              const ClipWeightOptions &options) {
  OutputError error(module, options);
  if (failed(error.start(countSamples(statistics))))
    return failure();
  Progress progress("choosing ranges", "trials", kExpectedTrials,
                    options.quiet);
  uint64_t done = 0;
  auto measure = [&](ClipWeights weights) -> FailureOr<double> {
    // What there is to say was said when the module was attached, or will be
    // when its integers are made.
    ScopedDiagnosticHandler handler(
        module.getContext(), [](Diagnostic &diagnostic) {
          return success(diagnostic.getSeverity() != DiagnosticSeverity::Error);
        });
    // The clone shares the constants; they are not copied.
    OwningOpRef<ModuleOp> copy = module.clone();
    AttachOptions attach;
    attach.clipWeights = weights;
    attach.keepWeights = true;
    if (failed(attachCalibration(*copy, &statistics, name, attach)))
      return failure();
    FailureOr<double> sqnr = error.measure(*copy);
    progress.update(std::min(++done, kExpectedTrials));
    return sqnr;
  };
  FailureOr<ClipWeightSearch> search = searchClipWeights(measure);
  if (succeeded(search))
    search->samples = error.getSamples();
  return search;
}
