// This file declares the search of OMSE: among shrunk copies of a range for
// the one with the least squared error.
#ifndef NPIR_LIB_OBSERVERS_SHRINKSEARCH_H
#define NPIR_LIB_OBSERVERS_SHRINKSEARCH_H

#include "npir/Observers/QuantParams.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace mlir::npir {

/// Errors whose quotient is this close to 1 are equal; then the candidate that
/// came first is kept, which is the larger range.
inline constexpr double kTie = 1e-9;

/// The place of the least of `errors`, ties kept by the first.
size_t findLeast(llvm::ArrayRef<double> errors);

/// Writes the sum of squared errors of the quantizers for some ranges. Where
/// it is surely greater than another's, infinity will do.
using ErrorsOf = llvm::function_ref<void(llvm::ArrayRef<RealRange> ranges,
                                         llvm::MutableArrayRef<double> errors)>;

struct ShrunkRange {
  RealRange range;
  /// k of the best copy k/100.
  unsigned k = 100;
};

/// The best of 100 copies of `extrema`, widened to hold zero. With `twoSided`
/// the lower end is then looked for alone, among its 100 copies, then the upper
/// one, and both once more.
ShrunkRange searchShrunkRange(RealRange extrema, bool twoSided,
                              ErrorsOf errorsOf);

} // namespace mlir::npir

#endif // NPIR_LIB_OBSERVERS_SHRINKSEARCH_H
