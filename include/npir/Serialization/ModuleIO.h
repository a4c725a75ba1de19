// This file declares reading and writing of modules as files: mapped into
// memory, protected by a checksum, and never half-written.
#ifndef NPIR_SERIALIZATION_MODULEIO_H
#define NPIR_SERIALIZATION_MODULEIO_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OperationSupport.h"
#include "mlir/IR/OwningOpRef.h"

namespace mlir::npir {

struct LoadOptions {
  /// Turn a crash of the bytecode reader over a damaged file without checksum
  /// into a message and exit code 1. For tools only: it ends the process.
  bool exitOnCrash = false;
};

/// Read the module in `path` (text or bytecode; `-` is standard input). The
/// file is mapped, and the weights of a bytecode file stay there. A bytecode
/// file that NPIR wrote carries a checksum, which is verified before anything
/// is parsed. On failure a diagnostic names the file, and the result is null.
OwningOpRef<ModuleOp> loadModule(StringRef path, MLIRContext *context,
                                 const LoadOptions &options = {});

enum class ModuleFormat {
  /// Bytecode for `*.mlirbc`, else text with locations.
  ByExtension,
  Text,
  Bytecode,
};

/// Write `module` to `path` (`-`: standard output) by way of a temporary file
/// and a rename, so that `path` is always whole, and may be the file that the
/// module was read from. On failure a diagnostic names the file. `flags` are
/// for text.
LogicalResult
saveModule(ModuleOp module, StringRef path,
           ModuleFormat format = ModuleFormat::ByExtension,
           OpPrintingFlags flags = OpPrintingFlags().enableDebugInfo());

/// The producer string of a bytecode file that NPIR writes is
/// `NPIR <version> xxh3=<16 hex digits>`, a checksum of all other bytes of the
/// file. Any MLIR tool reads such a file.
///
/// Check `bytes`, a whole file: success if it is no bytecode, has no checksum
/// of ours, or agrees with it; else an error that says what is wrong.
llvm::Error verifyBytecodeChecksum(StringRef bytes);

/// Whether `bytes` are bytecode with a checksum of ours, right or wrong.
bool hasBytecodeChecksum(StringRef bytes);

/// Whether `path` can be read and is bytecode without a checksum of ours: if it
/// is damaged, upstream's reader may crash.
bool isForeignBytecode(StringRef path);

} // namespace mlir::npir

#endif // NPIR_SERIALIZATION_MODULEIO_H
