// This file implements --npir-lint.
#include "npir/Analysis/Lint.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Support/AtomicFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_LINTPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct Lint final : impl::LintPassBase<Lint> {
  using LintPassBase::LintPassBase;

  /// Tell `findings`; under `strict` as errors.
  void emit(ArrayRef<LintFinding> findings) {
    for (const LintFinding &finding : findings) {
      InFlightDiagnostic diagnostic =
          strict ? emitError(finding.loc) : emitWarning(finding.loc);
      diagnostic << stringifyLintKind(finding.kind) << ": layer '"
                 << finding.layer << "' ('" << finding.op
                 << "'): " << finding.problem << "; " << finding.remedy;
    }
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    const Target *described = lookupTarget(target);
    if (!described) {
      emitError(UnknownLoc::get(&getContext()))
          << "unknown target '" << target << "'; expected one of "
          << llvm::join(getTargetNames(), ", ");
      return signalPassFailure();
    }
    llvm::json::Object functions;
    bool isFound = false;
    for (func::FuncOp func : getOperation().getOps<func::FuncOp>()) {
      std::optional<Station> station = getStation(func);
      if (!station || *station > Station::Calibrated)
        continue;
      std::vector<LintFinding> findings = lint(func, *described);
      isFound |= !findings.empty();
      emit(findings);
      functions[func.getName()] = toJSON(findings);
    }
    if (isFound && strict)
      signalPassFailure();
    if (report.empty())
      return;
    llvm::Error error = writeJSONAtomically(report, [&](raw_ostream &os) {
      os << llvm::formatv("{0:2}\n", llvm::json::Value(std::move(functions)));
    });
    if (error) {
      emitError(UnknownLoc::get(&getContext()))
          << llvm::toString(std::move(error));
      signalPassFailure();
    }
  }
};
} // namespace
} // namespace mlir::npir
