"""Normalizations."""

import numpy as np

from .registry import ExportProblem, exports
from .values import channels_first


@exports("layer_norm")
def export_layer_norm(context):
    inputs = [context.form(value) for value in context.operands]
    epsilon = context.op.get("epsilon")
    context.set(
        context.node("LayerNormalization", inputs, axis=-1, epsilon=epsilon)
    )


@exports("batch_norm")
def export_batch_norm(context):
    x, axis = context.operand(0), context.op.get("axis")
    others = [dim for dim in range(x.rank) if dim != axis]
    order = (*others[:1], axis, *others[1:])
    inputs = [context.form(x, order), *(context.form(v) for v in context.operands[1:])]
    epsilon = context.op.get("epsilon")
    context.set(context.node("BatchNormalization", inputs, epsilon=epsilon), order)


@exports("rms_norm", opset=18)
def export_rms_norm(context):
    x, scale = (context.form(value) for value in context.operands)
    square = context.node("Mul", [x, x], ".square")
    axes = context.int64s([-1], ".axes")
    mean = context.node("ReduceMean", [square, axes], ".mean", keepdims=1)
    epsilon = context.scalar(context.op.get("epsilon"), ".epsilon")
    root = context.node("Sqrt", [context.node("Add", [mean, epsilon], ".add")], ".sqrt")
    context.set(context.node("Mul", [context.node("Div", [x, root], ".div"), scale]))


@exports("group_norm")
def export_group_norm(context):
    x, scale, offset = context.operands
    groups, epsilon = context.op.get("groups"), context.op.get("epsilon")
    channels = x.shape[-1]
    order = channels_first(x.rank)
    name = context.form(x, order)
    if groups == channels:
        inputs = [name, context.form(scale), context.form(offset)]
        context.set(context.node("InstanceNormalization", inputs, epsilon=epsilon), order)
        return
    if not scale.is_constant or not offset.is_constant:
        raise ExportProblem("expected constant scale and offset")
    # Each group as one channel of an instance normalization.
    sizes = [x.shape[dim] for dim in order]
    flat = context.int64s([0, groups, -1], ".groups")
    back = context.int64s([-1 if size is None else size for size in sizes])
    name = context.node("Reshape", [name, flat], ".split")
    ones, zeros = np.ones(groups, np.float32), np.zeros(groups, np.float32)
    inputs = [
        name,
        context.writer.constant(f"{context.layer}.one", ones),
        context.writer.constant(f"{context.layer}.zero", zeros),
    ]
    name = context.node("InstanceNormalization", inputs, ".normalize", epsilon=epsilon)
    name = context.node("Reshape", [name, back], ".merge")
    name = context.node("Mul", [name, context.aligned(scale, order)], ".scale")
    context.set(context.node("Add", [name, context.aligned(offset, order)]), order)
