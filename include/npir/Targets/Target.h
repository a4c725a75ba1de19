// This file declares what NPIR knows of the targets that it compiles for: which
// op runs on which element types, and the numbers of its integer arithmetic.
#ifndef NPIR_TARGETS_TARGET_H
#define NPIR_TARGETS_TARGET_H

#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "mlir/Dialect/Quant/IR/QuantTypes.h"

#include <string>
#include <vector>

namespace mlir::npir {

/// What computes an op.
enum class Placement {
  /// The target itself.
  Native,
  /// NPIR's own kernel, between the target's pieces.
  Kernel,
  /// Nothing.
  Illegal
};

/// A target's judgement of an op.
struct Legality {
  Placement placement = Placement::Native;
  /// Why the op is not native; empty where it is. A phrase for a diagnostic.
  std::string reason;

  /// The op can be computed.
  bool isLegal() const { return placement != Placement::Illegal; }
};

/// An op with the types that it has or would have.
struct OpTypes {
  SmallVector<Type> operands;
  SmallVector<Type> results;

  /// The types of `op` as it stands.
  static OpTypes of(Operation *op);
};

/// One condition of a row of a target's table.
struct TargetRule {
  /// The condition, for the documentation.
  StringRef text;
  /// Why `op` with `types` breaks it; empty where it does not.
  std::string (*findProblem)(Operation *op, const OpTypes &types);
  /// What an op that breaks it becomes.
  Placement otherwise = Placement::Illegal;
};

/// One op of a target's table.
struct TargetRow {
  StringRef op;
  /// What computes the op on f32, and on 8-bit tensors.
  Placement floatForm, integerForm;
  /// All hold for a native op; the first one broken decides.
  std::vector<TargetRule> rules;
};

/// A target: one table of ops, and an exact integer arithmetic.
class Target {
public:
  virtual ~Target();

  /// The name in `npir.target` and on the command line.
  virtual StringRef getName() const = 0;
  /// One row per op; legality and documentation both come from here.
  virtual ArrayRef<TargetRow> getTable() const = 0;
  /// Whether activations may have one scale per channel.
  virtual bool hasPerChannelActivations() const = 0;

  /// The type in which the target computes with the values of `type`: integers
  /// that it has, with the same scales, for exactly the same real numbers.
  /// `type` itself where it has these integers, or none that would do.
  virtual quant::QuantizedType
  getStorageType(quant::QuantizedType type) const = 0;

  /// Judge `op` as it stands.
  Legality check(Operation *op) const { return check(op, OpTypes::of(op)); }
  /// Judge `op` as if it had `types`; their shapes are the op's. A weight or
  /// bias counts as constant if it is one or is the dequantized value of one.
  Legality check(Operation *op, const OpTypes &types) const;

  /// The target has `op`, but in float only, whatever the types and numbers.
  bool isFloatOnly(Operation *op) const;

  /// The requantization numbers of `op` with `types` in the target's exact
  /// order of evaluation; null for an op in float or one that needs none (a
  /// quantize of f32, a dequantize). Follows from the op's interfaces. Failure
  /// after no diagnostic where `check` finds it illegal for its numbers.
  virtual FailureOr<Attribute> computeRequant(Operation *op,
                                              const OpTypes &types) const = 0;
  FailureOr<Attribute> computeRequant(Operation *op) const {
    return computeRequant(op, OpTypes::of(op));
  }

  /// The table as Markdown: what docs/Targets.md holds.
  void printTable(llvm::raw_ostream &os) const;
};

/// The target called `name`, or null.
const Target *lookupTarget(StringRef name);

/// The names of all targets.
ArrayRef<StringRef> getTargetNames();

} // namespace mlir::npir

#endif // NPIR_TARGETS_TARGET_H
