"""Functions of one value, and sums."""

import math

import numpy as np

from .ops_shape_arithmetic import fold
from .registry import onnx_op
from .report import NodeProblem
from .values import Host, format_shape

# ONNX's functions of one value without attributes, and the npir op. A new one
# is one line here.
UNARY_OPS = {
    "Relu": "npir.relu",
    "Sigmoid": "npir.sigmoid",
    "Tanh": "npir.tanh",
    "Abs": "npir.abs",
    "HardSwish": "npir.hardswish",
}


def _register_unary(onnx_name, npir_name):
    @onnx_op(onnx_name)
    def import_unary(node):
        node.set(node.emit(npir_name, [node.tensor(0)]))


for _names in UNARY_OPS.items():
    _register_unary(*_names)


@onnx_op("HardSigmoid")
def import_hard_sigmoid(node):
    """Only max(0, min(1, x/6 + 1/2)), which is what networks use."""
    alpha, beta = node.float("alpha", 0.2), node.float("beta", 0.5)
    if np.float32(alpha) != np.float32(1 / 6) or beta != 0.5:
        raise NodeProblem(
            f"expected alpha = 1/6 and beta = 0.5, got {alpha:.7g} and {beta:.7g}"
        )
    node.set(node.emit("npir.hardsigmoid", [node.tensor(0)]))


def _bound(node, index, name, missing):
    """A bound of Clip: an attribute, a constant scalar, or none."""
    if node.has(name):
        return node.float(name)
    if not node.is_given(index):
        return missing
    host = node.importer.as_float(node.host(index, f"bound '{name}'"))
    if host.array.size != 1:
        raise NodeProblem(
            f"expected a scalar bound '{name}', got shape "
            f"{format_shape(host.array.shape)}"
        )
    return float(host.array.reshape(()))


@onnx_op("Clip", inputs=(1, 3))
def import_clip(node):
    low = _bound(node, 1, "min", -math.inf)
    high = _bound(node, 2, "max", math.inf)
    if low == -math.inf and high == math.inf:
        node.set(node.value(0))
    elif low == 0 and high == math.inf:
        node.set(node.emit("npir.relu", [node.tensor(0)]))
    else:
        bounds = {"min": low, "max": high}
        node.set(node.emit("npir.clamp", [node.tensor(0)], bounds))


@onnx_op("Add", inputs=(2, 2))
def import_add(node):
    if node.is_host(0) and node.is_host(1):
        lhs, rhs = node.value(0), node.value(1)
        if lhs.is_integer:
            fold(node)
            return
        lhs, rhs = node.importer.as_float(lhs), node.importer.as_float(rhs)
        try:
            node.set(Host(lhs.array + rhs.array, node.name))
        except ValueError:
            raise NodeProblem(
                "expected shapes that broadcast, got "
                f"{format_shape(lhs.array.shape)} and "
                f"{format_shape(rhs.array.shape)}"
            ) from None
        return
    node.set(node.emit("npir.add", [node.tensor(0), node.tensor(1)]))


@onnx_op("Identity")
def import_identity(node):
    node.set(node.value(0))


@onnx_op("Dropout", inputs=(1, 3))
def import_dropout(node):
    """Nothing, at inference."""
    node.ignore("ratio", "seed")
    if node.is_given(2):
        training = node.host(2, "training_mode")
        if training.array.size != 1 or training.array.reshape(()):
            raise NodeProblem("expected training_mode to be false")
    node.set(node.value(0))
