// This file implements --npir-report-coverage.
#include "npir/Analysis/Coverage.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"
#include "npir/Support/AtomicFile.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace mlir::npir {
#define GEN_PASS_DEF_REPORTCOVERAGEPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct ReportCoverage final : impl::ReportCoveragePassBase<ReportCoverage> {
  using ReportCoveragePassBase::ReportCoveragePassBase;

  void runOnOperation() override {
    markAllAnalysesPreserved();
    llvm::json::Object functions;
    for (func::FuncOp func : getOperation().getOps<func::FuncOp>()) {
      if (!getStation(func))
        continue;
      Coverage coverage = computeCoverage(func);
      if (report.empty()) {
        llvm::outs() << "@" << func.getName() << "\n";
        coverage.print(llvm::outs());
      }
      functions[func.getName()] = coverage.toJSON();
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
