// This file defines the Python module `_npir`, which the package around it
// makes its functions of.
#include "Bindings.h"

#include "npir/InitAll.h"

namespace py = pybind11;
using namespace mlir;
using namespace mlir::npir;

static const char *getName(DiagnosticSeverity severity) {
  switch (severity) {
  case DiagnosticSeverity::Error:
    return "error";
  case DiagnosticSeverity::Warning:
    return "warning";
  default:
    return "remark";
  }
}

static py::list toList(const std::vector<CollectedDiagnostic> &diagnostics,
                       const py::object &translate) {
  py::list list;
  for (const CollectedDiagnostic &diagnostic : diagnostics) {
    py::object text = py::str(diagnostic.text);
    if (!translate.is_none())
      text = translate(text);
    list.append(py::make_tuple(getName(diagnostic.severity), text));
  }
  return list;
}

void mlir::npir::report(const std::vector<CollectedDiagnostic> &diagnostics,
                        const py::object &translate) {
  if (!diagnostics.empty())
    py::module_::import("npir.errors")
        .attr("report")(toList(diagnostics, translate));
}

void mlir::npir::fail(const std::vector<CollectedDiagnostic> &diagnostics,
                      const py::object &translate) {
  py::module_::import("npir.errors")
      .attr("fail")(toList(diagnostics, translate));
  throw std::logic_error("npir.errors.fail returned");
}

PYBIND11_MODULE(_npir, module) {
  module.doc() = "The compiled part of NPIR";
  module.attr("__version__") = NPIR_VERSION;
  module.attr("NPIRError") =
      py::module_::import("npir.errors").attr("NPIRError");
  py::register_exception_translator([](std::exception_ptr exception) {
    try {
      if (exception)
        std::rethrow_exception(exception);
    } catch (const Error &error) {
      py::object type = py::module_::import("npir.errors").attr("NPIRError");
      PyErr_SetObject(type.ptr(), py::str(error.what()).ptr());
    }
  });
  registerAllPasses();
  bindModel(module);
  bindConfig(module);
  bindStatistics(module);
  bindRun(module);
  bindObserver(module);
  bindModuleBuilder(module);
  bindGraph(module);
}
