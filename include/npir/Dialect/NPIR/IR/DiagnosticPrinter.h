// This file declares how NPIR's tools print diagnostics.
#ifndef NPIR_DIALECT_NPIR_IR_DIAGNOSTICPRINTER_H
#define NPIR_DIALECT_NPIR_IR_DIAGNOSTICPRINTER_H

#include "mlir/IR/Diagnostics.h"
#include "llvm/Support/SourceMgr.h"
#include "llvm/Support/raw_ostream.h"

namespace mlir::npir {

/// What is told of a diagnostic behind its severity: `file:line:column: text`
/// where there is a position in a file (`file: text` for the file as a whole),
/// else `layer 'conv1': text`.
std::string getDiagnosticText(Location loc, StringRef message);

/// Prints diagnostics as `file:line:column: error: ...` where there is a
/// position in a file, else as `error: layer 'conv1': ...`.
class DiagnosticPrinter : public SourceMgrDiagnosticHandler {
public:
  explicit DiagnosticPrinter(MLIRContext *context,
                             raw_ostream &os = llvm::errs());

  /// 0, or what the process should exit with after a failure: 2 when a
  /// diagnostic spoke of an internal error, else 1.
  int getExitCode(LogicalResult result) const;

private:
  void print(Diagnostic &diagnostic);
  void printOne(Location loc, const Twine &message,
                DiagnosticSeverity severity);

  llvm::SourceMgr sourceMgr;
  raw_ostream &os;
  bool sawInternalError = false;
};

} // namespace mlir::npir

#endif // NPIR_DIALECT_NPIR_IR_DIAGNOSTICPRINTER_H
