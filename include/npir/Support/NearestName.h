// This file declares how diagnostics find the name that was probably meant.
#ifndef NPIR_SUPPORT_NEARESTNAME_H
#define NPIR_SUPPORT_NEARESTNAME_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include <optional>
#include <string>

namespace mlir::npir {

/// The candidate with the least edit distance from `name`, letter case aside,
/// or none when nothing is near: more than half of the letters of the longer
/// name would have to change. The first of equally near candidates wins.
std::optional<llvm::StringRef>
nearestName(llvm::StringRef name, llvm::ArrayRef<llvm::StringRef> candidates);

/// The end of a diagnostic about the unknown `name`: `, did you mean 'x'?`
/// where a candidate is near, else `, expected one of a, b, c`; empty without
/// candidates.
std::string suggestName(llvm::StringRef name,
                        llvm::ArrayRef<llvm::StringRef> candidates);

} // namespace mlir::npir

#endif // NPIR_SUPPORT_NEARESTNAME_H
