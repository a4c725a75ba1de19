"""Normalization: batch norm, layer norm, softmax."""

import math

import numpy as np

from .moved import Moved, emit_view
from .node import axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, format_shape, product


@onnx_op("BatchNormalization", inputs=(5, 5))
def import_batch_norm(node):
    node.ignore("momentum")
    node.require("training_mode", 0, "expected a trained batch norm: training_mode = 0")
    attributes = {"epsilon": node.float("epsilon", 1e-5), "axis": 1}
    names = ("scale", "bias", "mean", "variance")
    parameters = [
        node.constant(node.weight(i + 1, name, 1)) for i, name in enumerate(names)
    ]
    node.set(node.emit("npir.batch_norm", [node.tensor(0), *parameters], attributes))


def _vector(node, index, name, shape):
    """Operand `index`, which broadcasts to `shape`, as a constant of rank 1."""
    host = node.importer.as_float(node.host(index, name))
    count = math.prod(shape)
    if host.shape == tuple(shape):
        return node.constant(host, "flat", lambda array: array.reshape(-1))

    def spread(array):
        return np.array(np.broadcast_to(array, shape)).reshape(-1)

    try:
        np.broadcast_shapes(host.shape, tuple(shape))
        return node.constant(host, f"spread {count}", spread)
    except ValueError:
        raise NodeProblem(
            f"expected {name} of {format_shape(shape)} or what broadcasts to it, got "
            f"{format_shape(host.shape)}"
        ) from None


def _filled(node, name, count, value):
    array = np.full(count, value, np.float32)
    return node.constant(Host(array, f"{node.layer}.{name}"))


def _refuse_batch(x, axis):
    if any(isinstance(size, Batch) for size in x.shape[axis:]):
        raise NodeProblem(
            f"expected axes other than the batch, got all from {axis} on of "
            f"{format_shape(x.shape)}"
        )


def _on_last(node, x, axis, function):
    """`function`, which keeps the shape and works on the last dimension, of all the
    dimensions of `x` from `axis` on."""
    shape = x.shape
    if axis == len(shape) - 1:
        return x.apply_last(node, function)
    if isinstance(x, Moved):
        raise x.refuse()
    flat = emit_view(node, x, (*shape[:axis], product(shape[axis:])), ".flat")
    return emit_view(node, function(flat), shape, ".shaped")


@onnx_op("LayerNormalization", inputs=(2, 3))
def import_layer_norm(node):
    node.require("stash_type", 1)
    axis = node.int("axis", -1)
    epsilon = node.float("epsilon", 1e-5)
    x = node.activation(0)
    axis = axis_of(axis, len(x.shape))
    sizes = x.shape[axis:]
    _refuse_batch(x, axis)
    count = math.prod(sizes)
    scale = _vector(node, 1, "scale", sizes)
    if node.is_given(2):
        offset = _vector(node, 2, "bias", sizes)
    else:
        offset = _filled(node, "offset", count, 0)

    def normalize(tensor):
        return node.emit(
            "npir.layer_norm", [tensor, scale, offset], {"epsilon": epsilon}
        )

    node.set(_on_last(node, x, axis, normalize))


@onnx_op("Softmax")
def import_softmax(node):
    axis = node.int("axis", 1 if node.opset < 13 else -1)
    x = node.activation(0)
    rank = len(x.shape)
    axis = axis_of(axis, rank)

    def softmax(tensor):
        return node.emit("npir.softmax", [tensor])

    if node.opset < 13 or axis == rank - 1:
        # Before opset 13: over all dimensions from the axis on.
        _refuse_batch(x, axis)
        node.set(_on_last(node, x, axis, softmax))
        return
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    if isinstance(x, Moved):
        raise x.refuse()
    perm = list(range(rank))
    perm[axis], perm[-1] = perm[-1], perm[axis]
    x = node.emit("npir.transpose", [x], {"perm": perm}, ".last")
    node.set(node.emit("npir.transpose", [softmax(x)], {"perm": perm}, ".back"))
