// This file declares the collecting of diagnostics, so that Python tells them
// and nothing is printed.
#ifndef NPIR_PYTHON_SRC_DIAGNOSTICS_H
#define NPIR_PYTHON_SRC_DIAGNOSTICS_H

#include "mlir/IR/Diagnostics.h"

#include <string>
#include <vector>

namespace mlir::npir {

/// A diagnostic as text: the message with its place, and a line `note: ...` for
/// each of its notes.
struct CollectedDiagnostic {
  DiagnosticSeverity severity;
  std::string text;
};

/// While it lives, diagnostics of a context come here and go nowhere else.
class DiagnosticCollector {
public:
  explicit DiagnosticCollector(MLIRContext *context);
  ~DiagnosticCollector();
  DiagnosticCollector(const DiagnosticCollector &) = delete;

  std::vector<CollectedDiagnostic> take() { return std::move(collected); }

private:
  DiagnosticEngine &engine;
  DiagnosticEngine::HandlerID handler;
  std::vector<CollectedDiagnostic> collected;
};

} // namespace mlir::npir

#endif // NPIR_PYTHON_SRC_DIAGNOSTICS_H
