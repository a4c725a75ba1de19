"""Ops that take parts of a tensor."""

import numpy as np

from .moved import Moved, emit_slice, reshaped
from .node import axes_of, axis_of
from .registry import onnx_op
from .report import NodeProblem
from .shape_arithmetic import integers_of
from .values import Batch, Host, Sequence, format_shape, host_like


def _part(node, x, axis, start, size, suffix=""):
    """`size` elements of an activation from `start` on along `axis`."""
    if size < 1:
        raise NodeProblem(
            f"expected at least one element along axis {axis} of "
            f"{format_shape(x.shape)}, got none"
        )
    if (start, size) == (0, x.shape[axis]):
        return x
    if isinstance(x, Moved):
        return x.slice(node, axis, start, size, suffix)
    return emit_slice(node, x, axis, start, size, suffix)


@onnx_op("Slice", inputs=(3, 5))
def import_slice(node):
    x = node.value(0)
    rank = len(x.shape)
    starts, ends = node.integers(1, "starts"), node.integers(2, "ends")
    axes = list(range(len(starts)))
    if node.is_given(3):
        axes = node.static_integers(3, "axes")
    steps = node.static_integers(4, "steps") if node.is_given(4) else [1] * len(axes)
    if not len(starts) == len(ends) == len(axes) == len(steps):
        raise NodeProblem("expected as many starts, ends, axes and steps")
    axes = axes_of(axes, rank)
    if 0 in steps:
        raise NodeProblem(f"expected steps other than 0, got {format_shape(steps)}")
    if isinstance(x, Host):
        _slice_host(node, x, starts, ends, axes, steps)
        return
    if steps != [1] * len(steps):
        raise NodeProblem(
            f"unsupported for steps other than 1, got {format_shape(steps)}"
        )
    parts = []
    for axis, start, end in zip(axes, starts, ends):
        bounds = _bounds(x.shape[axis], start, end)
        if bounds is None:
            raise NodeProblem(
                f"expected constant starts and ends, and all of the batch, got {start} "
                f"to {end} along axis {axis} of {format_shape(x.shape)}"
            )
        parts.append((axis, *bounds))
    _set_parts(node, x, parts)


def _set_parts(node, x, parts):
    """Set the result to what (axis, start, size) after the other leave of `x`."""
    parts = [part for part in parts if part[1:] != (0, x.shape[part[0]])]
    for i, part in enumerate(parts, 1):
        x = _part(node, x, *part, "" if i == len(parts) else f".{i}")
    node.set(x)


def _slice_host(node, x, starts, ends, axes, steps):
    bounds = [*starts, *ends]
    if not all(isinstance(bound, int) for bound in bounds):
        raise NodeProblem(f"expected constant bounds, got {format_shape(bounds)}")
    index = [slice(None)] * len(x.shape)
    for axis, *bound in zip(axes, starts, ends, steps):
        index[axis] = slice(*bound)
        if bound[2] < 0 and bound[1] < -x.shape[axis]:
            index[axis] = slice(bound[0], None, bound[2])
    node.set(host_like(x, x.array[tuple(index)], node.layer))


def _bounds(size, start, end):
    """The first element and the number of `start` to `end`; None where the batch
    decides. The batch itself is only ever taken whole."""
    if isinstance(size, Batch):
        whole = end == size or (isinstance(end, int) and end >= 2**31 - 1)
        return (0, size) if start == 0 and whole else None
    if isinstance(start, Batch) or isinstance(end, Batch):
        return None
    start, end, _ = slice(start, end).indices(size)
    return start, max(end - start, 0)


def _split(node, x, axis, sizes, names=None):
    """The parts of `x` of these sizes along `axis`; None for one without a name."""
    if sum(sizes) != x.shape[axis] or min(sizes) < 1:
        raise NodeProblem(
            f"expected sizes above 0 with the sum {x.shape[axis]}, got "
            f"{format_shape(sizes)}"
        )
    parts, start = [], 0
    for i, size in enumerate(sizes):
        suffix = f".{i}" if len(sizes) > 1 else ""
        is_wanted = names is None or names[i]
        parts.append(
            _split_part(node, x, axis, start, size, suffix) if is_wanted else None
        )
        start += size
    return parts


def _split_axis(node, x, axis):
    axis = axis_of(axis, len(x.shape))
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    return axis


