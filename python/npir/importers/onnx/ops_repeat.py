"""Ops that put tensors together, or repeat them."""

import numpy as np

from .moved import Moved, emit_view
from .node import axis_of
from .registry import onnx_op
from .report import NodeProblem
from .shape_arithmetic import MAX_SIZES, integers_of
from .values import Batch, Host, format_shape, host_like, product, size_of


@onnx_op("Concat", inputs=(1, None), hosts=True)
def import_concat(node):
    axis = node.int("axis", 0)
    concat(node, [node.value(i) for i in range(len(node.inputs))], axis)


def concat(node, values, axis):
    """Set the result to `values` one behind the other."""
    rank = len(values[0].shape)
    axis = axis_of(axis, rank)
    if any(len(value.shape) != rank for value in values):
        shapes = " and ".join(format_shape(value.shape) for value in values)
        raise NodeProblem(f"expected shapes of one rank, got {shapes}")
    if all(isinstance(value, Host) for value in values):
        _concat_hosts(node, values, axis)
        return
    like = next((v for v in values if not isinstance(v, Host) and _is_batched(v)), None)
    if like is not None and axis == 0 and not isinstance(like, Moved):
        raise NodeProblem("expected an axis other than the batch, got 0")
    if like is not None:
        values = [_with_batch(node, value, like, i) for i, value in enumerate(values)]
    if any(isinstance(value, Moved) for value in values):
        _concat_moved(node, values, axis)
        return
    dtype = next(v.dtype for v in values if not isinstance(v, Host))
    tensors = []
    for i, value in enumerate(values):
        tensors.append(
            node.importer.typed_constant(value, dtype)
            if isinstance(value, Host)
            else value
        )
    node.set(node.emit("npir.concat", tensors, {"axis": axis}))


def _concat_moved(node, values, axis):
    """Of tensors that all have the batch in the same place."""
    for value in values:
        if not isinstance(value, Moved) or value.batch_axis != values[0].batch_axis:
            raise next(v for v in values if isinstance(v, Moved)).refuse()
    if axis == values[0].batch_axis:
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    led = [value.led(node) for value in values]
    perm = led[0][1]
    attributes = {"axis": perm.index(axis)}
    y = node.emit("npir.concat", [x for x, _ in led], attributes)
    node.set(Moved.back(y, perm))


def _is_batched(value):
    return isinstance(value, Moved) or value.is_dynamic


def _concat_hosts(node, values, axis):
    integers = values[0].is_integer
    if integers:
        values = [integers_of(value) for value in values]
    else:
        values = [node.importer.as_float(value) for value in values]
    try:
        array = np.concatenate([value.array for value in values], axis)
    except ValueError:
        shapes = " and ".join(format_shape(value.shape) for value in values)
        raise NodeProblem(
            f"expected shapes that differ along axis {axis} only, got {shapes}"
        ) from None
    node.set(host_like(values[0], array, node.layer))


def _with_batch(node, value, like, index):
    """`value` repeated along the batch of `like`, where it is a constant that was
    made for the batch that the model was traced with."""
    traced = node.importer.traced_batch
    if not isinstance(value, Host) or not traced or isinstance(like, Moved):
        return value
    array = value.array
    if array.shape[:1] != (traced,) or not np.array_equal(
        array, array[:1].repeat(traced, 0)
    ):
        return value
    return emit_broadcast(
        node,
        Host(array[:1], value.name),
        [like.shape[0], *array.shape[1:]],
        f".batch{index}",
    )


def emit_broadcast(node, x, dims, suffix=""):
    """`x`, a Host or Tensor, repeated to the sizes `dims`, the batch first."""
    tensor = node.importer.typed_constant(x) if isinstance(x, Host) else x
    operands = [tensor]
    if dims and isinstance(dims[0], Batch):
        operands.append(node.importer.batch_like(dims[0]))
    shape = [None if isinstance(dim, Batch) else dim for dim in dims]
    factor = dims[0].factor if len(operands) > 1 else None
    return node.emit(
        "npir.broadcast", operands, suffix=suffix, shape=shape, factor=factor
    )


