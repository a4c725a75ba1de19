"""Padding, of all of torch's modes."""

from ..onnx.ops_pad import emit_pad
from ..onnx.report import NodeProblem
from ..onnx.values import Batch
from .ops_select import emit_part
from .registry import aten

_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge"}


def _set_padded(node, mode, value=0.0):
    """Set the result to operand `self`, padded as `pad` says: pairs from the last
    dimension on."""
    name = "pad" if node.has("pad") else "padding"
    pads = node.ints(name) or []
    x = node.whole(node.typed("self"))
    rank = len(x.shape)
    begin, end = [0] * rank, [0] * rank
    for i in range(len(pads) // 2):
        begin[rank - 1 - i], end[rank - 1 - i] = pads[2 * i], pads[2 * i + 1]
    for axis, size in enumerate(x.shape):
        if isinstance(size, Batch) and (begin[axis] or end[axis]):
            raise NodeProblem("expected no padding of the batch")
        # Negative padding takes away.
        first, last = max(-begin[axis], 0), max(-end[axis], 0)
        if first or last:
            x = emit_part(node, x, axis, first, size - first - last, f".cut{axis}")
    begin, end = [max(pad, 0) for pad in begin], [max(pad, 0) for pad in end]
    if not any(begin + end):
        node.set(x)
    elif mode == "circular":
        node.set(_wrap(node, x, begin, end))
    else:
        node.set(emit_pad(node, x, begin, end, _MODES[mode], value))


def _wrap(node, x, begin, end):
    """What is before and behind comes from the other end."""
    axes = [axis for axis in range(len(x.shape)) if begin[axis] or end[axis]]
    for axis in axes:
        size = x.shape[axis]
        parts = [x]
        if begin[axis]:
            before = emit_part(node, x, axis, size - begin[axis], begin[axis], f".before{axis}")
            parts.insert(0, before)
        if end[axis]:
            parts.append(emit_part(node, x, axis, 0, end[axis], f".behind{axis}"))
        suffix = "" if axis == axes[-1] else f".{axis}"
        x = node.emit("npir.concat", parts, {"axis": axis}, suffix)
    return x


@aten("pad.default")
def import_pad(node):
    mode = node.text("mode")
    if mode != "circular" and mode not in _MODES:
        raise NodeProblem(f"unknown mode '{mode}'")
    _set_padded(node, mode, node.number("value", 0))


@aten("constant_pad_nd.default")
def import_constant_pad(node):
    _set_padded(node, "constant", node.number("value", 0))


@aten("reflection_pad1d.default", "reflection_pad2d.default")
def import_reflection_pad(node):
    _set_padded(node, "reflect")


@aten("replication_pad1d.default", "replication_pad2d.default")
def import_replication_pad(node):
    _set_padded(node, "replicate")
