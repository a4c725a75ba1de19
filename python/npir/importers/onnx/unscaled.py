"""Integers whose scale comes later: products of integers (MatMulInteger), and rows that
are gathered from a table of them.

As onnxruntime's quantize_dynamic writes it, a layer is DynamicQuantizeLinear,
MatMulInteger, Cast, and a Mul with the scales of both operands. Here the Mul becomes
a layer of floats whose weight is dequantized with these scales. What
DynamicQuantizeLinear makes is the real numbers themselves, with the scale 1.
"""

import numpy as np
from onnx import TensorProto

from .values import Host


class Dynamic:
    """What DynamicQuantizeLinear makes of `x`, a Tensor or Moved."""

    def __init__(self, x):
        self.x = x

    @property
    def shape(self):
        return self.x.shape


class Unscaled:
    """Integers. `make(scale, zero_point)` gives the value of them less the array
    `zero_point`, or None, and times a Host; None where that does not fit.
    `is_float`: a Cast has made them floats to those who read them."""

    def __init__(self, make, is_float=False):
        self.make = make
        self.is_float = is_float
        self._plain = None

    def plain(self, node):
        """The Tensor or Moved of the integers."""
        if self._plain is None:
            one = Host(np.float32(1), f"{node.layer}.one")
            value = self.make(one, None)
            if not self.is_float:
                value = node.cast(value, "int32", ".integers")
            self._plain = value
        return self._plain


def scale_integers(importer, graph_node):
    """Import a Cast of an Unscaled to float, and a Mul of one with constant scales; true
    if `graph_node` was that."""
    if graph_node.key not in ("Cast", "Mul") or not graph_node.outputs:
        return False
    values = importer.values
    operands = [values.get(name) for name in graph_node.inputs]
    value = next((v for v in operands if isinstance(v, Unscaled)), None)
    if value is None:
        return False
    if graph_node.op == "Cast":
        to = [a.i for a in graph_node.proto.attribute if a.name == "to"]
        if to != [TensorProto.FLOAT]:
            return False
        values[graph_node.outputs[0]] = Unscaled(value.make, True)
        return True
    scale = next((v for v in operands if type(v) is Host), None)
    if scale is None or not value.is_float or len(operands) != 2:
        return False
    scaled = value.make(importer.as_float(scale), None)
    if scaled is None:
        return False
    values[graph_node.outputs[0]] = scaled
    return True
