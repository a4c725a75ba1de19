// This file declares the registration of everything that NPIR has.
#ifndef NPIR_INITALL_H
#define NPIR_INITALL_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::npir {

/// The npir and xnn dialects and the upstream dialects that they stand beside.
void registerAllDialects(DialectRegistry &registry);

/// NPIR's passes and pipelines, and upstream's canonicalize, cse, inline and
/// symbol-dce.
void registerAllPasses();

} // namespace mlir::npir

#endif // NPIR_INITALL_H
