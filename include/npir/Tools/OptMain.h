// This file declares the driver of passes as a function, for npir-opt and for
// compilers that have NPIR's passes beside their own.
#ifndef NPIR_TOOLS_OPTMAIN_H
#define NPIR_TOOLS_OPTMAIN_H

#include "mlir/IR/DialectRegistry.h"

namespace mlir::npir {

/// The `main` of a driver with mlir-opt's options, which behaves as mlir-opt
/// does in tests (several modules in a file, expected diagnostics, reproducers)
/// and is more careful with a model: its file is mapped and checked, the output
/// replaces a file only when it is whole, and locations, which hold the layers'
/// names, are printed. Passes are registered before the call. `overview` is the
/// first line of `--help`. Returns the exit code: 1 for a wrong input, 2 for an
/// internal error.
int optMain(int argc, char **argv, StringRef overview,
            DialectRegistry &registry);

} // namespace mlir::npir

#endif // NPIR_TOOLS_OPTMAIN_H
