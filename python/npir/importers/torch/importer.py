"""Walks the graph: each node's handler adds npir ops, and what goes wrong with
one node is noted while the walk goes on with those that do not depend on it."""

import operator

import numpy as np
import torch
from torch.export.graph_signature import InputKind, OutputKind

from ..onnx.moved import Moved
from ..onnx.quantized import Quantized, StoredHost
from ..onnx.report import ImportFailure, NodeProblem, Poisoned
from ..onnx.values import Batch, Host, Sequence, Tensor, format_shape
from . import (  # noqa: F401 (they fill the table)
    ops_activation,
    ops_attention,
    ops_compare,
    ops_conv,
    ops_elementwise,
    ops_identity,
    ops_index,
    ops_linear,
    ops_norm,
    ops_pad,
    ops_pool,
    ops_quantize,
    ops_reduce,
    ops_resize,
    ops_select,
    ops_shape,
)
from .fold import fold, holds_activation, host_of_tensor
from .layers import LayerNames
from .node import DTYPES, Node
from .program import Sizes, decompose, output_names
from .registry import OPS, TAKES_HOSTS

_WEIGHTS = {InputKind.PARAMETER, InputKind.BUFFER, InputKind.CONSTANT_TENSOR}
# Python's own functions that torch.export leaves in a graph: on sizes, but this one.
_GET_ITEM = operator.getitem


def import_program(program, report, name="torch", batch="free"):
    """The module builder with the finished module of an ExportedProgram. `batch` is a
    number for the free batch, or "free" to keep it.

    Raises ImportFailure with everything in `report`.
    """
    size = batch if isinstance(batch, int) else None
    return _Importer(decompose(program), report, name, Sizes(size)).run()


