"""Ops that take parts of a tensor."""

import numpy as np

from .moved import Moved, emit_slice, reshaped
from .node import axes_of, axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, Host, Sequence, format_shape, host_like


def part(node, x, axis, start, size, suffix=""):
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


@onnx_op("Slice", inputs=(3, 5), hosts=True)
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
    parts = []
    for axis, start, end, step in zip(axes, starts, ends, steps):
        bounds = _bounds(x.shape[axis], start, end, step)
        if bounds is None:
            raise NodeProblem(
                f"expected constant starts and ends, and all of the batch, got {start} "
                f"to {end} along axis {axis} of {format_shape(x.shape)}"
            )
        parts.append((axis, *bounds))
    _set_parts(node, x, parts)


def _set_parts(node, x, parts):
    """Set the result to what (axis, start, size, step) after the other leave of `x`."""
    parts = [bounds for bounds in parts if bounds[1:] != (0, x.shape[bounds[0]], 1)]
    for i, (axis, start, size, step) in enumerate(parts, 1):
        suffix = "" if i == len(parts) else f".{i}"
        if step == 1:
            x = part(node, x, axis, start, size, suffix)
        else:
            x = strided(node, x, axis, start, size, step, suffix)
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


def _bounds(size, start, end, step):
    """The first element, the number of them, and the step of `start` to `end`; None
    where the batch decides. The batch itself is only ever taken whole."""
    if isinstance(size, Batch):
        whole = end == size or (isinstance(end, int) and end >= 2**31 - 1)
        return (0, size, 1) if start == 0 and whole and step == 1 else None
    if isinstance(start, Batch) or isinstance(end, Batch):
        return None
    if step < 0 and end < -size:
        end = None
    taken = range(*slice(start, end, step).indices(size))
    return taken.start, len(taken), step if len(taken) > 1 else 1


def strided(node, x, axis, start, size, step, suffix):
    """Every `step`th element along `axis`: the first column of rows of `step` elements
    where such rows fit, as in patches; else by index."""
    if isinstance(x, Moved):
        raise x.refuse()
    whole = x.shape[axis]
    # The rows may begin earlier than the first element that is taken.
    column = max(start + size * step - whole, 0)
    if step < 0 or column > start:
        where = np.arange(start, start + size * step, step)
        operands = [
            x,
            node.importer.typed_constant(Host(where, f"{node.layer}.indices")),
        ]
        return node.emit("npir.gather", operands, {"axis": axis}, suffix)
    x = part(node, x, axis, start - column, size * step, f"{suffix}.rows")
    before, after = x.shape[:axis], x.shape[axis + 1 :]
    x = reshaped(node, x, [*before, size, step, *after], f"{suffix}.split")
    x = part(node, x, axis + 1, column, 1, f"{suffix}.column")
    return reshaped(node, x, [*before, size, *after], suffix)


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


@onnx_op("Split", inputs=(1, 2), outputs=None, hosts=True)
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
    for i, piece in enumerate(_split(node, x, axis, sizes, node.outputs)):
        if piece is not None:
            node.set(piece, i)


@onnx_op("SplitToSequence", inputs=(1, 2), hosts=True)
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


@onnx_op("SequenceAt", inputs=(2, 2), hosts=True)
def import_sequence_at(node):
    values = node.sequence(0)
    index, *_ = node.static_integers(1, "position") or [len(values)]
    if not -len(values) <= index < len(values):
        raise NodeProblem(f"expected a position among {len(values)}, got {index}")
    node.set(values[index])


def _split_part(node, x, axis, start, size, suffix):
    if isinstance(x, Host):
        index = [slice(None)] * axis + [slice(start, start + size)]
        return host_like(x, x.array[tuple(index)], node.layer + suffix)
    return part(node, x, axis, start, size, suffix)
