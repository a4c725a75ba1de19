// This file declares which numbers mask something out instead of being meant.
#ifndef NPIR_DIALECT_NPIR_IR_MASKFILL_H
#define NPIR_DIALECT_NPIR_IR_MASKFILL_H

#include <cmath>

namespace mlir::npir {

/// True for a number that stands for none, as what masks out scores of
/// attention: 1e4 or more in size, an infinity, NaN. No scale fits both it and
/// numbers.
inline bool isMaskFill(float value) {
  constexpr float kLeastFill = 1e4f;
  return !(std::fabs(value) < kLeastFill);
}

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_MASKFILL_H