class _Importer:
    def __init__(self, program, report, name, sizes):
        # Here, so that the package can be imported without the compiled module.
        from ..._npir import ModuleBuilder, NPIRError

        self.npir_error = NPIRError
        self.report = report
        self.builder = ModuleBuilder(name)
        self._program = program
        self._sizes = sizes
        # What each node stands for; absent where it could not be made.
        self._values = {}
        # The first Tensor with each multiple of the batch, by its factor.
        self._batches = {}
        self._constants = {}
        self._constant_names = set()
        self._floats = {}

    def run(self):
        signature = self._program.graph_signature
        self._check_outputs(signature)
        nodes = self._find_live()
        specs = {spec.arg.name: spec for spec in signature.input_specs}
        weights = {
            node: specs[node.name].target
            for node in nodes
            if node.op == "placeholder" and specs[node.name].kind in _WEIGHTS
        }
        self._layers = LayerNames(nodes, weights)
        for node in nodes:
            if node.op == "placeholder":
                subject = f"input '{node.name}'"
                self._guard(subject, self._import_input, node, specs[node.name])
            elif node.op == "call_function":
                subject = f"layer '{self._layers.of(node)}' ({node.target})"
                self._guard(subject, self._import_node, node)
            elif node.op == "get_attr":
                self.report.problem(f"node '{node.name}'", "control flow is not supported")
        outputs = self._collect_outputs(signature)
        if self.report.problems:
            raise ImportFailure
        self.builder.set_outputs(outputs)
        return self.builder

    def _guard(self, subject, function, *arguments):
        """Call `function`; a problem goes to the report. Its result, or None."""
        try:
            return function(*arguments)
        except (NodeProblem, self.npir_error) as problem:
            self.report.problem(subject, problem)
        except Poisoned:
            pass
        return None

    # Inputs and outputs.

    def _check_outputs(self, signature):
        for spec in signature.output_specs:
            if spec.kind == OutputKind.BUFFER_MUTATION:
                self.report.problem(
                    f"buffer '{spec.target}'",
                    "is changed by the model; export it in evaluation mode: model.eval()",
                )
            elif spec.kind == OutputKind.USER_INPUT_MUTATION:
                self.report.problem(
                    f"input '{spec.target}'", "is changed in place; have the model change a copy"
                )
            elif spec.kind != OutputKind.USER_OUTPUT:
                self.report.problem(
                    f"output '{spec.arg.name}'", "expected a result of an inference"
                )

    def _find_live(self):
        """The nodes that the outputs depend on, and all inputs, in order."""
        graph = self._program.graph
        live, found = set(), [graph.output_node()]
        while found:
            node = found.pop()
            if node not in live:
                live.add(node)
                found += node.all_input_nodes
        user = set(self._program.graph_signature.user_inputs)
        return [node for node in graph.nodes if node in live or node.name in user]

    def _import_input(self, node, spec):
        if spec.kind == InputKind.USER_INPUT:
            self._values[node] = self._make_input(node)
        elif spec.kind in _WEIGHTS:
            program = self._program
            tensor = program.state_dict.get(spec.target)
            if tensor is None:
                tensor = program.constants[spec.target]
            self._values[node] = host_of_tensor(tensor, spec.target, tuple(tensor.shape))
            if tensor.dtype in (torch.bfloat16, torch.float16):
                self.report.remark(
                    f"'{spec.target}': converted from {_dtype_name(tensor.dtype)} to float32"
                )
        else:
            raise NodeProblem(f"unsupported kind of input: {spec.kind.name.lower()}")

    def _make_input(self, node):
        value = node.meta.get("val")
        if not isinstance(value, torch.Tensor):
            # A number that the program was specialized for.
            return value
        dtype = _dtype_name(value.dtype)
        if dtype not in DTYPES:
            raise NodeProblem(f"expected elements of {', '.join(DTYPES)}, got {dtype}")
        shape = []
        for i, size in enumerate(value.shape):
            size = self._sizes.of(size)
            if isinstance(size, Batch) and i > 0:
                raise NodeProblem(
                    f"dimension {i} is dynamic, and only the first may be; export the model "
                    "with a number there"
                )
            if isinstance(size, Batch) and size.factor != 1:
                raise NodeProblem("expected the batch itself as the first dimension")
            shape.append(None if isinstance(size, Batch) else size)
        if len(shape) > 1 and shape[0] is not None and not self._sizes.is_fixed:
            self.report.remark(
                f"input '{node.name}': the batch of {shape[0]} is fixed, as the program has it; "
                "torch.export.export with dynamic_shapes frees it"
            )
        return self.note_batch(Tensor(self.builder.add_input(node.name, shape, dtype)))

    def _collect_outputs(self, signature):
        specs = [s for s in signature.output_specs if s.kind == OutputKind.USER_OUTPUT]
        arguments = self._program.graph.output_node().args[0]
        arguments = arguments[len(arguments) - len(specs) :]
        outputs = []
        for name, argument in zip(output_names(self._program, len(specs)), arguments):
            if not isinstance(argument, torch.fx.Node):
                self.report.problem(f"output '{name}'", f"expected a tensor, got {argument}")
                continue
            value = self._values.get(argument)
            if isinstance(value, Host):
                value = self._guard(f"output '{name}'", self._constant_output, value)
            if isinstance(value, Moved):
                self.report.problem(f"output '{name}'", value.refuse())
            elif isinstance(value, Tensor):
                outputs.append((name, value.value))
        return outputs

    def _constant_output(self, host):
        if host.batch is not None:
            raise NodeProblem("expected a result that depends on an input")
        return self.typed_constant(host)

    # Nodes.

    def _results_of(self, fx_node):
        """Sizes and types of elements of a node's results."""
        values = fx_node.meta.get("val")
        return [
            (self._sizes.of_shape(value.shape), _dtype_name(value.dtype))
            if isinstance(value, torch.Tensor)
            else ((), None)
            for value in (values if isinstance(values, (list, tuple)) else [values])
        ]

    def _find(self, argument):
        if isinstance(argument, torch.fx.Node):
            if argument not in self._values:
                raise Poisoned
            return self._values[argument]
        if isinstance(argument, (list, tuple)):
            return [self._find(part) for part in argument]
        if isinstance(argument, dict):
            return {name: self._find(part) for name, part in argument.items()}
        return argument

    def _import_node(self, fx_node):
        value = fx_node.meta.get("val")
        if isinstance(value, (int, float, bool, torch.SymInt)):
            # Torch has inferred it.
            self._values[fx_node] = self._sizes.of(value) if isinstance(value, torch.SymInt) else value
            return
        target = str(fx_node.target)
        handler = OPS.get(target)
        is_item = fx_node.target is _GET_ITEM
        try:
            arguments, keywords = self._find(fx_node.args), self._find(fx_node.kwargs)
        except Poisoned:
            # Behind a problem; that it is one itself is told all the same.
            if handler is None and not is_item:
                raise NodeProblem("unsupported op") from None
            raise
        if is_item:
            sequence, index = arguments
            self._values[fx_node] = sequence.values[index]
            return
        layer, results = self._layers.of(fx_node), self._results_of(fx_node)
        is_known = not holds_activation([*arguments, *keywords.values()])
        if is_known and target not in TAKES_HOSTS:
            shapes = [shape for shape, _ in results]
            self._values[fx_node] = fold(fx_node.target, arguments, keywords, layer, shapes)
            return
        if handler is None:
            raise NodeProblem("unsupported op")
        schema = fx_node.target._schema.arguments
        named = dict(zip((argument.name for argument in schema), arguments))
        named.update(keywords)
        defaults = {a.name: a.default_value for a in schema if a.has_default_value()}
        node = Node(layer, target, named, defaults, results, self)
        handler(node)
        node.check_all_read()
        self._check(node.result, results)
        self._values[fx_node] = node.result

    def _check(self, value, results):
        """What was made is what torch inferred."""
        values = value.values if isinstance(value, Sequence) else [value]
        for part, (shape, dtype) in zip(values, results):
            if isinstance(part, (Host, Quantized)):
                continue
            if tuple(part.shape) != tuple(shape) or part.dtype != dtype:
                raise NodeProblem(
                    f"expected a result of {format_shape(shape)} in {dtype}, got "
                    f"{format_shape(part.shape)} in {part.dtype}"
                )

    def emit(self, op, operands, attributes, name, shape, dtype, factor):
        factors = {t.factor for t in operands if t.is_dynamic}
        if len(factors) > 1:
            shapes = " and ".join(format_shape(t.shape) for t in operands)
            raise NodeProblem(f"expected operands of the same batch, got {shapes}")
        result = () if shape is None else (shape, dtype)
        value = self.builder.op(
            op, [tensor.value for tensor in operands], attributes or {}, name, *result
        )
        return self.note_batch(Tensor(value, factor or next(iter(factors), 1)))

    # Constants.

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
        if id(host) not in self._floats:
            if host.array.dtype.kind == "f":
                self.report.remark(
                    f"'{host.name}': converted from {host.array.dtype.name} to float32"
                )
            with np.errstate(over="ignore"):
                converted = Host(host.array.astype(np.float32), host.name, host.batch)
            # The original is kept with it, so that its id stays taken.
            self._floats[id(host)] = (converted, host)
        return self._floats[id(host)][0]

    def constant(self, host, form="", convert=None):
        """The f32 Tensor of a Host, `convert`ed; made once for each `form`."""
        return self._constant(self.as_float(host), form, convert)

    def typed_constant(self, host, dtype=None):
        """The Tensor of a Host with elements of `dtype`, by default its own."""
        own = host.array.dtype.name
        dtype = dtype or ("float32" if host.array.dtype.kind == "f" else own)
        if dtype == "float32":
            return self.constant(host)
        if dtype not in DTYPES:
            raise NodeProblem(f"expected elements of {', '.join(DTYPES)}, got {dtype}")
        return self._constant(host, dtype, lambda array: array.astype(dtype, copy=False))

    def _constant(self, host, form, convert):
        key = (id(host), form)
        if key not in self._constants:
            self._constants[key] = (self._make_constant(host, convert), host)
        return self._constants[key][0]

    def _make_constant(self, host, convert):
        name, count = host.name, 0
        while name in self._constant_names:
            count += 1
            name = f"{host.name}_{count}"
        self._constant_names.add(name)
        if isinstance(host, StoredHost):
            # With its integers, if they can be moved.
            stored = host.moved(convert) if convert else host
            if stored is not None:
                return stored.add_to(self.builder, name)
        array = convert(host.array) if convert else host.array
        return Tensor(self.builder.constant(name, array))

    def spread(self, node, host, dtype=None):
        """The Tensor of a Host, repeated along the free batch where it stands for one."""
        tensor = self.typed_constant(host, dtype)
        if host.batch is None:
            return tensor
        operands = [tensor, self.batch_like(host.batch)]
        shape, factor = [None, *host.shape[1:]], host.batch.factor
        return node.emit(
            "npir.broadcast", operands, None, f".{host.name}.batch", shape, tensor.dtype, factor
        )


def _dtype_name(dtype):
    return str(dtype).removeprefix("torch.")
