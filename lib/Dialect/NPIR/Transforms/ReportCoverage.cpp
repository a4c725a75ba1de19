// This file implements --npir-report-coverage.
#include "npir/Analysis/Coverage.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Support/AtomicFile.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_REPORTCOVERAGEPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct ReportCoverage final : impl::ReportCoveragePassBase<ReportCoverage> {
  using ReportCoveragePassBase::ReportCoveragePassBase;

  FailureOr<SmallVector<const Target *>> findTargets() {
    SmallVector<const Target *> found;
    for (const std::string &name : targets) {
      const Target *target = lookupTarget(name);
      if (!target)
        return emitError(UnknownLoc::get(&getContext()))
               << "unknown target '" << name << "'; expected one of "
               << llvm::join(getTargetNames(), ", ");
      found.push_back(target);
    }
    return found;
  }

  /// Under `strict`: one error with the list of all layers in float.
  LogicalResult check(func::FuncOp func, const Coverage &coverage) {
    if (!strict || coverage.getNumIslands() == 0)
      return success();
    auto isFloat = [](const LayerCoverage &layer) { return layer.island != 0; };
    InFlightDiagnostic diagnostic = emitError(func.getLoc());
    diagnostic << llvm::count_if(coverage.layers, isFloat) << " of "
               << coverage.layers.size() << " layers of @" << func.getName()
               << " compute in float:";
    for (const LayerCoverage &layer : coverage.layers) {
      if (!isFloat(layer))
        continue;
      std::string reason = layer.floatReason;
      if (reason.empty() && !layer.targets.empty())
        reason = layer.targets.front().reason;
      diagnostic << "\n  '" << layer.layer << "' ('" << layer.op << "')"
                 << (reason.empty() ? "" : ": ") << reason;
    }
    return diagnostic;
  }

  void runOnOperation() override {
    markAllAnalysesPreserved();
    FailureOr<SmallVector<const Target *>> asked = findTargets();
    if (failed(asked))
      return signalPassFailure();
    llvm::json::Object functions;
    for (func::FuncOp func : getOperation().getOps<func::FuncOp>()) {
      if (!getStation(func))
        continue;
      Coverage coverage = computeCoverage(func, *asked);
      if (report.empty()) {
        llvm::outs() << "@" << func.getName() << "\n";
        coverage.print(llvm::outs());
      }
      functions[func.getName()] = coverage.toJSON();
      if (failed(check(func, coverage)))
        signalPassFailure();
    }
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
