// This file declares what XNNPACK has at most.
#ifndef NPIR_DIALECT_XNN_IR_LIMITS_H
#define NPIR_DIALECT_XNN_IR_LIMITS_H

#include <cstdint>

namespace mlir::npir::xnn {

/// Dimensions of a tensor (XNN_MAX_TENSOR_DIMS).
constexpr int64_t kMaxRank = 6;

} // namespace mlir::npir::xnn

#endif // NPIR_DIALECT_XNN_IR_LIMITS_H
