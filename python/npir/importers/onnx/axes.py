"""Ops of npir that work on the last dimension, or on all but the batch, elsewhere."""

from .moved import Moved, emit_view
from .node import axis_of
from .report import NodeProblem
from .values import Batch, format_shape, product


def refuse_batch(x, axis):
    if any(isinstance(size, Batch) for size in x.shape[axis:]):
        raise NodeProblem(
            f"expected axes other than the batch, got all from {axis} on of "
            f"{format_shape(x.shape)}"
        )


def on_flat(node, x, axis, function):
    """`function`, which keeps the shape and works on the last dimension, of all the
    dimensions of `x` from `axis` on."""
    shape = x.shape
    if axis == len(shape) - 1:
        return x.apply_last(node, function)
    if isinstance(x, Moved):
        raise x.refuse()
    dims = (*shape[:axis], product(shape[axis:]))
    # A tensor without a batch gets one.
    flat = emit_view(node, x, dims if axis else (1, *dims), ".flat")
    return emit_view(node, function(flat), shape, ".shaped")


def on_axis(node, x, axis, function):
    """`function`, which keeps the shape and works on the last dimension, of dimension
    `axis` of `x`."""
    rank = len(x.shape)
    if axis == rank - 1:
        return x.apply_last(node, function)
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    if isinstance(x, Moved):
        tensor, order = x.led(node)
        return Moved.back(on_axis(node, tensor, order.index(axis), function), order)
    perm = list(range(rank))
    perm[axis], perm[-1] = perm[-1], perm[axis]
    x = node.emit("npir.transpose", [x], {"perm": perm}, ".last")
    return node.emit("npir.transpose", [function(x)], {"perm": perm}, ".back")


def on_softmax_axis(node, function):
    """`function` of operand 0 along the axis that Softmax and its kin name: before opset
    13 all the dimensions from there on."""
    axis = node.int("axis", 1 if node.opset < 13 else -1)
    x = node.activation(0)
    axis = axis_of(axis, len(x.shape))
    if node.opset < 13:
        refuse_batch(x, axis)
        return on_flat(node, x, axis, function)
    return on_axis(node, x, axis, function)


def reduce(node, x, kind, axes, keep_dims, suffix=""):
    """npir.reduce of the Tensor `x` over `axes`, which ascend. Where there is no batch,
    dimension 0 may be among them."""
    if not axes:
        return x
    if axes[0] > 0:
        return _emit_reduce(node, x, kind, axes, keep_dims, suffix)
    shape = x.shape
    if isinstance(shape[0], Batch):
        raise NodeProblem(
            f"expected axes other than the batch, got {format_shape(axes)}"
        )
    # In a batch of one.
    x = emit_view(node, x, (1, *shape), f"{suffix}.batch")
    x = _emit_reduce(node, x, kind, [axis + 1 for axis in axes], False, suffix)
    if keep_dims:
        dims = [1 if i in axes else size for i, size in enumerate(shape)]
    else:
        dims = x.shape[1:]
    return emit_view(node, x, dims, f"{suffix}.shaped")


def _emit_reduce(node, x, kind, axes, keep_dims, suffix):
    attributes = {
        "kind": f"#npir.reduce_kind<{kind}>",
        "axes": axes,
        "keep_dims": keep_dims,
    }
    return node.emit("npir.reduce", [x], attributes, suffix)
