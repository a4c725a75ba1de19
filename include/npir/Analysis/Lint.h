// This file declares what is known, before anything is measured, to go wrong
// when a network is quantized for a target.
#ifndef NPIR_ANALYSIS_LINT_H
#define NPIR_ANALYSIS_LINT_H

#include "npir/Targets/Target.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/Support/JSON.h"

#include <string>
#include <vector>

namespace mlir::npir {

/// What is wrong.
enum class LintKind {
  /// A sum of products that may not fit its accumulator.
  AccumulatorOverflow,
  /// Scales so far apart that the target has no multiplier for them, or that
  /// one scale for all channels leaves some channels no integers.
  ScaleRatio,
  /// A channel of a weight that is zero, or next to the others as good as zero.
  DeadChannel,
  /// Tensors that must share one scale, but whose ranges or formats differ.
  SharedScale,
  /// A bias that does not fit 32 bits unless the input's scale is large.
  BiasSaturation,
  /// A weight or bias that is not a finite number.
  NonFiniteWeight
};

/// `accumulator-overflow`, `scale-ratio`, ...
StringRef stringifyLintKind(LintKind kind);

/// One thing found at one layer.
struct LintFinding {
  LintKind kind;
  Location loc;
  std::string layer;
  /// The op's name.
  std::string op;
  /// What was found, with its numbers; a phrase.
  std::string problem;
  /// What to do about it; a phrase.
  std::string remedy;
};

/// What is wrong with `func`, a function at `prepared`, `observed` or
/// `calibrated`, for `target`, in program order. It reads every weight once and
/// runs nothing. What a spec (`observed`) or a range (`calibrated`) tells is
/// used where it is there.
std::vector<LintFinding> lint(func::FuncOp func, const Target &target);

/// `{"version", "findings": [{"kind", "layer", "op", "problem", "remedy"}]}`.
llvm::json::Value toJSON(ArrayRef<LintFinding> findings);

} // namespace mlir::npir

#endif // NPIR_ANALYSIS_LINT_H