def set_broadcast(node, x, dims):
    """Set the result to `x` repeated to the sizes `dims`."""
    if tuple(dims) == tuple(x.shape):
        node.set(x)
        return
    if isinstance(x, Moved):
        raise x.refuse()
    if isinstance(x, Host) and sum(isinstance(dim, Batch) for dim in dims[1:]) == 1:
        node.set(_broadcast_behind(node, x, dims))
        return
    if any(isinstance(dim, Batch) for dim in dims[1:]):
        raise NodeProblem(
            f"expected the batch to stay the first dimension, got {format_shape(dims)}"
        )
    static = all(isinstance(dim, int) for dim in dims)
    if (
        isinstance(x, Host)
        and static
        and size_of(dims)[0] <= max(x.array.size, MAX_SIZES)
    ):
        node.set(host_like(x, np.array(np.broadcast_to(x.array, dims)), node.layer))
    else:
        node.set(emit_broadcast(node, x, dims))


def _broadcast_behind(node, host, dims):
    """A Host repeated along a batch that is not the first dimension, as states of recurrent
    layers are made."""
    axis = next(i for i, dim in enumerate(dims) if isinstance(dim, Batch))
    perm = [axis, *(i for i in range(len(dims)) if i != axis)]
    array = host.array.reshape((1,) * (len(dims) - host.array.ndim) + host.shape)
    first = Host(np.ascontiguousarray(array.transpose(perm)), host.name)
    y = Moved.back(emit_broadcast(node, first, [dims[i] for i in perm]), perm)
    y.is_zero = not np.any(array)
    return y


@onnx_op("Expand", inputs=(2, 2), hosts=True)
def import_expand(node):
    target = node.integers(1, "shape")
    x = node.value(0)
    rank = max(len(target), len(x.shape))
    shape = [1] * (rank - len(x.shape)) + list(x.shape)
    dims = []
    for old, new in zip(shape, [1] * (rank - len(target)) + target):
        # -1 is torch's word for a size that stays.
        if old != new and old != 1 and new not in (1, -1):
            raise NodeProblem(
                f"expected a shape that {format_shape(x.shape)} broadcasts to, got "
                f"{format_shape(target)}"
            )
        dims.append(old if new in (1, -1) else new)
    set_broadcast(node, x, dims)


@onnx_op("Tile", inputs=(2, 2), hosts=True)
def import_tile(node):
    repeats = node.integers(1, "repeats")
    x = node.value(0)
    if len(repeats) != len(x.shape):
        raise NodeProblem(f"expected {len(x.shape)} repeats, got {len(repeats)}")
    dims = []
    for axis, (size, count) in enumerate(zip(x.shape, repeats)):
        if count != 1 and size != 1:
            _check_repeats(x, repeats, axis)
        dims.append(count if size == 1 else size)
    if isinstance(x, Host) and all(isinstance(count, int) for count in repeats):
        node.set(host_like(x, np.tile(x.array, repeats), node.layer))
        return
    whole = [a for a, n in enumerate(repeats) if n != 1 and x.shape[a] != 1]
    for i, axis in enumerate(whole):
        is_last = i == len(whole) - 1 and tuple(dims) == tuple(x.shape)
        x = _repeat(node, x, axis, repeats[axis], "" if is_last else f".{axis}")
        dims[axis] = x.shape[axis]
    set_broadcast(node, x, dims)


def _check_repeats(x, repeats, axis):
    size, count = x.shape[axis], repeats[axis]
    if isinstance(size, Batch) or not isinstance(count, int) or count < 1:
        raise NodeProblem(
            "expected repeats of at least 1, and 1 along the batch, got "
            f"{format_shape(repeats)} of {format_shape(x.shape)}"
        )


def _repeat(node, x, axis, count, suffix):
    """`x`, a Tensor, `count` times along `axis`."""
    if isinstance(x, Moved):
        raise x.refuse()
    shape = x.shape
    outer, inner = product(shape[:axis]), product(shape[axis:])
    x = emit_view(node, x, (outer, 1, inner), f"{suffix}.flat")
    x = emit_broadcast(node, x, [outer, count, inner], f"{suffix}.repeat")
    return emit_view(
        node, x, (*shape[:axis], count * shape[axis], *shape[axis + 1 :]), suffix
    )
