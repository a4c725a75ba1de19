"""Masks and sums that a constant matrix describes."""

import numpy as np

from .axes import on_axis
from .moved import Moved, emit_view
from .node import axis_of
from .ops_elementwise import combine
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, format_shape


@onnx_op("Trilu", inputs=(1, 2))
def import_trilu(node):
    upper = node.int("upper", 1)
    offset = 0
    if node.is_given(1):
        offset, *_ = node.static_integers(1, "k") or [0]
    x = node.typed(0)
    if isinstance(x, Moved):
        raise x.refuse()
    sizes = x.shape[-2:]
    if len(sizes) != 2 or any(isinstance(size, Batch) for size in sizes):
        raise NodeProblem(f"expected constant matrices, got {format_shape(x.shape)}")
    mask = np.ones(sizes, np.bool_)
    mask = np.triu(mask, offset) if upper else np.tril(mask, offset)
    mask = node.importer.typed_constant(Host(mask, f"{node.layer}.mask"))
    zero = Host(np.zeros((), x.dtype), f"{node.layer}.zero")
    node.set(node.emit("npir.where", [mask, x, node.importer.typed_constant(zero)]))


@onnx_op("CumSum", inputs=(2, 2))
def import_cum_sum(node):
    """A product with a triangle of ones."""
    exclusive, reverse = node.int("exclusive", 0), node.int("reverse", 0)
    (axis,) = node.static_integers(1, "axis") or [0]
    x = node.activation(0)
    axis = axis_of(axis, len(x.shape))
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    size = x.shape[axis]
    ones = np.ones((size, size), np.float32)
    shift = 1 if exclusive else 0
    matrix = np.triu(ones, shift) if reverse else np.tril(ones, -shift)
    matrix = node.constant(Host(matrix, f"{node.layer}.ones"))
    node.set(on_axis(node, x, axis, lambda x: node.emit("npir.linear", [x, matrix])))


@onnx_op("OneHot", inputs=(3, 3))
def import_one_hot(node):
    """Negative indices count from the end."""
    axis = node.int("axis", -1)
    depth = node.host(1, "depth")
    if depth.array.size != 1 or depth.holds_batch or int(depth.array.reshape(())) < 1:
        raise NodeProblem("expected a constant depth of at least 1")
    depth = int(depth.array.reshape(()))
    values = node.host(2, "values")
    if values.array.shape != (2,):
        raise NodeProblem(f"expected two values, got {format_shape(values.shape)}")
    x = node.typed(0)
    if isinstance(x, Moved):
        raise x.refuse()
    rank = len(x.shape) + 1
    axis = axis_of(axis, rank)
    if axis == 0 and x.is_dynamic:
        raise NodeProblem("expected an axis behind the batch, got 0")
    dims = list(x.shape)
    dims.insert(axis, 1)
    column = [depth if i == axis else 1 for i in range(rank)]
    x = emit_view(node, x, dims, ".column")
    hits = []
    for name, first in (("indices", 0), ("negative", -depth)):
        numbers = np.arange(first, first + depth).reshape(column).astype(x.dtype)
        numbers = Host(numbers, f"{node.layer}.{name}")
        attributes = {"kind": "#npir.compare_kind<eq>"}
        hits.append(combine(node, "npir.compare", x, numbers, f".{name}", attributes))
    kind = {"kind": "#npir.logical_kind<or>"}
    hit = node.emit("npir.logical", hits, kind, ".hit")
    off, on = (
        node.importer.typed_constant(Host(values.array[i], f"{node.layer}.{name}"))
        for i, name in enumerate(("off", "on"))
    )
    node.set(node.emit("npir.where", [hit, on, off]))
