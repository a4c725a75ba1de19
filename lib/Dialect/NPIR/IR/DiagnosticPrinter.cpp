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

/// The first position in a file that `loc` holds, or null.
static FileLineColLoc getPosition(Location loc) {
  FileLineColLoc position;
  loc->walk([&](Location part) {
    position = dyn_cast<FileLineColLoc>(part);
    return position ? WalkResult::interrupt() : WalkResult::advance();
  });
  return position;
}

std::string mlir::npir::getDiagnosticText(Location loc, StringRef message) {
  if (FileLineColLoc position = getPosition(loc)) {
    std::string text = position.getFilename().str();
    if (position.getLine())
      text += ":" + std::to_string(position.getLine()) + ":" +
              std::to_string(position.getColumn());
    return text + ": " + message.str();
  }
  // Many messages name the layer themselves.
  StringRef name = getLayerName(loc);
  if (name.empty() || message.contains(("'" + name + "'").str()))
    return message.str();
  return ("layer '" + name + "': " + message).str();
}

void DiagnosticPrinter::printOne(Location loc, const Twine &message,
                                 DiagnosticSeverity severity) {
  if (getPosition(loc))
    return emitDiagnostic(loc, message, severity);
  os << getSeverityName(severity) << ": "
     << getDiagnosticText(loc, message.str()) << "\n";
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
