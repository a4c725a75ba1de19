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


@exports("resize", opset=18)
def export_resize(context):
    mode = context.op.get("mode")
    attributes = {
        "axes": [2, 3],
        "mode": "linear" if mode == "bilinear" else "nearest",
        "coordinate_transformation_mode": context.op.get("coordinates", "half_pixel"),
    }
    if mode == "nearest":
        attributes["nearest_mode"] = context.op.get("rounding", "round_prefer_floor")
    inputs = [context.form(context.operand(0), _NCHW), ""]
    scales = context.op.get("scales")
    if scales:
        array = np.array(scales, np.float32)
        inputs.append(context.writer.constant(f"{context.layer}.scales", array))
    else:
        inputs += ["", context.int64s(context.op.get("sizes"), ".sizes")]
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
