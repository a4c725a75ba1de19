"""A node as its handler sees it: arguments by name, results."""

import numpy as np

from ..onnx.moved import Moved
from ..onnx.quantized import Quantized
from ..onnx.node import axis_of
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Host, Sequence, Tensor, format_shape

# What tensors may hold, as torch and npir call it.
DTYPES = ("float32", "int32", "int64", "bool")


class Node:
    """Wraps a node of the graph for its handler. Whatever is wrong is a NodeProblem.

    `arguments` are by the names of the op's schema, with what the importer's walk
    has for them: Tensor, Moved, Host, Sequence, Batch, numbers, text, lists.
    `result_shapes` and `result_dtypes` are by torch's own inference.
    """

    def __init__(self, layer, op, arguments, defaults, results, importer):
        self.layer = layer
        self.op = op
        self.importer = importer
        self.result_shapes = [shape for shape, _ in results]
        self.result_dtypes = [dtype for _, dtype in results]
        self.result = None
        self._arguments = arguments
        self._defaults = defaults
        self._read = set()

    # Arguments.

    def has(self, name):
        """Whether the op has an argument of this name."""
        return name in self._arguments or name in self._defaults

    def argument(self, name):
        self._read.add(name)
        return self._arguments.get(name, self._defaults.get(name))

    def is_given(self, name):
        return self.argument(name) is not None

    def number(self, name, missing=None):
        """A number that is known at import; `missing` where it is not given."""
        value = self.argument(name)
        if isinstance(value, Host) and value.array.size == 1:
            return value.array.reshape(()).item()
        if value is not None and not isinstance(value, (bool, int, float)):
            raise NodeProblem(f"expected a constant number for '{name}'")
        return missing if value is None else value

    def text(self, name):
        return self.argument(name)

    def axis(self, name, rank):
        return axis_of(self.number(name), rank, name)

    def ints(self, name, count=None):
        """A list of integers; a single one stands for `count` of them. None where the
        list is empty or not given."""
        values = self.argument(name)
        if isinstance(values, (int, Batch)):
            values = [values]
        if not values:
            return None
        if not all(isinstance(value, int) for value in values):
            raise NodeProblem(f"expected constant '{name}', got {format_shape(values)}")
        if count is not None and len(values) == 1:
            values = list(values) * count
        if count is not None and len(values) != count:
            raise NodeProblem(
                f"expected {count} values in '{name}', got {format_shape(values)}"
            )
        return list(values)

    def ignore(self, *names):
        """Arguments that mean nothing here."""
        self._read.update(names)

    def check_all_read(self):
        unread = [
            name
            for name, value in self._arguments.items()
            if name not in self._read and value != self._defaults.get(name, value)
        ]
        if unread:
            names = ", ".join(f"'{name}'" for name in unread)
            raise NodeProblem(f"unsupported argument {names}")

    # Operands.

    def value(self, name):
        """The Tensor, Moved or Host that an argument stands for."""
        value = self.argument(name)
        if isinstance(value, (bool, int, float)):
            dtype = np.float32 if isinstance(value, float) else None
            return Host(np.array(value, dtype), f"{self.layer}.{name}")
        if isinstance(value, (Tensor, Moved, Host)):
            return value
        if isinstance(value, Quantized):
            raise NodeProblem(
                "expected floats, got integers of a quantize op; only dequantize reads them"
            )
        if isinstance(value, Batch):
            raise NodeProblem("computes with the size of the batch")
        raise NodeProblem(f"expected a tensor for '{name}'")

    def is_host(self, name):
        return isinstance(self.argument(name), Host)

    def settle(self, value, dtype=None):
        """`value` as a Tensor or Moved with the whole batch, of `dtype` if given."""
        if isinstance(value, Host):
            value = self.importer.spread(self, value, dtype)
        return value if dtype is None else self.cast(value, dtype)

    def typed(self, name, dtype=None):
        """An argument as a Tensor or Moved of its own elements, or of `dtype`."""
        return self.settle(self.value(name), dtype)

    def activation(self, name):
        """An argument as a Tensor or Moved of f32 elements."""
        return self.typed(name, "float32")

    def tensor(self, name, dtype="float32"):
        """An argument as a tensor of the module."""
        return self.whole(self.typed(name, dtype))

    @staticmethod
    def whole(value):
        """`value`, which has to have the batch first."""
        if isinstance(value, Moved):
            raise value.refuse()
        return value

    def tensors(self, name):
        """The values of an argument that is a list of tensors."""
        value = self.argument(name)
        if isinstance(value, Sequence):
            value = value.values
        if not isinstance(value, (list, tuple)) or not all(
            isinstance(part, (Tensor, Moved, Host)) for part in value
        ):
            raise NodeProblem(f"expected a list of tensors for '{name}'")
        return value

    def host(self, name, what):
        """An argument that has to be known at import."""
        value = self.argument(name)
        if not isinstance(value, Host):
            raise NodeProblem(f"expected a constant {what}")
        return value

    def weight(self, name, what, rank):
        """An argument as a Host of f32 elements."""
        host = self.importer.as_float(self.host(name, what))
        if host.array.ndim != rank:
            raise NodeProblem(
                f"expected {what} of rank {rank}, got shape {format_shape(host.shape)}"
            )
        return host

    # Results.

    @property
    def shape(self):
        """The sizes of the first result."""
        return self.result_shapes[0]

    @property
    def dtype(self):
        """The elements of the first result."""
        if self.result_dtypes[0] not in DTYPES:
            raise NodeProblem(
                f"expected elements of {', '.join(DTYPES)}, got {self.result_dtypes[0]}"
            )
        return self.result_dtypes[0]

    def set(self, value):
        """What the node stands for from now on."""
        self.result = value.settled(self) if isinstance(value, Moved) else value

    def emit(
        self,
        op,
        operands,
        attributes=None,
        suffix="",
        shape=None,
        dtype=None,
        factor=None,
    ):
        """Add an npir op, named as the layer and `suffix`; its Tensor. `shape` and `dtype`
        are those of the result, for an op that does not infer them; its elements are
        else those of the first operand."""
        return self.importer.emit(
            op, operands, attributes, self.layer + suffix, shape, dtype, factor
        )

    def cast(self, x, dtype, suffix=".cast"):
        """A Tensor or Moved with elements of `dtype`."""
        if x.dtype == dtype:
            return x
        return x.apply(
            lambda t: self.emit(
                "npir.cast", [t], None, suffix, list(t.value.shape), dtype, t.factor
            )
        )

    def constant(self, host, form="", convert=None):
        """The constant `convert(array)` of a weight; made once for each form."""
        return self.importer.constant(host, form, convert)
