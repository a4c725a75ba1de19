// This file implements --npir-verify-contract: the table of contracts.
#include "VerifyContract.h"
#include "VerifyContractRules.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"
#include "npir/Dialect/NPIR/IR/Stations.h"
#include "npir/Dialect/NPIR/Transforms/Passes.h"

using namespace mlir;
using namespace mlir::npir;

//===----------------------------------------------------------------------===//
// Contracts
//===----------------------------------------------------------------------===//

namespace {
/// From one station to another, both included.
struct Span {
  Station first, last;
};
struct Clause {
  Span stations;
  Rule rule;
  /// What establishes it.
  StringLiteral pass;
};
} // namespace

/// Every contract, clause by clause; a clause holds for a span of the road.
static constexpr Clause kClauses[] = {
    {{Station::Float, Station::Calibrated}, checkAllFloat, "an importer"},
    {{Station::Float, Station::Prepared}, checkNotObserved, "an importer"},
    {{Station::Prepared, Station::Calibrated}, checkNames, "--npir-prepare"},
    {{Station::Prepared, Station::Target}, checkNoBatchNorm, "--npir-prepare"},
    {{Station::Prepared, Station::Prepared},
     checkNoTransposeChain,
     "--npir-prepare"},
    {{Station::Prepared, Station::Target}, checkModelHash, "--npir-prepare"},
    {{Station::Observed, Station::Calibrated},
     checkActivationsObserved,
     "--npir-insert-observers"},
    {{Station::Observed, Station::Calibrated},
     checkObserveIds,
     "--npir-insert-observers"},
    {{Station::Observed, Station::Observed},
     checkUnresolved,
     "--npir-insert-observers"},
    {{Station::Calibrated, Station::Calibrated},
     checkResolved,
     "--npir-attach-calibration"},
    {{Station::QDQ, Station::Target}, checkNotObserved, "--npir-insert-qdq"},
    {{Station::QDQ, Station::QDQ},
     checkQuantizedOnlyInPairs,
     "--npir-insert-qdq"},
    {{Station::QDQ, Station::QDQ},
     checkTargetIfPartitioned,
     "--npir-partition"},
    {{Station::Integer, Station::Target}, checkTarget, "--npir-partition"},
    {{Station::Integer, Station::Target}, checkRequant, "--npir-fold-qdq"},
    {{Station::Target, Station::Target},
     checkTargetDialects,
     "--convert-npir-to-xnn"},
};

LogicalResult mlir::npir::verifyContract(func::FuncOp func, Station station) {
  ViolationReporter reporter(station);
  for (const Clause &clause : kClauses) {
    if (station < clause.stations.first || station > clause.stations.last)
      continue;
    reporter.setEstablishedBy(clause.pass);
    clause.rule(func, reporter);
  }
  return failure(reporter.hasViolations());
}

//===----------------------------------------------------------------------===//
// Reporting
//===----------------------------------------------------------------------===//

void ViolationReporter::report(Location loc, const Twine &whose,
                               const Twine &expected, const Twine &got) {
  ++count;
  emitError(loc) << "contract of station '" << stringifyStation(station)
                 << "' broken by " << whose << ": expected " << expected
                 << ", got " << got << "; established by " << establishedBy;
}

void ViolationReporter::report(Operation *layer, const Twine &expected,
                               const Twine &got) {
  StringRef name = getLayerName(layer);
  if (name.empty())
    report(layer->getLoc(),
           "an unnamed '" + layer->getName().getStringRef() + "'", expected,
           got);
  else
    report(layer->getLoc(), "layer '" + name + "'", expected, got);
}

void ViolationReporter::report(BlockArgument argument, const Twine &expected,
                               const Twine &got) {
  StringRef name = getLayerName(argument.getLoc());
  if (name.empty())
    report(argument.getLoc(), "argument #" + Twine(argument.getArgNumber()),
           expected, got);
  else
    report(argument.getLoc(), "argument '" + name + "'", expected, got);
}

void ViolationReporter::report(func::FuncOp func, const Twine &expected,
                               const Twine &got) {
  report(func.getLoc(), "function @" + func.getName(), expected, got);
}

//===----------------------------------------------------------------------===//
// The pass
//===----------------------------------------------------------------------===//

namespace mlir::npir {
#define GEN_PASS_DEF_VERIFYCONTRACTPASS
#include "npir/Dialect/NPIR/Transforms/Passes.h.inc"

namespace {
struct VerifyContract final : impl::VerifyContractPassBase<VerifyContract> {
  void runOnOperation() override {
    markAllAnalysesPreserved();
    FailureOr<SmallVector<func::FuncOp>> functions = getFunctionsAt(
        getOperation(),
        {Station::Float, Station::Prepared, Station::Observed,
         Station::Calibrated, Station::QDQ, Station::Integer, Station::Target});
    if (failed(functions))
      return signalPassFailure();
    bool kept = true;
    for (func::FuncOp func : *functions)
      kept &= succeeded(verifyContract(func, *getStation(func)));
    if (!kept)
      signalPassFailure();
  }
};
} // namespace
} // namespace mlir::npir
