// This file implements how NPIR's tools print diagnostics.
#include "npir/Dialect/NPIR/IR/DiagnosticPrinter.h"
#include "npir/Dialect/NPIR/IR/LayerNames.h"

#include "mlir/IR/Location.h"

using namespace mlir;
using namespace mlir::npir;

DiagnosticPrinter::DiagnosticPrinter(MLIRContext *context, raw_ostream &os)
    : SourceMgrDiagnosticHandler(sourceMgr, context, os), os(os) {
  setHandler([this](Diagnostic &diagnostic) { print(diagnostic); });
}

static StringRef getSeverityName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Note:
    return "note";
  case DiagnosticSeverity::Warning:
    return "warning";
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Remark:
    return "remark";
  }
  llvm_unreachable("unknown severity");
}

void DiagnosticPrinter::printOne(Location loc, const Twine &message,
                                 DiagnosticSeverity severity) {
  bool hasPosition = false;
  loc->walk([&](Location part) {
    hasPosition |= isa<FileLineColLoc>(part);
    return WalkResult::advance();
  });
  if (hasPosition)
    return emitDiagnostic(loc, message, severity);
  os << getSeverityName(severity) << ": ";
  std::string text = message.str();
  // Many messages name the layer themselves.
  if (StringRef name = getLayerName(loc);
      !name.empty() && !StringRef(text).contains(("'" + name + "'").str()))
    os << "layer '" << name << "': ";
  os << text << "\n";
}

void DiagnosticPrinter::print(Diagnostic &diagnostic) {
  std::string message = diagnostic.str();
  sawInternalError |= StringRef(message).contains("internal error");
  printOne(diagnostic.getLocation(), message, diagnostic.getSeverity());
  for (Diagnostic &note : diagnostic.getNotes())
    printOne(note.getLocation(), note.str(), note.getSeverity());
  os.flush();
}

int DiagnosticPrinter::getExitCode(LogicalResult result) const {
  if (succeeded(result))
    return 0;
  return sawInternalError ? 2 : 1;
}
