"""Ops over height and width that have no weights."""

import numpy as np

from .ops_layers import window_attributes
from .registry import exports
from .values import channels_first

_NCHW = channels_first(4)


@exports("max_pool2d")
def export_max_pool2d(context):
    attributes = window_attributes(context)
    attributes["kernel_shape"] = context.op.get("kernel")
    x = context.form(context.operand(0), _NCHW)
    context.set(context.node("MaxPool", [x], **attributes), _NCHW)


@exports("avg_pool2d")
def export_avg_pool2d(context):
    attributes = window_attributes(context)
    if attributes["dilations"] == [1, 1]:
        del attributes["dilations"]  # ONNX has them since opset 19
    attributes["kernel_shape"] = context.op.get("kernel")
    attributes["count_include_pad"] = int(bool(context.op.get("count_include_pad")))
    x = context.form(context.operand(0), _NCHW)
    context.set(context.node("AveragePool", [x], **attributes), _NCHW)


def _resize_scales(context):
    """ONNX's scales of the four dimensions; None where they do not give the sizes."""
    given, sizes = context.op.get("scales"), context.op.get("sizes")
    from_sizes = context.operand(0).shape[1:3]
    ratios = given or [new / old for old, new in zip(from_sizes, sizes)]
    scales = np.array([1, 1, *ratios], np.float32)
    made = [int(np.floor(np.float32(old) * r)) for old, r in zip(from_sizes, scales[2:])]
    return scales if given or made == list(sizes) else None


@exports("resize")
def export_resize(context):
    mode = context.op.get("mode")
    attributes = {
        "mode": "linear" if mode == "bilinear" else "nearest",
        "coordinate_transformation_mode": context.op.get("coordinates", "half_pixel"),
    }
    if mode == "nearest":
        attributes["nearest_mode"] = context.op.get("rounding", "round_prefer_floor")
    x = context.form(context.operand(0), _NCHW)
    scales = _resize_scales(context)
    # Without the attribute `axes`, which onnxruntime 1.20 loses beside a Transpose.
    if scales is not None:
        inputs = [x, "", context.writer.constant(f"{context.layer}.scales", scales)]
    else:
        kept = context.node("Shape", [x], ".kept", start=0, end=2)
        sizes = context.int64s(context.op.get("sizes"), ".sizes")
        inputs = [x, "", "", context.node("Concat", [kept, sizes], ".shape", axis=0)]
    context.set(context.node("Resize", inputs, **attributes), _NCHW)


@exports("depth_to_space")
def export_depth_to_space(context):
    x = context.form(context.operand(0), _NCHW)
    block = context.op.get("block")
    context.set(context.node("DepthToSpace", [x], blocksize=block, mode="DCR"), _NCHW)


@exports("space_to_depth")
def export_space_to_depth(context):
    x = context.form(context.operand(0), _NCHW)
    block = context.op.get("block")
    context.set(context.node("SpaceToDepth", [x], blocksize=block), _NCHW)
