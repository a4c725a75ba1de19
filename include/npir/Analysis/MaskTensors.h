// This file declares which tensors of a function hold what masks out scores of
// attention.
#ifndef NPIR_ANALYSIS_MASKTENSORS_H
#define NPIR_ANALYSIS_MASKTENSORS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace mlir::npir {

/// The tensors, on the way to a softmax, that hold numbers of 1e4 or more in
/// size, so that no scale fits both those and numbers: a constant of them, what
/// is made by adding or selecting one or by multiplying with one (as in
/// `(1 - mask) * -1e4`), and what only moves such values. What a layer or a
/// function of one value makes of them is a number again.
class MaskTensors {
public:
  /// For a function at `prepared`. Linear in its size.
  explicit MaskTensors(func::FuncOp func);

  bool contains(Value value) const { return masks.contains(value); }

private:
  DenseSet<Value> masks;
};

} // namespace mlir::npir

#endif // NPIR_ANALYSIS_MASKTENSORS_H
