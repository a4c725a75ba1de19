// This file implements the search of OMSE.
#include "ShrinkSearch.h"
#include <algorithm>
#include <array>

namespace mlir::npir {

size_t findLeast(llvm::ArrayRef<double> errors) {
  size_t best = 0;
  for (size_t i = 1; i < errors.size(); ++i)
    if (errors[i] < errors[best] * (1.0 - kTie))
      best = i;
  return best;
}

static constexpr unsigned kSteps = 100;

ShrunkRange searchShrunkRange(RealRange extrema, bool twoSided,
                              ErrorsOf errorsOf) {
  RealRange whole{std::min(extrema.lo, 0.0), std::max(extrema.hi, 0.0)};
  if (whole == RealRange())
    return {};
  std::array<RealRange, kSteps> copies;
  std::array<double, kSteps> errors;
  // The copies that `shrink` makes of shares 1 down to 0.01: the best one.
  auto search = [&](auto shrink) {
    for (unsigned i = 0; i < kSteps; ++i)
      copies[i] = shrink(double(kSteps - i) / kSteps);
    errorsOf(copies, errors);
    return findLeast(errors);
  };

  size_t best = search([&](double share) {
    return RealRange{share * whole.lo, share * whole.hi};
  });
  ShrunkRange result{copies[best], kSteps - unsigned(best)};
  if (!twoSided || whole.lo == 0.0 || whole.hi == 0.0)
    return result;
  // A search is the same again where the other end stayed.
  for (int round = 0; round < 2; ++round) {
    RealRange before = result.range;
    best = search(
        [&](double share) { return RealRange{share * whole.lo, before.hi}; });
    result.range = copies[best];
    if (round > 0 && result.range == before)
      break;
    best = search([&](double share) {
      return RealRange{result.range.lo, share * whole.hi};
    });
    result.range = copies[best];
    if (result.range.hi == before.hi)
      break;
  }
  return result;
}

} // namespace mlir::npir
