"""Normalization: batch norm, layer norm, softmax."""

import math

import numpy as np

from ..onnx.moved import Moved, emit_view
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Host, Sequence, format_shape, product
from .registry import aten


def _vector(node, name, count, missing):
    """A parameter as a constant of rank 1; `missing` everywhere where it is not given."""
    if node.is_given(name):
        host = node.importer.as_float(node.host(name, name))
        return node.constant(host, "flat", lambda array: array.reshape(-1))
    return node.constant(Host(np.full(count, missing, np.float32), f"{node.layer}.{name}"))


@aten("_native_batch_norm_legit_no_training.default", "batch_norm.default")
def import_batch_norm(node):
    node.ignore("momentum", "cudnn_enabled")
    if node.has("training") and node.number("training"):
        raise NodeProblem(
            "measures its statistics anew; export the model in evaluation mode: model.eval()"
        )
    x = node.tensor("input")
    count = x.shape[1]
    parameters = [
        _vector(node, name, count, missing)
        for name, missing in (("weight", 1), ("bias", 0), ("running_mean", 0), ("running_var", 1))
    ]
    attributes = {"epsilon": float(node.number("eps")), "axis": 1}
    result = node.emit("npir.batch_norm", [x, *parameters], attributes)
    node.set(result if node.op == "aten.batch_norm.default" else Sequence([result]))


def on_last(node, x, axis, function):
    """`function`, which keeps the shape and works on the last dimension, of all the
    dimensions of `x` from `axis` on."""
    shape = x.shape
    if any(isinstance(size, Batch) for size in shape[axis:]):
        raise NodeProblem(
            f"expected axes other than the batch, got all from {axis} on of {format_shape(shape)}"
        )
    if axis == len(shape) - 1:
        return x.apply_last(node, function)
    if isinstance(x, Moved):
        raise x.refuse()
    flat = emit_view(node, x, (*shape[:axis], product(shape[axis:])), ".flat")
    return emit_view(node, function(flat), shape, ".shaped")


@aten("layer_norm.default", "native_layer_norm.default")
def import_layer_norm(node):
    node.ignore("cudnn_enable")
    sizes = node.ints("normalized_shape")
    epsilon = float(node.number("eps"))
    x = node.activation("input")
    count = math.prod(sizes)
    scale, offset = _vector(node, "weight", count, 1), _vector(node, "bias", count, 0)

    def normalize(tensor):
        return node.emit("npir.layer_norm", [tensor, scale, offset], {"epsilon": epsilon})

    result = on_last(node, x, len(x.shape) - len(sizes), normalize)
    node.set(result if node.op == "aten.layer_norm.default" else Sequence([result]))


@aten("softmax.int", "_softmax.default", "_safe_softmax.default")
def import_softmax(node):
    node.ignore("dtype", "half_to_float")
    x = node.activation("self")
    node.set(along(node, x, node.axis("dim", len(x.shape)), lambda t: node.emit("npir.softmax", [t])))


def along(node, x, axis, function):
    """`function`, which works on the last dimension, along `axis` of `x`."""
    rank = len(x.shape)
    if axis == rank - 1:
        return x.apply_last(node, function)
    if isinstance(x, Moved):
        raise x.refuse()
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    perm = list(range(rank))
    perm[axis], perm[-1] = perm[-1], perm[axis]
    x = node.emit("npir.transpose", [x], {"perm": perm}, ".last")
    return node.emit("npir.transpose", [function(x)], {"perm": perm}, ".back")
