"""Ops that are written with other ONNX ops, each of which is imported in its turn.

A handler that needs shapes, broadcasting, folding of constants and a batch that
moves gets all that from the handlers which have it already:

    r = Recipe(node)
    r("Mul", x, r(".Sigmoid", x))

Values go by the names of tensors, as in ONNX.
"""

import numpy as np
from onnx import helper

from .graph import GraphNode
from .report import Poisoned
from .values import Host

# What recipes are written in, whatever the model's operator set is.
_OPSET = 21


class Recipe:
    """`r("Add", a, b)` sets the result of the node and has the layer's own name,
    `r(".Add", a, b)` is a part of it, named `<layer>.add`; its result's name is
    returned, a list of `outputs` names where these are more than one.

    Operands are names, numbers (of f32), lists of integers, numpy arrays, Hosts
    and other values; None is one that is left out, as is an attribute of None. `index`
    is that of the result, `layer` another name for the part.
    """

    opset = _OPSET

    def __init__(self, node):
        self._node = node
        self._importer = node.importer
        self._counts = {}
        self._bound = {}

    def __call__(self, op, *operands, outputs=1, index=0, layer="", opset=None, **attributes):
        is_part = op.startswith(".")
        op = op.removeprefix(".")
        if not layer:
            layer = self._node.layer + (self._suffix(op) if is_part else "")
        if is_part:
            results = [self._importer.new_name(layer) for _ in range(outputs)]
        else:
            results = [self._node.outputs[index]]
        proto = helper.make_node(
            op, [self._name(x) for x in operands], results, layer
        )
        proto.attribute.extend(
            helper.make_attribute(name, value)
            for name, value in attributes.items()
            if value is not None
        )
        self._importer.import_part(GraphNode(proto, 0, layer), opset or self.opset)
        return results[0] if outputs == 1 else results

    def _suffix(self, op):
        suffix = "." + op.lower()
        count = self._counts.get(suffix, 0)
        self._counts[suffix] = count + 1
        return f"{suffix}{count}" if count else suffix

    def _name(self, operand):
        """The name of what stands for `operand`."""
        if operand is None:
            return ""
        if isinstance(operand, str):
            return operand
        if isinstance(operand, (int, float)):
            return self._bind_array(np.float32(operand), f"{operand:g}")
        if isinstance(operand, (list, tuple)):
            return self._bind_array(np.array(operand, np.int64), "sizes")
        if isinstance(operand, np.ndarray):
            return self.bind(Host(operand, f"{self._node.layer}.constant"))
        return self.bind(operand)

    def _bind_array(self, array, what):
        key = (array.dtype.str, array.shape, array.tobytes())
        if key not in self._bound:
            self._bound[key] = self.bind(Host(array, f"{self._node.layer}.{what}"))
        return self._bound[key]

    def bind(self, value):
        """A name for `value`."""
        name = self._importer.new_name(self._node.layer)
        self._importer.values[name] = value
        return name

    def value(self, name):
        """What `name` stands for."""
        value = self._importer.values.get(name)
        if value is None:
            raise Poisoned
        return value

    def shape(self, name):
        return self.value(name).shape

    def set(self, name, index=0):
        """Let result `index` of the node be what `name` stands for."""
        if index < len(self._node.outputs) and self._node.outputs[index]:
            self._importer.values[self._node.outputs[index]] = self.value(name)

    def wants(self, index):
        """Whether anybody may read result `index`."""
        return index < len(self._node.outputs) and bool(self._node.outputs[index])
