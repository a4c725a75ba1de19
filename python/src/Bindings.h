// This file declares what the parts of the Python module `_npir` share: errors,
// and the sole use of a model while the interpreter runs on.
#ifndef NPIR_PYTHON_SRC_BINDINGS_H
#define NPIR_PYTHON_SRC_BINDINGS_H

#include "Diagnostics.h"
#include "Model.h"

#include <pybind11/pybind11.h>

#include <stdexcept>

namespace mlir::npir {

/// Becomes npir.NPIRError.
struct Error : std::runtime_error {
  using runtime_error::runtime_error;
};

/// A config with the text that it was read from.
struct ConfigText {
  std::string text, name;
  std::shared_ptr<QuantConfig> config;
};

void bindModuleBuilder(pybind11::module_ &module);
void bindConfig(pybind11::module_ &module);
void bindStatistics(pybind11::module_ &module);
void bindModel(pybind11::module_ &module);
void bindRun(pybind11::module_ &module);
void bindObserver(pybind11::module_ &module);
void bindGraph(pybind11::module_ &module);

/// Tell Python warnings and remarks. `translate` is None or makes another text
/// of each text.
void report(const std::vector<CollectedDiagnostic> &diagnostics,
            const pybind11::object &translate = pybind11::none());
/// The same, and the errors by way of an exception.
[[noreturn]] void fail(const std::vector<CollectedDiagnostic> &diagnostics,
                       const pybind11::object &translate = pybind11::none());

template <typename T>
T takeValue(FailureOr<T> &&result) {
  return std::move(*result);
}
inline void takeValue(LogicalResult) {}

/// The value of `fn()`, called without the interpreter's lock, with `model` to
/// itself. A failure is an exception with the diagnostics.
template <typename Fn>
auto useModel(Model &model, Fn fn,
              const pybind11::object &translate = pybind11::none()) {
  std::vector<CollectedDiagnostic> diagnostics;
  auto result = [&] {
    pybind11::gil_scoped_release release;
    std::lock_guard<std::mutex> lock(model.mutex);
    DiagnosticCollector collector(&model.context);
    auto value = fn();
    diagnostics = collector.take();
    return value;
  }();
  if (failed(result))
    fail(diagnostics, translate);
  report(diagnostics, translate);
  return takeValue(std::move(result));
}

/// A copy of `model` that `fn(copy)` has worked on. Nobody else has the copy
/// before it is done.
template <typename Fn>
std::shared_ptr<Model>
makeFrom(Model &model, Fn fn,
         const pybind11::object &translate = pybind11::none()) {
  std::shared_ptr<Model> copy = useModel(model, [&] { return model.clone(); });
  useModel(*copy, [&] { return fn(*copy); }, translate);
  return copy;
}

/// Where samples come from: a path, or a list of (name, array). The arrays
/// outlive the source.
DataSource getDataSource(const pybind11::object &data);

} // namespace mlir::npir

#endif // NPIR_PYTHON_SRC_BINDINGS_H
