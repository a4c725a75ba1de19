// This file implements the collecting of diagnostics.
#include "Diagnostics.h"

#include "npir/Dialect/NPIR/IR/DiagnosticPrinter.h"

#include "mlir/IR/MLIRContext.h"

using namespace mlir;
using namespace mlir::npir;

static std::string getText(Diagnostic &diagnostic) {
  return getDiagnosticText(diagnostic.getLocation(), diagnostic.str());
}

DiagnosticCollector::DiagnosticCollector(MLIRContext *context)
    : engine(context->getDiagEngine()) {
  handler = engine.registerHandler([this](Diagnostic &diagnostic) {
    std::string text = getText(diagnostic);
    for (Diagnostic &note : diagnostic.getNotes())
      text += "\nnote: " + getText(note);
    collected.push_back({diagnostic.getSeverity(), std::move(text)});
    return success();
  });
}

DiagnosticCollector::~DiagnosticCollector() { engine.eraseHandler(handler); }
