"""Layers with weights, and products of activations."""

import numpy as np
from onnx import TensorProto

from .registry import ExportProblem, exports
from .values import BlockElements, SymmetricElements, channels_first, identity

_NCHW = channels_first(4)


def to_onnx_pads(pads):
    """[top, bottom, left, right] as ONNX has them."""
    top, bottom, left, right = pads
    return [top, left, bottom, right]


def window_attributes(context):
    return {
        "strides": context.op.get("strides", [1, 1]),
        "pads": to_onnx_pads(context.op.get("pads", [0] * 4)),
        "dilations": context.op.get("dilations", [1, 1]),
    }


def _bias_elements(context):
    """None where input or weight is not quantized as integer layers need it."""
    x, weight = context.operand(0), context.operand(1)
    if x.dequantized is None or weight.elements is None:
        return None
    if isinstance(weight.elements, BlockElements):
        return None
    source = x.dequantized.elements
    if source.axis is not None or any(weight.elements.zero_points):
        return None
    scales = np.float32(source.scales[0]) * np.array(weight.elements.scales, np.float32)
    if not np.all(scales >= np.finfo(np.float32).tiny):
        return None
    axis = None if weight.elements.axis is None else 0
    return SymmetricElements(32, True, scales, axis)


def bias(context):
    """The names of the layer's bias, as int32 where the layer has integers: none or one."""
    value = context.operand(2)
    if value is None:
        return []
    elements = None if value.elements is not None else _bias_elements(context)
    if elements is None or not value.is_constant:
        return [context.form(value)]
    with np.errstate(all="ignore"):
        integers = np.rint(value.floats().astype(np.float64) / elements.scales)
    if not np.all(np.abs(integers) < 2**31):
        return [context.form(value)]
    layer = f"{context.layer}.bias"
    name = context.writer.constant(
        value.layer, integers.astype(np.int32), TensorProto.INT32
    )
    return [context.dequantize(name, elements, elements.axis, f"{layer}.dequantize")]


def _export_convolution(context, filter_order, groups):
    x, weight = context.operand(0), context.require_constant(1, "filter")
    inputs = [context.form(x, _NCHW), context.form(weight, filter_order), *bias(context)]
    attributes = window_attributes(context)
    attributes["group"] = groups
    name = context.node("Conv", inputs, **attributes)
    context.set(context.clamp(name), _NCHW)


@exports("conv2d")
def export_conv2d(context):
    _export_convolution(context, (0, 3, 1, 2), context.op.get("groups", 1))


@exports("depthwise_conv2d")
def export_depthwise_conv2d(context):
    _export_convolution(context, (3, 0, 1, 2), context.operand(0).shape[3])


@exports("transpose_conv2d")
def export_transpose_conv2d(context):
    x, weight = context.operand(0), context.require_constant(1, "filter")
    groups = context.op.get("groups", 1)
    if groups == 1:
        filters = context.form(weight, (3, 0, 1, 2))
    else:
        # [G*OC, KH, KW, IC] to [G*IC, OC, KH, KW]; no axis is the channels then.
        array = weight.floats()
        outputs, height, width, inputs = array.shape
        array = array.reshape(groups, outputs // groups, height, width, inputs)
        array = array.transpose(0, 4, 1, 2, 3).reshape(-1, outputs // groups, height, width)
        filters = context.writer.constant(weight.layer, array)
    attributes = window_attributes(context)
    attributes["group"] = groups
    attributes["output_padding"] = context.op.get("output_padding", [0, 0])
    inputs = [context.form(x, _NCHW), filters, *bias(context)]
    name = context.node("ConvTranspose", inputs, **attributes)
    context.set(context.clamp(name), _NCHW)


def set_linear(context, x, weight, addends):
    """The op's result is `x` times `weight`, [OC, IC], plus `addends`, names of none or one
    tensor."""
    if x.rank == 2:
        inputs = [context.form(x), context.form(weight), *addends]
        name = context.node("Gemm", inputs, transB=1)
    else:
        name = context.node("MatMul", [context.form(x), context.form(weight, (1, 0))])
        for addend in addends:
            name = context.node("Add", [name, addend], ".bias")
    context.set(context.clamp(name))


@exports("linear")
def export_linear(context):
    set_linear(context, context.operand(0), context.operand(1), bias(context))


@exports("matmul")
def export_matmul(context):
    lhs, rhs = context.operands
    order = identity(rhs.rank)
    if context.op.get("transpose_rhs"):
        order = (*order[:-2], order[-1], order[-2])
    context.set(context.node("MatMul", [context.form(lhs), context.form(rhs, order)]))


@exports("softmax")
def export_softmax(context):
    x = context.operand(0)
    order = x.order or identity(x.rank)
    axis = order.index(x.rank - 1)
    context.set(context.node("Softmax", [context.form(x, order)], axis=axis), order)


# By the kind: the op, and since when its axes are an input.
_REDUCTIONS = {
    "mean": ("ReduceMean", 18),
    "sum": ("ReduceSum", 13),
    "max": ("ReduceMax", 18),
    "min": ("ReduceMin", 18),
    "prod": ("ReduceProd", 18),
}


def reduce(context, kind, name, axes, keep, layer=None):
    """The output of a reduction of `name`, called as the op's layer unless told."""
    layer = layer or context.layer
    op_type, since = _REDUCTIONS[kind]
    inputs, attributes = [name], {"keepdims": int(keep)}
    if context.opset >= since:
        sizes = np.array(axes, np.int64)
        inputs.append(context.writer.constant(f"{layer}.axes", sizes))
    else:
        attributes["axes"] = axes
    return context.writer.node(op_type, inputs, layer, **attributes)


@exports("reduce")
def export_reduce(context):
    x, kind = context.operand(0), context.op.get("kind")
    if kind not in _REDUCTIONS:
        raise ExportProblem(f"ONNX has no reduction '{kind}'")
    reduced, keep = context.op.get("axes"), bool(context.op.get("keep_dims"))
    order = x.order or identity(x.rank)
    axes = sorted(order.index(axis) for axis in reduced)
    name = reduce(context, kind, context.form(x, order), axes, keep)
    if not keep:
        kept = [dim for dim in range(x.rank) if dim not in reduced]
        order = [kept.index(dim) for dim in order if dim not in reduced]
    context.set(name, order)
