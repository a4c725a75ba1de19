"""Elements by their indices."""

import numpy as np

from ..onnx.moved import reshaped
from ..onnx.node import axis_of
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Host, format_shape
from .ops_select import emit_part
from .registry import aten


@aten("embedding.default")
def import_embedding(node):
    node.ignore("padding_idx", "scale_grad_by_freq", "sparse")
    table = node.tensor("weight")
    _set_gathered(node, table, node.value("indices"), 0)


@aten("index_select.default")
def import_index_select(node):
    x = node.typed("self")
    _set_gathered(node, x, node.value("index"), node.axis("dim", len(x.shape)))


@aten("index.Tensor")
def import_index(node):
    x = node.typed("self")
    given = [(axis, index) for axis, index in enumerate(node.argument("indices")) if index is not None]
    if len(given) != 1:
        raise NodeProblem(f"expected one tensor of indices, got {len(given)}")
    axis, index = given[0]
    if (index.array.dtype.name if isinstance(index, Host) else index.dtype) == "bool":
        raise NodeProblem("expected indices, got a mask, whose result has a size of its own")
    _set_gathered(node, x, index, axis)


@aten("flip.default")
def import_flip(node):
    x = node.typed("self")
    axes = [axis_of(axis, len(x.shape), "dims") for axis in node.ints("dims") or []]
    for i, axis in enumerate(axes, 1):
        _check_axis(x, axis)
        order = Host(np.arange(x.shape[axis])[::-1].copy(), f"{node.layer}.order{axis}")
        x = _gathered(node, x, order, axis, "" if i == len(axes) else f".{axis}")
    node.set(x)


def _check_axis(x, axis):
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")


def _gathered(node, x, indices, axis, suffix=""):
    operands = [node.whole(x), node.whole(node.settle(indices))]
    return node.emit("npir.gather", operands, {"axis": axis}, suffix)


def _set_gathered(node, x, indices, axis):
    """Set the result to `x` at `indices`; neighbours are a slice."""
    _check_axis(x, axis)
    if not isinstance(indices, Host) or indices.batch is not None:
        node.set(_gathered(node, x, indices, axis))
        return
    size = x.shape[axis]
    where = [int(i) + (size if i < 0 else 0) for i in indices.array.flat]
    if any(not 0 <= i < size for i in where):
        raise NodeProblem(f"expected indices into {size} elements, got {format_shape(where)}")
    if where and where == list(range(where[0], where[0] + len(where))):
        is_whole = indices.array.ndim == 1
        part = emit_part(node, x, axis, where[0], len(where), "" if is_whole else ".slice")
        node.set(part if is_whole else reshaped(node, part, list(node.shape)))
        return
    where = Host(np.array(where, np.int64).reshape(indices.shape), f"{node.layer}.indices")
    node.set(_gathered(node, x, where, axis))
