// This file binds the reading of a model's graph, which exporters do.
#include "Bindings.h"
#include "GraphRecord.h"

#include <pybind11/numpy.h>
#include <pybind11/stl.h>

namespace py = pybind11;
using namespace mlir;
using namespace mlir::npir;

/// The sizes; None for the free batch.
static py::tuple toTuple(const std::vector<int64_t> &shape) {
  py::tuple result(shape.size());
  for (size_t i = 0; i < shape.size(); ++i) {
    if (ShapedType::isDynamic(shape[i]))
      result[i] = py::none();
    else
      result[i] = py::int_(shape[i]);
  }
  return result;
}

static py::tuple toPython(const TensorRecord &tensor) {
  if (!tensor.elements)
    return py::make_tuple(toTuple(tensor.shape), tensor.dtype);
  return py::make_tuple(toTuple(tensor.shape), tensor.dtype, *tensor.elements,
                        tensor.min, tensor.max);
}

static py::object
toPython(const std::variant<AttributeValue, std::vector<double>> &value) {
  if (auto *reals = std::get_if<std::vector<double>>(&value))
    return py::cast(*reals);
  return std::visit(
      [](const auto &plain) -> py::object {
        if constexpr (std::is_same_v<std::decay_t<decltype(plain)>,
                                     AttributeText>)
          return py::str(plain.text);
        else
          return py::cast(plain);
      },
      std::get<AttributeValue>(value));
}

/// The elements of a constant, read-only, where they lie; `owner` keeps them.
static py::object getElements(const OpRecord &op, const TensorRecord &tensor,
                              const py::object &owner) {
  std::vector<py::ssize_t> shape(tensor.shape.begin(), tensor.shape.end());
  if (!op.flags.empty())
    return py::array(py::dtype(tensor.dtype), shape, op.flags.data());
  py::array array(py::dtype(tensor.dtype), shape,
                  op.isSplat ? std::vector<py::ssize_t>(shape.size(), 0)
                             : std::vector<py::ssize_t>(),
                  op.data.data(), owner);
  array.attr("flags").attr("writeable") = false;
  return array;
}

static py::dict getGraph(const std::shared_ptr<Model> &model) {
  GraphRecord graph =
      useModel(*model, [&] { return readGraph(*model->module); });
  py::object owner = py::cast(model);
  py::list tensors, ops;
  for (const TensorRecord &tensor : graph.tensors)
    tensors.append(toPython(tensor));
  for (const OpRecord &op : graph.ops) {
    py::dict attributes;
    for (const auto &[name, value] : op.attributes)
      attributes[py::str(name)] = toPython(value);
    py::object elements = py::none();
    if (op.op == "npir.constant")
      elements = getElements(op, graph.tensors[op.results.front()], owner);
    ops.append(py::make_tuple(op.op, op.layer, op.operands, op.results,
                              attributes, elements));
  }
  py::dict result;
  result["name"] = graph.name;
  result["tensors"] = tensors;
  result["inputs"] = graph.inputs;
  result["outputs"] = graph.outputs;
  result["ops"] = ops;
  return result;
}

void mlir::npir::bindGraph(py::module_ &module) {
  module.def(
      "read_graph", getGraph, py::arg("model"),
      "The graph of a module's entry function, as plain data: `tensors` are "
      "(shape, dtype), of quantized ones also QuantizedElements, least and "
      "greatest integer; "
      "`inputs` and `outputs` (name, tensor); `ops` (op, layer, operands, "
      "results, attributes, elements of a constant or None), where tensors "
      "are indices. Elements are read where they lie and keep the model.");
}
