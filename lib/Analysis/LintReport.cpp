// This file implements how what lint found is told.
#include "npir/Analysis/Lint.h"

using namespace mlir;
using namespace mlir::npir;
namespace json = llvm::json;

StringRef mlir::npir::stringifyLintKind(LintKind kind) {
  switch (kind) {
  case LintKind::AccumulatorOverflow:
    return "accumulator-overflow";
  case LintKind::ScaleRatio:
    return "scale-ratio";
  case LintKind::DeadChannel:
    return "dead-channel";
  case LintKind::SharedScale:
    return "shared-scale";
  case LintKind::BiasSaturation:
    return "bias-saturation";
  case LintKind::NonFiniteWeight:
    return "non-finite-weight";
  }
  llvm_unreachable("unknown kind");
}

json::Value mlir::npir::toJSON(ArrayRef<LintFinding> findings) {
  json::Array rows;
  for (const LintFinding &finding : findings)
    rows.push_back(json::Object{{"kind", stringifyLintKind(finding.kind)},
                                {"layer", finding.layer},
                                {"op", finding.op},
                                {"problem", finding.problem},
                                {"remedy", finding.remedy}});
  return json::Object{{"version", 1}, {"findings", std::move(rows)}};
}
