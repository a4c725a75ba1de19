// This file implements the range in which a function tells values apart.
#include "npir/Observers/ClipWeight.h"
#include <algorithm>

namespace mlir::npir {

/// Of a side; an end is found to that share of it.
static constexpr int kSteps = 2048;

RealRange getSteepRange(llvm::function_ref<double(double)> function,
                        RealRange extrema, double tolerance) {
  // The last of the places from `end` to zero whose value is near those of all
  // before it.
  auto trim = [&](double end) {
    double least = function(end), greatest = least, found = end;
    for (int step = 1; step <= kSteps && end != 0.0; ++step) {
      double x = end * (kSteps - step) / kSteps, value = function(x);
      least = std::min(least, value);
      greatest = std::max(greatest, value);
      if (greatest - least > 2.0 * tolerance)
        break;
      if (greatest - value <= tolerance && value - least <= tolerance)
        found = x;
    }
    return found;
  };
  return {trim(std::min(extrema.lo, 0.0)), trim(std::max(extrema.hi, 0.0))};
}

} // namespace mlir::npir
