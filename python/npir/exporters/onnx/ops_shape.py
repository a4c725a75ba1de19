"""Ops that move elements."""

import numpy as np

from .registry import ExportProblem, exports
from .values import identity


def _static(dims):
    """Sizes for Reshape, whose -1 is what is left."""
    return [-1 if dim is None else dim for dim in dims]


def _as_transpose(old, new):
    """The permutation that makes a tensor of shape `new` of one of `old` as a reshape
    does, where it only moves sizes of 1; else None."""
    if len(old) != len(new) or old == new:
        return None
    moved = iter([dim for dim, size in enumerate(old) if size != 1])
    ones = iter([dim for dim, size in enumerate(old) if size == 1])
    perm = [next(ones if size == 1 else moved, None) for size in new]
    if None in perm or any(old[dim] != size for dim, size in zip(perm, new)):
        return None
    return perm


@exports("reshape")
def export_reshape(context):
    x, shape = context.operand(0), context.result.shape
    if x.is_constant and x.elements is None:
        context.set_constant(np.reshape(x.array, shape))
        return
    # A transpose may meet another one.
    perm = None if x.is_constant else _as_transpose(x.shape, shape)
    if perm is not None:
        context.set_moved(perm)
        return
    inputs = [context.form(x), context.int64s(_static(shape))]
    context.set(context.node("Reshape", inputs))


@exports("transpose")
def export_transpose(context):
    x, perm = context.stored_operand(0), context.op.get("perm")
    if x.is_constant:
        if x.elements is None:
            context.set_constant(np.transpose(x.array, perm))
            return
        context.form(x)
    context.set_moved(perm)


@exports("slice")
def export_slice(context):
    x = context.operand(0)
    order = x.order or identity(x.rank)
    starts, ends, axes = [], [], []
    for dim, (offset, size) in enumerate(
        zip(context.op.get("offsets"), context.op.get("sizes"))
    ):
        whole = x.shape[dim] is None or (offset == 0 and size in (-1, x.shape[dim]))
        if not whole:
            starts.append(offset)
            ends.append(x.shape[dim] if size == -1 else offset + size)
            axes.append(order.index(dim))
    inputs = [
        context.form(x, order),
        context.int64s(starts, ".starts"),
        context.int64s(ends, ".ends"),
        context.int64s(axes, ".axes"),
    ]
    context.set(context.node("Slice", inputs), order)


@exports("concat")
def export_concat(context):
    rank = len(context.result.shape)
    order = context.common_order(context.operands, rank)
    inputs = [context.form(value, order) for value in context.operands]
    axis = order.index(context.op.get("axis"))
    context.set(context.node("Concat", inputs, axis=axis), order)


@exports("broadcast")
def export_broadcast(context):
    x, like, shape = context.operand(0), context.operand(1), context.result.shape
    sizes = context.int64s([dim for dim in shape if dim is not None])
    if None in shape:
        source = x if like is None else like
        order = source.order or identity(source.rank)
        if order[:1] != (0,):
            order = identity(source.rank)
        batch = context.node(
            "Shape", [context.form(source, order)], ".batch", start=0, end=1
        )
        sizes = context.node("Concat", [batch, sizes], ".sizes", axis=0)
    context.set(context.node("Expand", [context.form(x), sizes]))


@exports("pad")
def export_pad(context):
    x, mode = context.operand(0), context.op.get("mode", "constant")
    if mode not in ("constant", "edge", "reflect"):
        raise ExportProblem(f"ONNX has no padding '{mode}'")
    order = x.order or identity(x.rank)
    begin, end = (context.op.get(name) for name in ("pads_begin", "pads_end"))
    pads = [begin[dim] for dim in order] + [end[dim] for dim in order]
    inputs = [context.form(x, order), context.int64s(pads, ".pads")]
    value = context.op.get("value", 0.0)
    if mode == "constant" and value != 0:
        array = np.array(value).astype(x.tensor.dtype)
        inputs.append(context.writer.constant(f"{context.layer}.value", array))
    context.set(context.node("Pad", inputs, mode=mode), order)
