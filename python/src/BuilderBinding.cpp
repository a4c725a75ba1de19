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

/// The elements in C order and in this machine's, floats as f32; a copy where
/// they are not. Other types stay for the builder to refuse.
static py::array toElements(const py::array &array) {
  constexpr int kFlags = py::array::c_style | py::array::forcecast;
  switch (array.dtype().kind()) {
  case 'f':
    return py::array_t<float, kFlags>::ensure(array);
  case 'b':
    return py::array_t<bool, kFlags>::ensure(array);
  case 'i':
    if (array.itemsize() == sizeof(int32_t))
      return py::array_t<int32_t, kFlags>::ensure(array);
    if (array.itemsize() == sizeof(int64_t))
      return py::array_t<int64_t, kFlags>::ensure(array);
    return array;
  default:
    return array;
  }
}

/// The same, aligned as resource blobs are: numpy's own memory always is, a
/// view into a file may not be.
static py::array toBlob(const py::array &array) {
  constexpr uintptr_t kAlign = 16;
  if (reinterpret_cast<uintptr_t>(array.data()) % kAlign == 0)
    return array;
  py::array copy(
      array.dtype(),
      std::vector<py::ssize_t>(array.shape(), array.shape() + array.ndim()));
  std::memcpy(copy.mutable_data(), array.data(), array.nbytes());
  return copy;
}

/// `add(shape, bytes, release)` on the memory of `elements`, which is
/// C-contiguous.
template <typename Add>
static TensorValue addArray(ModuleBuilder &builder, const py::array &elements,
                            Add add) {
  py::array array = toBlob(elements);
  std::vector<int64_t> shape(array.shape(), array.shape() + array.ndim());
  llvm::ArrayRef<char> bytes(static_cast<const char *>(array.data()),
                             array.nbytes());
  PyObject *owner = array.release().ptr();
  return unwrap(builder, add(shape, bytes, [owner] {
                  // The context may go when Python has gone already.
                  if (!Py_IsInitialized())
                    return;
                  PyGILState_STATE state = PyGILState_Ensure();
                  Py_DECREF(owner);
                  PyGILState_Release(state);
                }));
}

static TensorValue addConstant(ModuleBuilder &builder, const std::string &name,
                               const py::array &elements) {
  py::array array = toElements(elements);
  if (!array)
    throw py::error_already_set();
  auto type = py::str(array.dtype().attr("name")).cast<std::string>();
  return addArray(builder, array, [&](auto shape, auto bytes, auto release) {
    return builder.addConstant(name, shape, type, bytes, release);
  });
}

static TensorValue addQuantizedConstant(ModuleBuilder &builder,
                                        const std::string &name,
                                        const py::array &array,
                                        const QuantizedElements &elements) {
  char kind = array.dtype().kind();
  py::ssize_t size = elements.bits <= 8 ? 1 : 2;
  if (kind != (elements.isSigned ? 'i' : 'u') || array.itemsize() != size)
    throw Error("expected integers as wide as the elements for constant '" +
                name + "'");
  return addArray(builder, py::array::ensure(array, py::array::c_style),
                  [&](auto shape, auto bytes, auto release) {
                    return builder.addQuantizedConstant(name, shape, elements,
                                                        bytes, release);
                  });
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
                         const std::optional<std::string> &elementType) {
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
                                       elementType.value_or("")));
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
      .def_property_readonly(
          "dtype",
          [](const TensorValue &tensor) {
            return ModuleBuilder::getElementTypeName(tensor.value).str();
          },
          "float32, int32, int64 or bool.")
      .def_property_readonly("constant_address", getConstantAddress,
                             "Where a big constant's elements lie, or None.");

  py::class_<QuantizedElements>(
      module, "QuantizedElements",
      "The integers of a quantized tensor and what they stand for: one scale "
      "and zero point, or one for each index of dimension `axis`.")
      .def(py::init([](unsigned bits, bool isSigned, std::vector<double> scales,
                       std::vector<int64_t> zeroPoints,
                       std::optional<int64_t> axis) {
             return QuantizedElements{bits, isSigned, std::move(scales),
                                      std::move(zeroPoints), axis};
           }),
           py::arg("bits"), py::arg("signed"), py::arg("scales"),
           py::arg("zero_points"), py::arg("axis") = py::none())
      .def_readonly("bits", &QuantizedElements::bits)
      .def_readonly("signed", &QuantizedElements::isSigned)
      .def_readonly("scales", &QuantizedElements::scales)
      .def_readonly("zero_points", &QuantizedElements::zeroPoints)
      .def_readonly("axis", &QuantizedElements::axis);

  py::class_<ModuleBuilder>(
      module, "ModuleBuilder",
      "Builds a module with one function `@main`, at station `float`, or at "
      "`qdq` if a tensor is quantized. Every failure is an NPIRError and "
      "leaves the module as it was.")
      .def(py::init([](const std::string &name) {
             return std::make_unique<ModuleBuilder>(name);
           }),
           py::arg("name"))
      .def(
          "add_input",
          [](ModuleBuilder &builder, const std::string &name, const Dims &shape,
             const std::string &dtype) {
            return unwrap(builder,
                          builder.addInput(name, toShape(shape), dtype));
          },
          py::arg("name"), py::arg("shape"), py::arg("dtype") = "float32",
          py::keep_alive<0, 1>(), "Add an input; None is the free batch.")
      .def("constant", addConstant, py::arg("name"), py::arg("array"),
           py::keep_alive<0, 1>(),
           "Add a constant of float32 (other floats are converted), int32, "
           "int64 or bool. The array's own memory is used, if it is "
           "C-contiguous and aligned to 16 bytes; do not write to it then.")
      .def("quantized_constant", addQuantizedConstant, py::arg("name"),
           py::arg("array"), py::arg("elements"), py::keep_alive<0, 1>(),
           "Add a constant of integers; memory is used as by `constant`.")
      .def(
          "quantize",
          [](ModuleBuilder &builder, const TensorValue &tensor,
             const QuantizedElements &elements, const std::string &name) {
            return unwrap(builder,
                          builder.addQuantize(tensor.value, elements, name));
          },
          py::arg("tensor"), py::arg("elements"), py::arg("name"),
          py::keep_alive<0, 1>(), "Round an f32 tensor to integers.")
      .def(
          "dequantize",
          [](ModuleBuilder &builder, const TensorValue &tensor,
             const std::string &name) {
            return unwrap(builder, builder.addDequantize(tensor.value, name));
          },
          py::arg("tensor"), py::arg("name"), py::keep_alive<0, 1>(),
          "The f32 tensor that a quantized one stands for.")
      .def("op", addOp, py::arg("op"), py::arg("operands"),
           py::arg("attributes"), py::arg("name"),
           py::arg("result_shape") = py::none(),
           py::arg("result_dtype") = py::none(), py::keep_alive<0, 1>(),
           "Add an npir op and verify it; the type of its result is inferred "
           "where no shape is given. The elements of a result whose shape is "
           "given are `result_dtype`, or those of the first operand. "
           "Attributes: int is i64, float is "
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
