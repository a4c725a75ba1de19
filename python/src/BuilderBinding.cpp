// This file binds the module builder, over numpy arrays.
#include "Bindings.h"
#include "ModuleBuilder.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace mlir::npir;
using mlir::ShapedType;

namespace {

/// A tensor of the module under construction; the builder outlives it.
struct TensorValue {
  mlir::Value value;
};

using Dims = std::vector<std::optional<int64_t>>;

} // namespace

static std::vector<int64_t> toShape(const Dims &dims) {
  std::vector<int64_t> shape;
  for (const std::optional<int64_t> &dim : dims)
    shape.push_back(dim.value_or(ShapedType::kDynamic));
  return shape;
}

/// The value of a builder's result, or the exception that tells why not.
static TensorValue unwrap(ModuleBuilder &builder,
                          mlir::FailureOr<mlir::Value> value) {
  if (failed(value))
    throw Error(builder.takeDiagnostics());
  return {*value};
}

static void unwrap(ModuleBuilder &builder, mlir::LogicalResult result) {
  if (failed(result))
    throw Error(builder.takeDiagnostics());
}

/// By numpy's names.
static Element toElement(const std::string &dtype) {
  if (dtype == "float32")
    return Element::F32;
  if (dtype == "bool")
    return Element::I1;
  if (dtype == "int32")
    return Element::I32;
  if (dtype == "int64")
    return Element::I64;
  throw Error("expected float32, int32, int64 or bool elements, got " + dtype);
}

static std::optional<Element>
toElement(const std::optional<std::string> &dtype) {
  return dtype ? std::optional(toElement(*dtype)) : std::nullopt;
}

/// C-contiguous elements of `T`; another array is converted, which copies it
/// once.
template <typename T>
static py::array convert(const py::object &array) {
  return py::array_t<T, py::array::c_style | py::array::forcecast>(array);
}

/// Integers of 32 and 64 bits and truth values as they are, all else as f32.
static std::pair<py::array, Element> toConstant(const py::object &given) {
  auto array = py::array::ensure(given);
  if (!array)
    throw py::error_already_set();
  // In any byte order.
  char kind = array.dtype().kind();
  if (kind == 'b')
    return {convert<bool>(array), Element::I1};
  if (kind == 'i' && array.itemsize() == sizeof(int32_t))
    return {convert<int32_t>(array), Element::I32};
  if (kind == 'i' && array.itemsize() == sizeof(int64_t))
    return {convert<int64_t>(array), Element::I64};
  return {convert<float>(array), Element::F32};
}

static TensorValue addConstant(ModuleBuilder &builder, const std::string &name,
                               const py::object &given) {
  auto [array, element] = toConstant(given);
  // Resource blobs are aligned to 16 bytes; numpy's own memory always is, a
  // view into a file may not be.
  if (reinterpret_cast<uintptr_t>(array.data()) % 16 != 0) {
    py::array copy(
        array.dtype(),
        std::vector<py::ssize_t>(array.shape(), array.shape() + array.ndim()));
    std::memcpy(copy.mutable_data(), array.data(), array.nbytes());
    array = std::move(copy);
  }
  std::vector<int64_t> shape(array.shape(), array.shape() + array.ndim());
  llvm::ArrayRef<char> bytes(reinterpret_cast<const char *>(array.data()),
                             array.nbytes());
  PyObject *owner = array.release().ptr();
  auto release = [owner] {
    // The context may go when Python has gone already.
    if (!Py_IsInitialized())
      return;
    PyGILState_STATE state = PyGILState_Ensure();
    Py_DECREF(owner);
    PyGILState_Release(state);
  };
  return unwrap(builder, builder.addConstant(name, shape, bytes,
                                             std::move(release), element));
}

static AttributeValue toAttribute(const std::string &name, py::handle value) {
  // A bool is an int, too: it comes first.
  if (py::isinstance<py::bool_>(value))
    return value.cast<bool>();
  if (py::isinstance<py::int_>(value))
    return value.cast<int64_t>();
  if (py::isinstance<py::float_>(value))
    return value.cast<double>();
  if (py::isinstance<py::str>(value))
    return AttributeText{value.cast<std::string>()};
  if (py::isinstance<py::list>(value) || py::isinstance<py::tuple>(value))
    return value.cast<std::vector<int64_t>>();
  throw Error("expected a bool, int, float, str or list of ints for attribute "
              "'" +
              name + "'");
}

