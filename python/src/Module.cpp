// This file is the Python module `npir._npir`.
#include "ModuleBuilder.h"

#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace npir_py;

/// A function that lets go of `object`, from any thread; nothing once the
/// interpreter is gone.
static std::function<void()> makeRelease(py::object object) {
  PyObject *held = object.release().ptr();
  return [held] {
    if (!Py_IsInitialized())
      return;
    py::gil_scoped_acquire lock;
    Py_DECREF(held);
  };
}

static unsigned addConstant(ModuleBuilder &builder, const std::string &name,
                            py::array_t<float, py::array::c_style> array) {
  std::vector<int64_t> shape(array.shape(), array.shape() + array.ndim());
  const void *data = array.data();
  return builder.addConstant(name, shape, data, makeRelease(std::move(array)));
}

PYBIND11_MODULE(_npir, module) {
  module.doc() = "NPIR's own part of the Python package";
  py::register_exception<Error>(module, "NPIRError");
  py::class_<ModuleBuilder>(module, "ModuleBuilder",
                            "Builds a module with one function at station "
                            "float; values are numbers")
      .def(py::init<>())
      .def("add_input", &ModuleBuilder::addInput, py::arg("name"),
           py::arg("shape"))
      .def("constant", &addConstant, py::arg("name"),
           py::arg("array").noconvert())
      .def("op", &ModuleBuilder::addOp, py::arg("name"), py::arg("operands"),
           py::arg("attributes"), py::arg("layer"),
           py::arg("shape") = std::nullopt)
      .def("shape", &ModuleBuilder::getShape, py::arg("value"))
      .def("set_outputs", &ModuleBuilder::setOutputs, py::arg("outputs"))
      .def("save", &ModuleBuilder::save, py::arg("path"),
           py::call_guard<py::gil_scoped_release>())
      .def("__str__", &ModuleBuilder::str);
}
