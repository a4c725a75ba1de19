// This file declares the one way in which NPIR writes a file: whole or not at
// all.
#ifndef NPIR_SUPPORT_ATOMICFILE_H
#define NPIR_SUPPORT_ATOMICFILE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

namespace llvm {
class raw_ostream;
} // namespace llvm

namespace mlir::npir {

/// Calls `write` on a stream to a temporary file beside `path`, then renames
/// it to `path`. An existing file is replaced only by a complete new one and
/// its permissions are kept; a new file gets 0666 less the umask. A symbolic
/// link is followed, so the file it points to is replaced. `-` is the standard
/// output, and what is no regular file (`/dev/null`, a pipe) is written in
/// place. The temporary file is gone after every return.
///
/// Fails with `<path>: cannot write: <reason>` for a directory, a missing or
/// read-only folder, and every failed write, a full disk included.
llvm::Error
writeFileAtomically(llvm::StringRef path,
                    llvm::function_ref<void(llvm::raw_ostream &)> write);

/// What `writeFileAtomically` would fail with before it writes a byte: asked
/// before long work, so that its result is not lost. Writes nothing.
llvm::Error checkWritable(llvm::StringRef path);

/// As `writeFileAtomically`, for JSON. Also fails where `path` is a file that
/// does not start as JSON does: a model named as the report is not lost.
llvm::Error
writeJSONAtomically(llvm::StringRef path,
                    llvm::function_ref<void(llvm::raw_ostream &)> write);

} // namespace mlir::npir

#endif // NPIR_SUPPORT_ATOMICFILE_H
