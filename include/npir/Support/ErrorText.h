// This file declares how an operating system's error reads in a diagnostic.
#ifndef NPIR_SUPPORT_ERRORTEXT_H
#define NPIR_SUPPORT_ERRORTEXT_H

#include <string>
#include <system_error>

namespace mlir::npir {

/// The system's text for `code`, with a lower-case first letter: `no such file
/// or directory`.
std::string describe(std::error_code code);

} // namespace mlir::npir

#endif // NPIR_SUPPORT_ERRORTEXT_H
