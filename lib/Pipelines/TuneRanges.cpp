// This file implements --npir-tune-ranges.
#include "TuneRanges.h"
#include "Lowering.h"

#include "npir/Pipelines/Pipelines.h"
#include "npir/Support/Interrupt.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_TUNERANGESPASS
#include "npir/Pipelines/Passes.h.inc"

/// `inf` or `16`.
static std::string formatWeight(double weight) {
  return llvm::formatv("{0}", llvm::format("%g", weight));
}

/// `16 and inf`; with a share of values, that.
static std::string formatTrial(const ClipWeights &weights) {
  if (weights.share != 0.0)
    return llvm::formatv("share {0}", llvm::format("%g", weights.share));
  return formatWeight(weights.summed) + " and " + formatWeight(weights.others);
}

static std::string describe(const ClipWeightSearch &search) {
  const ClipWeightTrial &chosen = search.getChosen();
  std::string rule =
      chosen.weights.share != 0.0
          ? llvm::formatv("cuts off a share of {0} of the values at either end",
                          llvm::format("%g", chosen.weights.share))
                .str()
          : llvm::formatv("counts what a range cuts off {0} times where "
                          "products are summed up and {1} times elsewhere",
                          formatWeight(chosen.weights.summed),
                          formatWeight(chosen.weights.others))
                .str();
  if (!std::isfinite(chosen.sqnr))
    return llvm::formatv(
        "observer 'auto' {0}, as it does by default: {1}, so the output does "
        "not tell how good ranges are",
        rule,
        chosen.sqnr > 0 ? "quantizing changes no output of real numbers"
                        : "outputs are not finite");
  std::string text = llvm::formatv(
      "observer 'auto' {0}: output SQNR {1:f2} dB over {2} sample{3}", rule,
      chosen.sqnr, search.samples, search.samples == 1 ? "" : "s");
  SmallVector<std::string> others;
  for (const ClipWeightTrial &trial : search.trials)
    if (&trial != &chosen)
      others.push_back(llvm::formatv("{0}: {1:f2} dB",
                                     formatTrial(trial.weights), trial.sqnr));
  return text + " (" + llvm::join(others, ", ") + ")";
}

LogicalResult attachTuned(ModuleOp module, const StatisticsFile &statistics,
                          StringRef name, const ClipWeightOptions &options) {
  AttachOptions plain;
  plain.clipWeights = ClipWeights();
  if (failed(attachCalibration(module, &statistics, name, plain)))
    return failure();
  if (!usesClipWeights(module))
    return success();
  FailureOr<ClipWeightSearch> search =
      searchClipWeights(module, statistics, name, options);
  if (failed(search))
    return failure();
  setClipWeights(module, search->getChosen().weights);
  if (!options.quiet)
    emitRemark(UnknownLoc::get(module.getContext())) << describe(*search);
  // Scales of weights depend on those of activations, here and there. What
  // there is to warn of was said above.
  ScopedDiagnosticHandler handler(
      module.getContext(), [](Diagnostic &diagnostic) {
        return success(diagnostic.getSeverity() != DiagnosticSeverity::Error);
      });
  return attachCalibration(module, &statistics, name);
}

namespace {
struct TuneRanges final : impl::TuneRangesPassBase<TuneRanges> {
  using TuneRangesPassBase::TuneRangesPassBase;

  void getDependentDialects(DialectRegistry &registry) const override {
    registerExecutionDialects(registry);
    collectLoweringDialects(lower, registry);
  }

  void runOnOperation() override {
    if (failed(run()))
      signalPassFailure();
  }

private:
  LogicalResult run() {
    Location loc = UnknownLoc::get(&getContext());
    if (data.empty() || stats.empty())
      return emitError(loc) << "--npir-tune-ranges needs data=DIR and "
                               "stats=FILE, which --npir-calibrate writes";
    FailureOr<SampleSpan> span = parseSamples(samples, loc);
    if (failed(span))
      return failure();
    llvm::Expected<StatisticsFile> loaded =
        StatisticsFile::load(stats, /*keepPacked=*/true);
    if (!loaded)
      return emitError(loc) << llvm::toString(loaded.takeError());
    ClipWeightOptions options;
    options.data = data.getValue();
    options.samples = *span;
    options.threads = threads;
    options.quiet = quiet;
    if (!lower.empty())
      options.lower = [this](ModuleOp copy) {
        return runLowering(copy, lower);
      };
    InterruptGuard guard;
    options.isCancelled = &InterruptGuard::wasInterrupted;
    return attachTuned(getOperation(), *loaded, stats, options);
  }
};
} // namespace
} // namespace mlir::npir
