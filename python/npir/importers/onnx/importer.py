"""Walks the graph: each node's handler adds npir ops, and what goes wrong with
one node is noted while the walk goes on with those that do not depend on it."""

import numpy as np
import onnx

from . import (  # noqa: F401 (they fill the table)
    ops_activation,
    ops_attention,
    ops_compare,
    ops_control,
    ops_conv,
    ops_einsum,
    ops_elementwise,
    ops_gather,
    ops_host,
    ops_integer,
    ops_inverse,
    ops_linear,
    ops_mask,
    ops_microsoft,
    ops_norm,
    ops_pad,
    ops_pool,
    ops_qlinear,
    ops_quantize,
    ops_reduce,
    ops_repeat,
    ops_resize,
    ops_rnn,
    ops_rotary,
    ops_select,
    ops_sequence,
    ops_shape,
    ops_softmax,
    ops_space,
    ops_topk,
)
from .body import Body
from .fold import can_fold, fold_node, known_operands
from .functions import find_definition
from .graph import Graph, GraphNode
from .inputs import make_inputs
from .model import Model
from .moved import Moved
from .on_integers import find_elements, move_integers
from .node import Node
from .quantized import Quantized, StoredHost, find_stored
from .registry import OPS
from .report import ImportFailure, NodeProblem, Poisoned, Report
from .unscaled import Dynamic, Unscaled, scale_integers
from .values import Host, Sequence, Tensor


class Options:
    """`shapes`: dims by input name, None for a free batch. `batch`: "free" makes a
    fixed first dimension of every input the free batch, "fixed" keeps it, a number
    is the size of a free one. `outputs`: names of tensors that the network ends at,
    instead of the model's outputs."""

    def __init__(self, shapes=None, batch="free", outputs=None):
        self.shapes = shapes or {}
        self.batch = batch
        self.outputs = list(outputs or [])


def import_model(source, options=None, report=None):
    """The module builder with the finished module, and the Model it came from.
    `source` is a path or a MemoryModel.

    Raises ModelError where the file is of no use, ImportFailure with everything
    in `report` where the model is.
    """
    report = report if report is not None else Report()
    model = Model(source)
    return Importer(model, options or Options(), report).run(), model


