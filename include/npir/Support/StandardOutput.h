// This file declares what keeps a tool's standard output honest.
#ifndef NPIR_SUPPORT_STANDARDOUTPUT_H
#define NPIR_SUPPORT_STANDARDOUTPUT_H

namespace mlir::npir {

/// To be called once, first in `main`: whatever way the process exits by (the
/// text of `--help` included), what it printed to `llvm::outs()` is flushed,
/// and where that fails (a full disk) the process says so in one line and its
/// exit status is 1.
void checkStandardOutputAtExit();

} // namespace mlir::npir

#endif // NPIR_SUPPORT_STANDARDOUTPUT_H
