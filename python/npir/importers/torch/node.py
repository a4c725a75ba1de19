"""A node as its handler sees it: arguments by name, results."""

import numpy as np

from ..onnx.moved import Moved
from ..onnx.node import axis_of
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Host, Sequence, Tensor, format_shape


class Node:
    """Wraps a node of the graph for its handler. Whatever is wrong is a NodeProblem.

    `arguments` are by the names of the op's schema, with what the importer's walk
    has for them: Tensor, Moved, Host, Sequence, Batch, numbers, text, lists.
    """

    def __init__(self, layer, op, arguments, defaults, shapes, importer):
        self.layer = layer
        self.op = op
        self.importer = importer
        # The results' sizes, by torch's own inference.
        self.result_shapes = shapes
        self._arguments = arguments
        self._defaults = defaults
        self._read = set()
        self.result_dtype = "float32"
        self.result = None

    # Arguments.

    def argument(self, name):
        self._read.add(name)
        return self._arguments.get(name, self._defaults.get(name))

    def is_given(self, name):
        return self.argument(name) is not None

    def has(self, name):
        """Whether the op has an argument of this name."""
        return name in self._arguments or name in self._defaults

    def number(self, name):
        """A number that is known at import; None where it is not given."""
        value = self.argument(name)
        if isinstance(value, Host) and value.array.size == 1:
            return value.array.reshape(()).item()
        if value is not None and not isinstance(value, (bool, int, float)):
            raise NodeProblem(f"expected a constant number for '{name}'")
        return value

    def text(self, name):
        return self.argument(name)

    def axis(self, name, rank):
        return axis_of(self.number(name), rank, name)

    def sizes(self, name):
        """A list of integers and Batches, or None."""
        value = self.argument(name)
        if value is None or isinstance(value, (list, tuple)):
            return value
        return [value]

    def ints(self, name, count=None):
        """A list of integers; a single one stands for `count` of them. An empty list
        is None."""
        values = self.sizes(name)
        if not values:
            return None
        if not all(isinstance(value, int) for value in values):
            raise NodeProblem(f"expected constant '{name}', got {format_shape(values)}")
        if count is not None and len(values) == 1:
            values = list(values) * count
        if count is not None and len(values) != count:
            raise NodeProblem(f"expected {count} values in '{name}', got {format_shape(values)}")
        return list(values)

    def ignore(self, *names):
        """Arguments that mean nothing to an inference in float."""
        self._read.update(names)

    def check_all_read(self):
        unread = [
            name
            for name, value in self._arguments.items()
            if name not in self._read and value != self._defaults.get(name, value)
        ]
        if unread:
            raise NodeProblem("unsupported argument " + ", ".join(f"'{name}'" for name in unread))

    # Operands.

    def value(self, name):
        """The Tensor, Moved or Host that an argument stands for."""
        value = self.argument(name)
        if isinstance(value, (bool, int, float)):
            return Host(np.array(value, np.float32), f"{self.layer}.{name}")
        if isinstance(value, (Tensor, Moved, Host)):
            return value
        if isinstance(value, Batch):
            raise NodeProblem("computes with the size of the batch")
        raise NodeProblem(f"expected a tensor for '{name}'")

    def is_host(self, name):
        return isinstance(self.argument(name), Host)

    def settle(self, value):
        """`value` as a Tensor or Moved of f32 elements, with the whole batch."""
        if not isinstance(value, Host):
            return value
        return self.importer.spread(self, value)

    def activation(self, name):
        return self.settle(self.value(name))

    def tensor(self, name):
        """An argument as an f32 tensor of the module."""
        value = self.activation(name)
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

    def set(self, value):
        """What the node stands for from now on."""
        self.result = value.settled(self) if isinstance(value, Moved) else value

    def emit(self, op, operands, attributes=None, suffix="", shape=None, factor=None):
        """Add an npir op, named as the layer and `suffix`; its Tensor."""
        return self.importer.emit(
            op, operands, attributes, self.layer + suffix, shape, factor
        )

    def constant(self, host, form="", convert=None):
        """The constant `convert(array)` of a weight; made once for each form."""
        return self.importer.constant(host, form, convert)