class Importer:
    def __init__(self, model, options, report):
        # Here, so that the package can be imported without the compiled module.
        from ..._npir import ModuleBuilder, NPIRError

        self.npir_error = NPIRError
        self.model = model
        self.options = options
        self.report = report
        self.builder = ModuleBuilder(model.graph.name)
        # A Tensor, Moved, Host or Sequence by name; absent where it could not be made.
        self.values = {}
        # The fixed batch that was freed, or None.
        self.traced_batch = None
        # The first Tensor with each multiple of the batch, by its factor.
        self._batches = {}
        self._constants = {}
        self._constant_names = set()
        self._floats = {}
        self._new_names = 0
        self._model_names = set()

    def run(self):
        graph = Graph(self.model.graph, self.report, self.options.outputs)
        self._model_names = graph.names
        self.traced_batch = make_inputs(self, graph.inputs)
        is_sound = not self.report.problems
        self._initializers = graph.initializers
        for node in graph.order:
            self.import_node(node)
        for node in graph.stuck:
            self._guard(node.describe(), self._find_handler, node)
        self.load(graph.outputs, "an output")
        outputs = self._collect_outputs(graph.outputs)
        if self.report.problems:
            if is_sound:
                self.report.ends = self._find_ends(graph)
            raise ImportFailure
        self.builder.set_outputs(outputs)
        return self.builder

    def _find_ends(self, graph):
        """Names of the tensors that could be made and that a node which could not
        needs."""
        ends = {}
        for node in graph.order:
            if not any(name in self.values for name in node.outputs):
                for name in node.inputs:
                    if isinstance(self.values.get(name), Tensor):
                        ends[name] = None
        for value in graph.inputs:
            ends.pop(value.name, None)
        return list(ends)

    def _guard(self, subject, function, *arguments):
        """Call `function`; a problem goes to the report. Its result, or None."""
        try:
            return function(*arguments)
        except (NodeProblem, self.npir_error) as problem:
            self.report.problem(subject, problem)
        except Poisoned:
            pass
        return None

    def import_node(self, node):
        """Import a node of the graph, or of a body; what is wrong goes to the report."""
        self.load(node.reads(), node.describe())
        self._guard(node.describe(), self._import_node, node)

    def is_known(self, name):
        """Whether the model's graph itself has a tensor of this name."""
        return name in self._model_names

    def add_initializer(self, name, tensor):
        """The TensorProto of a body, from now on called `name`."""
        self._initializers[name] = tensor

    def load(self, names, user):
        """Let `values` have those of these initializers that it has not."""
        for name in names:
            tensor = self._initializers.get(name)
            if tensor is None or name in self.values:
                continue
            del self._initializers[name]
            subject = f"initializer '{name}' of {user}"
            array = self._guard(subject, self.model.load, tensor)
            if array is not None:
                self.values[name] = Host(array, name)

    def _find_handler(self, node):
        handler = OPS.get(node.key)
        if handler is None:
            if node.domain:
                raise NodeProblem(
                    f"unsupported op: it is of custom domain '{node.domain}'"
                )
            if onnx.defs.has(node.op):
                raise NodeProblem("unsupported op")
            raise NodeProblem("unsupported op: ONNX defines none of this name")
        handler.check_counts(node)
        return handler

    def _import_node(self, graph_node):
        stored = find_stored(graph_node, self.values)
        elements = find_elements(graph_node, self.values)
        if stored is not None:
            self._move_stored(graph_node, stored)
        elif elements is not None:
            move_integers(self, graph_node, elements, self._import_any)
        elif not scale_integers(self, graph_node):
            self._import_any(graph_node)

    def new_name(self, layer):
        """A name that no tensor of the model has."""
        name = layer
        while name == layer or name in self._model_names:
            self._new_names += 1
            name = f"{layer}#{self._new_names}"
        return name

    def import_part(self, graph_node, opset):
        """Import a node that the handler of another one made."""
        graph_node.opset = opset
        self._import_node(graph_node)

    def _move_stored(self, graph_node, stored):
        """Let a node that only moves elements move integers, and not what they stand for."""
        name, result = graph_node.inputs[0], graph_node.outputs[0]

        def move(array):
            self.values[name] = Host(array, stored.name)
            try:
                self._import_any(graph_node)
                return self.values[result].array
            finally:
                self.values[name] = stored

        moved = stored.moved(move)
        if moved is None:
            moved = Host(move(stored.array), stored.name)
        self.values[result] = moved

    def _import_any(self, graph_node):
        if self._fold(graph_node):
            return
        node = Node(graph_node, self)
        if graph_node.key not in OPS and self._import_definition(node, graph_node):
            return
        handler = self._find_handler(graph_node)
        handler.function(node)
        try:
            node.check_all_read()
        except NodeProblem:
            for name in graph_node.outputs:
                self.values.pop(name, None)
            raise

    def _import_definition(self, node, graph_node):
        """Import the body of an op that ONNX defines by others; true if it is one."""
        found = find_definition(graph_node, node.opset)
        if found is None:
            return False
        graph, opset = found
        body = Body(node, graph, opset, f"{node.layer}.")
        missing = [""] * (len(body.inputs) - len(node.inputs))
        for name, result in zip(graph_node.outputs, body.run(node.inputs + missing)):
            if name:
                self.values[name] = self.values[result]
        return True

    def _fold(self, graph_node):
        """Compute a node whose operands are all known, unless its handler does; true if
        it was."""
        handler = OPS.get(graph_node.key)
        if not can_fold(graph_node) or (handler and handler.takes_hosts):
            return False
        arrays = known_operands(graph_node, self.values)
        if arrays is None or not onnx.defs.has(graph_node.op):
            return False
        if handler:
            handler.check_counts(graph_node)
        for index, array in fold_node(
            graph_node, arrays, graph_node.opset or self.model.opset
        ):
            self.values[graph_node.outputs[index]] = Host(array, graph_node.layer)
        return True

    def _collect_outputs(self, names):
        outputs = []
        for name in names:
            value = self.values.get(name)
            if isinstance(value, Host):
                value = self._guard(f"output '{name}'", self.typed_constant, value)
            elif isinstance(value, (Quantized, Dynamic, Unscaled)):
                value = self._guard(f"output '{name}'", self._output_integers, name)
            if isinstance(value, Sequence):
                self.report.problem(
                    f"output '{name}'", "expected a tensor, got a sequence"
                )
            elif isinstance(value, Moved):
                self.report.problem(f"output '{name}'", value.refuse())
            elif value is not None:
                outputs.append((name, value.value))
        return outputs

    def _output_integers(self, name):
        """An output of integers, which npir has as int32."""
        self.report.remark(f"output '{name}': int32 stands for its integers")
        proto = onnx.helper.make_node("Identity", [name], [name], name)
        return Node(GraphNode(proto, 0, name), self).value(0)

    def note_batch(self, tensor):
        """`tensor`, which the batch can be taken from later."""
        if tensor.is_dynamic:
            self._batches.setdefault(tensor.factor, tensor)
        return tensor

    def batch_like(self, batch):
        """A Tensor whose first dimension is `batch`."""
        return self._batches[batch.factor]

    def as_float(self, host):
        """`host` with f32 elements."""
        if isinstance(host, StoredHost) or host.array.dtype == np.float32:
            return host
        if host.array.dtype.kind != "f":
            kind = "integers" if host.is_integer else host.array.dtype.name
            raise NodeProblem(f"expected floats in '{host.name}', got {kind}")
        if id(host) not in self._floats:
            self.report.remark(
                f"'{host.name}': converted from {host.array.dtype.name} to float32"
            )
            with np.errstate(over="ignore"):
                array = host.array.astype(np.float32)
            # The original is kept with it, so that its id stays taken.
            self._floats[id(host)] = (Host(array, host.name), host)
        return self._floats[id(host)][0]

    def constant(self, host, form="", convert=None):
        """The f32 Tensor of a Host, `convert`ed; made once for each `form`."""
        return self._constant(self.as_float(host), form, convert)

    def typed_constant(self, host, dtype=None):
        """The Tensor of a Host with the elements that it has; integers as `dtype`."""
        if host.holds_batch:
            raise NodeProblem(
                f"expected '{host.name}' to be constant, got a size of the batch"
            )
        if isinstance(host, StoredHost) or host.array.dtype.kind == "f":
            return self.constant(host)
        if host.array.dtype.kind == "b":
            return self._constant(host, "bool", None)
        if dtype not in ("int32", "int64"):
            dtype = "int32" if host.array.dtype == np.int32 else "int64"
        return self._constant(host, dtype, lambda array: array.astype(dtype, copy=False))

    def _constant(self, host, form, convert):
        key = (id(host), form)
        if key not in self._constants:
            stored = None
            if isinstance(host, StoredHost):
                stored = host.moved(convert) if convert else host
            name = self._constant_name(host)
            if stored is not None:
                tensor = stored.add_to(self.builder, name)
            else:
                array = convert(host.array) if convert else host.array
                tensor = Tensor(self.builder.constant(name, array))
            self._constants[key] = (tensor, host)
        return self._constants[key][0]

    def _constant_name(self, host):
        name = host.name
        count = 0
        while name in self._constant_names:
            count += 1
            name = f"{host.name}_{count}"
        self._constant_names.add(name)
        return name
