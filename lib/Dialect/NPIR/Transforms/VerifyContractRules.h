// This file declares the rules that the contracts of stations are made of.
// Private to this library.
#ifndef NPIR_LIB_DIALECT_NPIR_TRANSFORMS_VERIFYCONTRACTRULES_H
#define NPIR_LIB_DIALECT_NPIR_TRANSFORMS_VERIFYCONTRACTRULES_H

#include "npir/Dialect/NPIR/IR/NPIROps.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// Takes violations. Each is one diagnostic: whose (`layer 'conv1'`), what was
/// expected, what was found.
class ViolationReporter {
public:
  ViolationReporter(Station station) : station(station) {}
  /// The pass that establishes what the violations from now on break.
  void setEstablishedBy(StringRef pass) { establishedBy = pass; }
  void report(Operation *layer, const Twine &expected, const Twine &got);
  void report(BlockArgument argument, const Twine &expected, const Twine &got);
  void report(func::FuncOp func, const Twine &expected, const Twine &got);
  bool hasViolations() const { return count != 0; }

private:
  void report(Location loc, const Twine &whose, const Twine &expected,
              const Twine &got);

  Station station;
  StringRef establishedBy;
  unsigned count = 0;
};

/// A rule looks at a whole function, in time linear in its ops.
using Rule = void (*)(func::FuncOp func, ViolationReporter &reporter);

/// Tensors are f32; nothing is quantized yet.
void checkAllFloat(func::FuncOp func, ViolationReporter &reporter);
/// No npir.observe is there.
void checkNotObserved(func::FuncOp func, ViolationReporter &reporter);
/// Tensors have names, no two the same. Observe ops share their tensor's.
void checkNames(func::FuncOp func, ViolationReporter &reporter);
/// Batch norm is folded.
void checkNoBatchNorm(func::FuncOp func, ViolationReporter &reporter);
/// No transpose follows a transpose.
void checkNoTransposeChain(func::FuncOp func, ViolationReporter &reporter);
/// The module carries its hash.
void checkModelHash(func::FuncOp func, ViolationReporter &reporter);
/// Each activation of a QuantizableOpInterface goes through an observe op.
void checkActivationsObserved(func::FuncOp func, ViolationReporter &reporter);
/// No two observe ops have the same id.
void checkObserveIds(func::FuncOp func, ViolationReporter &reporter);
/// No observe op is resolved yet.
void checkUnresolved(func::FuncOp func, ViolationReporter &reporter);
/// Each observe op is resolved but for those of spec none.
void checkResolved(func::FuncOp func, ViolationReporter &reporter);
/// Layers work on f32; quantized tensors lie only between a quantize op, a
/// constant or the function's boundary and a dequantize op or the boundary.
void checkQuantizedOnlyInPairs(func::FuncOp func, ViolationReporter &reporter);
/// If one function of the module has a target, this one has.
void checkTargetIfPartitioned(func::FuncOp func, ViolationReporter &reporter);
/// The function has a target.
void checkTarget(func::FuncOp func, ViolationReporter &reporter);
/// An op with integer arithmetic and a quantized result has its numbers.
void checkRequant(func::FuncOp func, ViolationReporter &reporter);
/// Ops are of the dialects that can be written to a program.
void checkTargetDialects(func::FuncOp func, ViolationReporter &reporter);

} // namespace mlir::npir

#endif // NPIR_LIB_DIALECT_NPIR_TRANSFORMS_VERIFYCONTRACTRULES_H
