// This file declares the inner loops of threshold searches, compiled for every
// instruction set and chosen at run time.
#ifndef NPIR_LIB_OBSERVERS_SEARCHKERNELS_H
#define NPIR_LIB_OBSERVERS_SEARCHKERNELS_H

#include "npir/Observers/QuantParams.h"
#include "llvm/ADT/ArrayRef.h"

namespace mlir::npir {

/// A quantizer as these loops need it: x becomes
/// clamp(rhe(x * inverse), lowest, highest) * scale.
struct LevelGrid {
  LevelGrid(QuantParams params, IntegerGrid grid)
      : inverse(1.0 / double(params.scale)), scale(params.scale),
        lowest(double(grid.qmin() - params.zeroPoint)),
        highest(double(grid.qmax() - params.zeroPoint)) {}

  double inverse;
  double scale;
  /// Integers less the zero point; zero lies between them.
  double lowest;
  double highest;
};

/// Adds to each of `sums` the squared errors of the finite `values` under the
/// quantizer at the same place of `grids`. In double, in an order that does not
/// depend on the machine, so the sums are the same on all. A product with the
/// inverse differs from a quotient by 2^-52, which shows only in values half
/// way between two integers: those are as far from one as from the other.
void addSquaredErrors(llvm::ArrayRef<float> values,
                      llvm::ArrayRef<LevelGrid> grids,
                      llvm::MutableArrayRef<double> sums);

/// The sum of mass[i] * log(sum[i] / bins[i]); nothing where sum[i] is 0. The
/// logarithm is good to 2^-50.
double sumLogarithms(llvm::ArrayRef<double> mass, llvm::ArrayRef<double> sum,
                     llvm::ArrayRef<double> bins);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_SEARCHKERNELS_H
