"""Elements around a tensor, and parts of its middle."""

from .moved import Moved
from .node import axes_of
from .ops_elementwise import scalar
from .ops_select import part
from .registry import onnx_op
from .report import NodeProblem
from .values import Batch, format_shape


@onnx_op("Pad", inputs=(2, 4))
def import_pad(node):
    mode = node.text("mode", "constant")
    if mode not in ("constant", "edge", "reflect", "wrap"):
        raise NodeProblem(
            f"expected mode of constant, edge, reflect or wrap, got '{mode}'"
        )
    pads = node.static_integers(1, "pads")
    value = scalar(node, 2, "value") if node.is_given(2) and mode == "constant" else 0.0
    x = node.typed(0)
    rank = len(x.shape)
    axes = list(range(rank))
    if node.is_given(3):
        axes = axes_of(node.static_integers(3, "axes"), rank)
    if len(pads) != 2 * len(axes):
        raise NodeProblem(f"expected {2 * len(axes)} pads, got {len(pads)}")
    begin, end = [0] * rank, [0] * rank
    for i, axis in enumerate(axes):
        begin[axis], end[axis] = pads[i], pads[i + len(axes)]
    x = _cut(node, x, begin, end)
    if not any(begin + end):
        node.set(x)
        return
    if isinstance(x, Moved):
        raise x.refuse()
    node.set(
        _wrap(node, x, begin, end)
        if mode == "wrap"
        else emit_pad(node, x, begin, end, mode, value)
    )


def emit_pad(node, x, begin, end, mode, value, suffix=""):
    attributes = {
        "pads_begin": begin,
        "pads_end": end,
        "mode": f"#npir.pad_mode<{mode}>",
        "value": float(value),
    }
    return node.emit("npir.pad", [x], attributes, suffix)


def _cut(node, x, begin, end):
    """`x` without what negative pads take away; they are 0 then."""
    for axis, size in enumerate(x.shape):
        if begin[axis] >= 0 and end[axis] >= 0:
            continue
        if isinstance(size, Batch):
            raise NodeProblem(
                f"expected no pads along the batch, got {begin} and {end}"
            )
        first, last = max(-begin[axis], 0), max(-end[axis], 0)
        x = part(node, x, axis, first, size - first - last, f".cut{axis}")
        begin[axis], end[axis] = max(begin[axis], 0), max(end[axis], 0)
    return x


def _wrap(node, x, begin, end):
    """What lies behind the last element is the first one."""
    axes = [i for i, pads in enumerate(zip(begin, end)) if any(pads)]
    for axis in axes:
        size = x.shape[axis]
        if isinstance(size, Batch) or max(begin[axis], end[axis]) > size:
            raise NodeProblem(
                f"expected wrapping pads of at most the size, got {begin} and {end} "
                f"around {format_shape(x.shape)}"
            )
        parts = [x]
        if begin[axis]:
            first = size - begin[axis]
            parts.insert(0, part(node, x, axis, first, begin[axis], f".before{axis}"))
        if end[axis]:
            parts.append(part(node, x, axis, 0, end[axis], f".behind{axis}"))
        suffix = "" if axis == axes[-1] else f".{axis}"
        x = node.emit("npir.concat", parts, {"axis": axis}, suffix)
    return x


@onnx_op("CenterCropPad", inputs=(2, 2))
def import_center_crop_pad(node):
    """Each size brought to another one, the middle staying where it is."""
    sizes = node.static_integers(1, "shape")
    x = node.typed(0)
    rank = len(x.shape)
    axes = axes_of(node.ints("axes", list(range(rank))), rank)
    if len(sizes) != len(axes):
        raise NodeProblem(f"expected {len(axes)} sizes, got {len(sizes)}")
    begin, end = [0] * rank, [0] * rank
    for axis, new in zip(axes, sizes):
        old = x.shape[axis]
        if isinstance(old, Batch):
            raise NodeProblem("expected axes other than the batch")
        if new < old:
            first = (old - new) // 2
            begin[axis], end[axis] = -first, -(old - new - first)
        else:
            begin[axis] = (new - old) // 2
            end[axis] = new - old - begin[axis]
    x = _cut(node, x, begin, end)
    if any(begin + end):
        if isinstance(x, Moved):
            raise x.refuse()
        x = emit_pad(node, x, begin, end, "constant", 0)
    node.set(x)
