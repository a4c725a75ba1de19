// This file implements the warnings about tensors that calibration has seen.
#include "Findings.h"

#include "llvm/Support/Format.h"

using namespace mlir;
using namespace mlir::npir;

/// Of one kind; then a count.
static constexpr size_t kMostShown = 20;

namespace {
/// What may be wrong with a tensor.
enum class Finding { NonFinite, NeverRecorded, AllZero, Constant };
} // namespace

static std::optional<Finding> getFinding(const TensorStatistics &statistics) {
  if (statistics.count == 0)
    return Finding::NeverRecorded;
  if (statistics.nonFiniteCount())
    return Finding::NonFinite;
  if (statistics.minVal != statistics.maxVal)
    return std::nullopt;
  return statistics.minVal == 0 ? Finding::AllZero : Finding::Constant;
}

static StringRef describe(Finding finding) {
  switch (finding) {
  case Finding::NonFinite:
    return "hold non-finite values";
  case Finding::NeverRecorded:
    return "were never recorded";
  case Finding::AllZero:
    return "are all zero";
  case Finding::Constant:
    return "are constant";
  }
  llvm_unreachable("all kinds are above");
}

static std::string toText(float value) {
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("%g", value);
  return text;
}

static void show(Diagnostic &diagnostic, Finding finding, StringRef id,
                 const TensorStatistics &statistics) {
  switch (finding) {
  case Finding::NonFinite:
    diagnostic << "tensor " << id << " holds " << statistics.nonFiniteCount()
               << " non-finite of " << statistics.count
               << " values; they are left out of its range: look at the data, "
                  "or skip the layer in the configuration";
    return;
  case Finding::NeverRecorded:
    diagnostic << "tensor " << id
               << " was never recorded: it is the same for every sample and "
                  "counts with the first sample of a batch, which is not among "
                  "these; merge statistics that have one, or calibrate from a "
                  "batch's begin on";
    return;
  case Finding::AllZero:
    diagnostic << "tensor " << id << " is zero in all " << statistics.count
               << " values, so its scale is a guess: the layer may be dead, or "
                  "the samples too few to reach it; look at the data";
    return;
  case Finding::Constant:
    diagnostic << "tensor " << id << " is " << toText(statistics.minVal)
               << " in all " << statistics.count
               << " values, so its scale rests on that one: the samples may be "
                  "too few or too alike; look at the data";
    return;
  }
}

LogicalResult mlir::npir::reportFindings(const Recorders &recorders,
                                         const StatisticsFile &file,
                                         bool strict) {
  struct Entry {
    Location loc;
    StringRef id;
    const TensorStatistics *statistics;
  };
  std::map<Finding, std::vector<Entry>> found;
  for (const auto &[id, recorder] : recorders.get()) {
    const TensorStatistics &statistics = file.tensors.at(id.str());
    if (!recorder.isNeeded)
      continue;
    ObserveOp op = recorder.op;
    if (std::optional<Finding> finding = getFinding(statistics))
      found[*finding].push_back({op.getInput().getLoc(), id, &statistics});
  }
  for (const auto &[finding, entries] : found) {
    bool isError = finding == Finding::NonFinite && strict;
    DiagnosticSeverity severity =
        isError ? DiagnosticSeverity::Error : DiagnosticSeverity::Warning;
    for (const auto &[i, entry] : llvm::enumerate(entries)) {
      InFlightDiagnostic diagnostic =
          entry.loc->getContext()->getDiagEngine().emit(entry.loc, severity);
      if (i == kMostShown) {
        diagnostic << entries.size() - i << " more tensors "
                   << describe(finding);
        break;
      }
      show(*diagnostic.getUnderlyingDiagnostic(), finding, entry.id,
           *entry.statistics);
    }
  }
  return success(!strict || !found.count(Finding::NonFinite));
}
