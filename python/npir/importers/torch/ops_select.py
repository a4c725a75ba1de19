"""Ops that take parts of a tensor, or put tensors together."""

from ..onnx.moved import Moved, emit_slice, reshaped
from ..onnx.node import axis_of
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Sequence, format_shape
from .registry import aten


def emit_part(node, x, axis, start, size, suffix=""):
    """`size` elements of an activation from `start` on along `axis`."""
    if (start, size) == (0, x.shape[axis]):
        return x
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    if size < 1:
        raise NodeProblem(
            f"expected at least one element along axis {axis} of {format_shape(x.shape)}, got none"
        )
    if isinstance(x, Moved):
        return x.slice(node, axis, start, size, suffix)
    return emit_slice(node, x, axis, start, size, suffix)


@aten("slice.Tensor")
def import_slice(node):
    x = node.typed("self")
    axis = node.axis("dim", len(x.shape))
    bounds, step = [node.argument(name) for name in ("start", "end")], node.number("step")
    whole = x.shape[axis]
    if isinstance(whole, Batch):
        if bounds[0] not in (None, 0) or node.shape[axis] != whole or step != 1:
            raise NodeProblem("expected all of the batch")
        node.set(x)
        return
    if any(isinstance(bound, Batch) for bound in bounds):
        raise NodeProblem("expected constant bounds")
    start, end, _ = slice(*bounds).indices(whole)
    if step == 1:
        node.set(emit_part(node, x, axis, start, max(end - start, 0)))
    else:
        node.set(_stride(node, x, axis, start, end, step))


def _stride(node, x, axis, start, end, step):
    """Every `step`th element: one of the columns of the elements in rows of `step`."""
    count = -(-(end - start) // step)
    if count * step > x.shape[axis]:
        raise NodeProblem(
            f"expected steps that divide the axis, got {start} to {end} by {step} along axis "
            f"{axis} of {format_shape(x.shape)}"
        )
    # The last row may end behind the map: then begin earlier.
    first = min(start, x.shape[axis] - count * step)
    x = emit_part(node, x, axis, first, count * step, ".rows")
    shape = list(x.shape)
    x = reshaped(node, x, [*shape[:axis], count, step, *shape[axis + 1 :]], ".shaped")
    x = emit_part(node, x, axis + 1, start - first, 1, ".column")
    return reshaped(node, x, [*shape[:axis], count, *shape[axis + 1 :]])


@aten("select.int")
def import_select(node):
    x = node.typed("self")
    axis = node.axis("dim", len(x.shape))
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    index = axis_of(node.number("index"), x.shape[axis], "index")
    node.set(_selected(node, x, axis, index))


def _selected(node, x, axis, index, suffix=""):
    part = emit_part(node, x, axis, index, 1, f"{suffix}.slice")
    return reshaped(node, part, [d for i, d in enumerate(x.shape) if i != axis], suffix)


@aten("narrow.default")
def import_narrow(node):
    x = node.typed("self")
    axis = node.axis("dim", len(x.shape))
    start = node.number("start")
    node.set(emit_part(node, x, axis, start % x.shape[axis], node.number("length")))


@aten(
    "split.Tensor", "split_with_sizes.default", "split.sizes", "chunk.default", "tensor_split.sections"
)
def import_split(node):
    """Into parts of the sizes that torch inferred."""
    node.ignore("split_size", "split_sizes", "chunks", "sections")
    x = node.typed("self")
    axis = node.axis("dim", len(x.shape))
    parts, start = [], 0
    for i, shape in enumerate(node.result_shapes):
        size = shape[axis]
        suffix = f".{i}" if len(node.result_shapes) > 1 else ""
        part = emit_part(node, x, axis, start, size, suffix)
        parts.append(part.settled(node) if isinstance(part, Moved) else part)
        start += size if isinstance(size, int) else 0
    node.set(Sequence(parts))


@aten("unbind.int")
def import_unbind(node):
    x = node.typed("self")
    axis = node.axis("dim", len(x.shape))
    if isinstance(x.shape[axis], Batch):
        raise NodeProblem(f"expected an axis other than the batch, got {axis}")
    parts = [_selected(node, x, axis, i, f".{i}") for i in range(x.shape[axis])]
    node.set(Sequence([p.settled(node) if isinstance(p, Moved) else p for p in parts]))


@aten("cat.default", "stack.default")
def import_cat(node):
    values = [node.settle(value, node.dtype) for value in node.tensors("tensors")]
    rank = len(node.shape)
    axis = node.axis("dim", rank)
    if isinstance(node.shape[axis], Batch):
        raise NodeProblem("expected an axis other than the batch, got 0")
    if node.op == "aten.stack.default":
        values = [
            reshaped(node, x, [*x.shape[:axis], 1, *x.shape[axis:]], f".{i}")
            for i, x in enumerate(values)
        ]
    # An empty list of torch's old days.
    values = [value for value in values if value.shape != (0,)]
    for value in values:
        if isinstance(value, Moved):
            raise value.refuse()
    node.set(node.emit("npir.concat", values, {"axis": axis}))


@aten("roll.default")
def import_roll(node):
    shifts, axes = node.ints("shifts"), node.ints("dims")
    x = node.whole(node.typed("self"))
    if not axes:
        raise NodeProblem("expected the dimensions to roll along")
    for i, (shift, axis) in enumerate(zip(shifts, axes)):
        axis = axis_of(axis, len(x.shape), "dims")
        if isinstance(x.shape[axis], Batch):
            raise NodeProblem("expected dimensions other than the batch")
        shift %= x.shape[axis]
        if shift == 0:
            continue
        head = x.shape[axis] - shift
        parts = [
            emit_part(node, x, axis, head, shift, f".{i}.tail"),
            emit_part(node, x, axis, 0, head, f".{i}.head"),
        ]
        x = node.emit("npir.concat", parts, {"axis": axis}, f".{i}" if i + 1 < len(axes) else "")
    node.set(x)
