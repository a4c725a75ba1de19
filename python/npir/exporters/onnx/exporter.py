"""Walks the graph: each op's handler adds nodes, and what has no form in ONNX is told
as a whole."""

from ...errors import NPIRError
from . import (  # noqa: F401 (they fill the table)
    ops_elementwise,
    ops_index,
    ops_layers,
    ops_norm,
    ops_quantize,
    ops_schemes,
    ops_shape,
    ops_spatial,
)
from .context import Context
from .graph import Graph
from .registry import HANDLERS, ExportProblem
from .values import Value, identity
from .writer import Writer

_OPSET = 17
# Since when QuantizeLinear and its inverse have 4 and 16 bits.
_WIDTHS_OPSET = 21
_STATIONS = {
    "observed": "is on its way: run --npir-attach-calibration and --npir-insert-qdq first",
    "calibrated": "is on its way: run --npir-insert-qdq first",
    "target": "is one target's only: export it before --convert-npir-to-xnn",
}


def export_model(model, name, path, external_data=False):
    """Write `model`, `_npir`'s Model called `name`, to the file `path`.

    Raises NPIRError with every layer that has no form in ONNX; OSError where the file
    cannot be written.
    """
    if model.is_program:
        raise NPIRError(f"{name}: expected a module, got a program, which is finished")
    if model.station in _STATIONS:
        raise NPIRError(
            f"{name}: expected station 'float', 'prepared', 'qdq' or 'integer', got "
            f"'{model.station}', which {_STATIONS[model.station]}"
        )
    Exporter(Graph(model), name).run(path, external_data)


class Exporter:
    def __init__(self, graph, name):
        self.graph = graph
        self.name = name
        self.writer = Writer(graph.name, self._find_opset())
        # By index of the tensor; absent where it could not be made.
        self.values = {}
        self._problems = []

    def _find_opset(self):
        opsets = [
            HANDLERS[op.name].get_opset(op, self.graph.tensors)
            for op in self.graph.ops
            if op.name in HANDLERS
        ]
        for tensor in self.graph.tensors:
            bits = tensor.elements.bits if tensor.elements else 8
            if bits <= 4 or 8 < bits <= 16:
                opsets.append(_WIDTHS_OPSET)
        return max([_OPSET, *opsets])

    def run(self, path, external_data):
        for name, index in self.graph.inputs:
            self._add_input(name, index)
        self.writer.reserve(name for name, _ in self.graph.outputs)
        for op in self.graph.ops:
            self._export(op)
        outputs = [self._get_output(name, index) for name, index in self.graph.outputs]
        if self._problems:
            count = len(self._problems)
            layers = "1 layer" if count == 1 else f"{count} layers"
            lines = "".join(f"\n  {problem}" for problem in self._problems)
            raise NPIRError(f"{self.name}: cannot export the model: {layers}{lines}")
        self.writer.save(self.writer.finish(outputs), path, external_data)

    def _add_input(self, name, index):
        tensor = self.graph.tensors[index]
        if tensor.elements:
            self._problems.append(f"input '{name}': expected floats, got integers")
            return
        self.writer.input(name, tensor.dtype, tensor.shape)
        value = Value(tensor, name)
        value.forms[identity(value.rank)] = name
        self.values[index] = value

    def _export(self, op):
        where = f"layer '{op.layer}' ({op.name})"
        handler = HANDLERS.get(op.name)
        if handler is None:
            self._problems.append(f"{where}: ONNX has no such op")
        # What depends on a problem is none of its own.
        elif all(index in self.values for index in op.operands):
            try:
                handler.function(Context(op, self))
            except ExportProblem as problem:
                self._problems.append(f"{where}: {problem}")

    def _get_output(self, name, index):
        value = self.values.get(index)
        if value is None:
            return None
        if value.tensor.elements and value.dequantized is None:
            self._problems.append(f"output '{name}': expected floats, got integers")
            return None
        tensor = Context(_Output(name), self).form(value)
        return name, tensor, self.graph.tensors[index].dtype, value.shape


class _Output:
    """Stands for the op that a graph's output is to a Context."""

    def __init__(self, name):
        self.layer = name
