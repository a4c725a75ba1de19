// This file declares the reading of counts from reports. Private to this
// library.
#ifndef NPIR_LIB_REPORT_READCOUNT_H
#define NPIR_LIB_REPORT_READCOUNT_H

#include "llvm/Support/JSON.h"

namespace mlir::npir {

/// `value` (null: missing) as a count; false after a report to `path` where it
/// is none.
bool readCount(const llvm::json::Value *value, uint64_t &count,
               llvm::json::Path path);

} // namespace mlir::npir

#endif // NPIR_LIB_REPORT_READCOUNT_H
