// This file declares the error of quantizers on values that are all at hand.
#ifndef NPIR_LIB_OBSERVERS_EXACTERROR_H
#define NPIR_LIB_OBSERVERS_EXACTERROR_H

#include "SearchKernels.h"
#include "npir/Support/ParallelFor.h"

namespace mlir::npir {

/// Writes the sum of squared errors of the finite `values` under each quantizer
/// of `grids`. The result does not depend on `parallelFor`.
void sumSquaredErrors(llvm::ArrayRef<float> values,
                      llvm::ArrayRef<LevelGrid> grids,
                      llvm::MutableArrayRef<double> sums,
                      ParallelFor parallelFor);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_EXACTERROR_H