@onnx_op("Split", inputs=(1, 2), outputs=None)
def import_split(node):
    axis = node.int("axis", 0)
    count = node.int("num_outputs", len(node.outputs))
    sizes = node.ints("split") if node.opset < 13 else None
    x = node.value(0)
    if node.is_given(1):
        sizes = node.static_integers(1, "split")
    axis = _split_axis(node, x, axis)
    whole = x.shape[axis]
    if sizes is None:
        if count != len(node.outputs) or (node.opset < 18 and whole % count):
            raise NodeProblem(f"cannot split {whole} elements into {count} equal parts")
        size = -(-whole // count)
        sizes = [size] * (count - 1) + [whole - size * (count - 1)]
    if len(sizes) != len(node.outputs):
        raise NodeProblem(f"expected {len(node.outputs)} sizes, got {len(sizes)}")
    for i, part in enumerate(_split(node, x, axis, sizes, node.outputs)):
        if part is not None:
            node.set(part, i)


@onnx_op("SplitToSequence", inputs=(1, 2))
def import_split_to_sequence(node):
    axis, keep_dims = node.int("axis", 0), node.int("keepdims", 1)
    x = node.value(0)
    axis = _split_axis(node, x, axis)
    whole = x.shape[axis]
    sizes = [1] * whole
    if node.is_given(1):
        keep_dims = 1
        sizes = node.static_integers(1, "split")
        if node.value(1).array.ndim == 0:
            size = max(sizes[0], 1)
            sizes = [min(size, whole - i) for i in range(0, whole, size)]
    parts = _split(node, x, axis, sizes)
    if not keep_dims:
        dims = [dim for i, dim in enumerate(x.shape) if i != axis]
        parts = [_without_axis(node, part, dims, i) for i, part in enumerate(parts)]
    node.set(Sequence(parts))


def _without_axis(node, part, dims, index):
    if isinstance(part, Host):
        return Host(part.array.reshape(dims), part.name)
    return reshaped(node, part, dims, f".{index}.squeeze")


@onnx_op("SequenceAt", inputs=(2, 2))
def import_sequence_at(node):
    values = node.sequence(0)
    index, *_ = node.static_integers(1, "position") or [len(values)]
    if not -len(values) <= index < len(values):
        raise NodeProblem(f"expected a position among {len(values)}, got {index}")
    node.set(values[index])


def _split_part(node, x, axis, start, size, suffix):
    if isinstance(x, Host):
        index = [slice(None)] * axis + [slice(start, start + size)]
        part = host_like(x, x.array[tuple(index)], node.layer)
        part.name += suffix
        return part
    return _part(node, x, axis, start, size, suffix)


@onnx_op("Gather", inputs=(2, 2))
def import_gather(node):
    axis = node.int("axis", 0)
    x, indices = node.value(0), node.host(1, "index").array
    axis = axis_of(axis, len(x.shape))
    if indices.dtype.kind not in "iu":
        raise NodeProblem("expected constant integers as indices")
    if isinstance(x, Host):
        _gather_host(node, x, indices, axis)
        return
    size = x.shape[axis]
    if isinstance(size, Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    where = [int(i) + (size if i < 0 else 0) for i in indices.flat]
    if any(not 0 <= i < size for i in where):
        raise NodeProblem(
            f"expected indices into {size} elements, got {format_shape(indices.flat)}"
        )
    consecutive = bool(where) and where == list(range(where[0], where[0] + len(where)))
    if indices.ndim > 1 or not consecutive:
        raise NodeProblem(
            "unsupported except for one index or consecutive ones, got "
            f"{format_shape(where)}"
        )
    if indices.ndim == 1:
        node.set(_part(node, x, axis, where[0], len(where)))
        return
    part = _part(node, x, axis, where[0], 1, ".slice")
    node.set(reshaped(node, part, [d for i, d in enumerate(x.shape) if i != axis]))


def _gather_host(node, x, indices, axis):
    if x.is_integer:
        integers_of(Host(indices, ""))
    try:
        node.set(host_like(x, np.take(x.array, indices, axis), node.layer))
    except IndexError:
        raise NodeProblem(
            f"expected indices into shape {format_shape(x.shape)}, got "
            f"{format_shape(indices.flat)}"
        ) from None