static TensorValue addOp(ModuleBuilder &builder, const std::string &opName,
                         const std::vector<TensorValue> &operands,
                         const py::dict &attributes, const std::string &name,
                         const std::optional<Dims> &resultShape,
                         const std::optional<std::string> &dtype) {
  std::vector<std::pair<std::string, AttributeValue>> list;
  for (auto [key, value] : attributes) {
    auto attribute = key.cast<std::string>();
    try {
      list.emplace_back(attribute, toAttribute(attribute, value));
    } catch (const py::cast_error &) {
      throw Error("expected a 64-bit value for attribute '" + attribute + "'");
    }
  }
  std::vector<mlir::Value> values;
  for (const TensorValue &operand : operands)
    values.push_back(operand.value);
  std::vector<int64_t> shape;
  std::optional<llvm::ArrayRef<int64_t>> type;
  if (resultShape) {
    shape = toShape(*resultShape);
    type = shape;
  }
  return unwrap(builder, builder.addOp(opName, values, list, name, type,
                                       toElement(dtype)));
}

static py::tuple getShape(const TensorValue &tensor) {
  auto shape = llvm::cast<ShapedType>(tensor.value.getType()).getShape();
  py::tuple result(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    if (ShapedType::isDynamic(shape[i]))
      result[i] = py::none();
    else
      result[i] = py::int_(shape[i]);
  }
  return result;
}

static std::string getDtype(const TensorValue &tensor) {
  mlir::Type type =
      llvm::cast<ShapedType>(tensor.value.getType()).getElementType();
  if (type.isF32())
    return "float32";
  return type.isInteger(1)
             ? "bool"
             : "int" + std::to_string(type.getIntOrFloatBitWidth());
}

static py::object getConstantAddress(const TensorValue &tensor) {
  const void *data = ModuleBuilder::getConstantData(tensor.value);
  if (!data)
    return py::none();
  return py::int_(reinterpret_cast<uintptr_t>(data));
}

void mlir::npir::bindModuleBuilder(py::module_ &module) {
  py::class_<TensorValue>(module, "Value", "A tensor of a module")
      .def_property_readonly("shape", getShape,
                             "The shape; None stands for the free batch.")
      .def_property_readonly("dtype", getDtype,
                             "float32, int32, int64 or bool.")
      .def_property_readonly("constant_address", getConstantAddress,
                             "Where a big constant's elements lie, or None.");

  py::class_<ModuleBuilder>(
      module, "ModuleBuilder",
      "Builds a module with one function `@main` at station `float`. Every "
      "failure is an NPIRError and leaves the module as it was.")
      .def(py::init([](const std::string &name) {
             return std::make_unique<ModuleBuilder>(name);
           }),
           py::arg("name"))
      .def(
          "add_input",
          [](ModuleBuilder &builder, const std::string &name, const Dims &shape,
             const std::string &dtype) {
            return unwrap(builder, builder.addInput(name, toShape(shape),
                                                    toElement(dtype)));
          },
          py::arg("name"), py::arg("shape"), py::arg("dtype") = "float32",
          py::keep_alive<0, 1>(),
          "Add an input; None is the free batch. Elements are float32, int32, "
          "int64 or bool.")
      .def("constant", addConstant, py::arg("name"), py::arg("array"),
           py::keep_alive<0, 1>(),
           "Add a constant: integers of 32 and 64 bits and truth values as "
           "they are, all else as f32. The array's own memory is used, if it "
           "is C-contiguous and aligned to 16 bytes; do not write to it then.")
      .def("op", addOp, py::arg("op"), py::arg("operands"),
           py::arg("attributes"), py::arg("name"),
           py::arg("result_shape") = py::none(),
           py::arg("result_dtype") = py::none(), py::keep_alive<0, 1>(),
           "Add an npir op and verify it. The result's elements, where they "
           "are not inferred (npir.cast), are `result_dtype`, or the first "
           "operand's. Attributes: int is i64, float is "
           "f32, a list of ints is array<i64>, True is unit, False is left "
           "out, str is an attribute in MLIR's syntax.")
      .def(
          "set_outputs",
          [](ModuleBuilder &builder,
             const std::vector<std::pair<std::string, TensorValue>> &outputs) {
            std::vector<std::pair<std::string, mlir::Value>> values;
            for (const auto &[name, tensor] : outputs)
              values.emplace_back(name, tensor.value);
            unwrap(builder, builder.setOutputs(values));
          },
          py::arg("outputs"), "Name the results and close the function.")
      .def(
          "finish",
          [](ModuleBuilder &builder) {
            FailureOr<std::shared_ptr<Model>> model = builder.finish();
            if (failed(model))
              throw Error(builder.takeDiagnostics());
            return *model;
          },
          "The finished module; the builder is of no more use.")
      .def("__str__", &ModuleBuilder::str);
}
