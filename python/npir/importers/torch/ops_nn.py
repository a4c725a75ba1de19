"""Convolutions, pools, reductions.

Filters get npir's layout: OHWI, depthwise ones [1, KH, KW, C*multiplier].
"""

import numpy as np

from ..onnx.node import axes_of
from ..onnx.report import NodeProblem
from ..onnx.values import Batch, Sequence, format_shape
from .maps import Maps
from .registry import aten


def _as_2d(weight):
    return weight[:, :, np.newaxis] if weight.ndim == 3 else weight


def _to_ohwi(weight):
    return np.ascontiguousarray(_as_2d(weight).transpose(0, 2, 3, 1))


def _to_depthwise(weight):
    return np.ascontiguousarray(_as_2d(weight)[:, 0].transpose(1, 2, 0)[np.newaxis])


def _padding(maps, padding, kernel, dilations):
    """npir's pads for a list, or for torch's word."""
    if padding == "valid":
        return [0] * 4
    if padding != "same":
        return maps.pads(padding)
    pads = []
    for size, dilation in zip(kernel, dilations):
        total = dilation * (size - 1)
        pads += [total // 2, total - total // 2]
    return pads


@aten(
    "conv2d.default", "conv2d.padding", "conv1d.default", "conv1d.padding", "convolution.default"
)
def import_convolution(node):
    if node.has("transposed") and node.argument("transposed"):
        raise NodeProblem("unsupported op: a transposed convolution")
    node.ignore("output_padding")
    dims = len(node.host("weight", "filter").shape) - 2
    if dims not in (1, 2):
        raise NodeProblem(f"expected a convolution over 1 or 2 dimensions, got {dims}")
    filters = node.weight("weight", "filter", dims + 2)
    maps = Maps(node, "input", dims)
    groups = node.number("groups")
    kernel = maps.pair(filters.shape[2:])
    dilations = maps.pair(node.ints("dilation", dims))
    padding = node.argument("padding")
    if not isinstance(padding, str):
        padding = node.ints("padding", dims)
    attributes = {
        "strides": maps.pair(node.ints("stride", dims)),
        "pads": _padding(maps, padding, kernel, dilations),
        "dilations": dilations,
    }
    if groups > 1 and groups == maps.channels:
        op, operands = "npir.depthwise_conv2d", [node.constant(filters, "depthwise", _to_depthwise)]
    else:
        op, operands = "npir.conv2d", [node.constant(filters, "ohwi", _to_ohwi)]
        if groups > 1:
            attributes["groups"] = groups
    if node.is_given("bias"):
        operands.append(node.constant(node.weight("bias", "bias", 1)))
    node.set(maps.emit(op, operands, attributes))


@aten("max_pool2d.default", "max_pool2d_with_indices.default", "max_pool1d.default")
def import_max_pool(node):
    dims = 1 if "1d" in node.op else 2
    kernel = node.ints("kernel_size", dims)
    strides = node.ints("stride", dims) or kernel
    padding, dilations = node.ints("padding", dims), node.ints("dilation", dims)
    ceil_mode = node.number("ceil_mode")
    maps = Maps(node, "self", dims)
    attributes = {
        "kernel": maps.pair(kernel),
        "strides": maps.pair(strides),
        "pads": maps.pads(padding),
        "dilations": maps.pair(dilations),
    }
    if ceil_mode:
        # Room for the last window: padding never wins.
        _widen(attributes, maps.size)
    result = maps.emit("npir.max_pool2d", [], attributes)
    node.set(Sequence([result]) if "with_indices" in node.op else result)


def _widen(attributes, size):
    """More padding behind, so that a window that is cut off at the end is whole."""
    for i in range(2):
        stride, pads = attributes["strides"][i], attributes["pads"]
        extent = (attributes["kernel"][i] - 1) * attributes["dilations"][i] + 1
        room = size[i] + pads[2 * i] + pads[2 * i + 1] - extent
        windows = -(-room // stride)
        # The last window has to begin in the map or in the padding before it.
        if windows * stride >= size[i] + pads[2 * i]:
            windows -= 1
        pads[2 * i + 1] += max(windows * stride - room, 0)


def emit_reduce(node, kind, x, axes, keep_dims, suffix=""):
    attributes = {
        "kind": f"#npir.reduce_kind<{kind}>",
        "axes": axes,
        "keep_dims": keep_dims,
    }
    return node.emit("npir.reduce", [x], attributes, suffix)


@aten("adaptive_avg_pool2d.default", "_adaptive_avg_pool2d.default", "adaptive_avg_pool1d.default")
def import_adaptive_average_pool(node):
    dims = 1 if "1d" in node.op else 2
    outputs = node.ints("output_size", dims)
    x = node.tensor("self")
    if outputs == [1] * dims and len(x.shape) == dims + 2:
        node.set(emit_reduce(node, "mean", x, list(range(2, dims + 2)), True))
        return
    sizes = list(x.shape[2:])
    if any(size % count for size, count in zip(sizes, outputs)):
        raise NodeProblem(
            f"expected windows of one size, got {format_shape(outputs)} over {format_shape(sizes)}"
        )
    raise NodeProblem("unsupported op, except to an output of 1x1")


_REDUCTIONS = {
    "mean.dim": "mean",
    "sum.dim_IntList": "sum",
    "mean.default": "mean",
    "sum.default": "sum",
}


def _register_reduction(name, kind):
    @aten(name)
    def import_reduction(node):
        node.ignore("dtype")
        x = node.tensor("self")
        rank = len(x.shape)
        axes = (node.ints("dim") if node.has("dim") else None) or list(range(rank))
        keep_dims = bool(node.number("keepdim")) if node.has("keepdim") else False
        axes = sorted(axes_of(axes, rank, "dim"))
        if axes[0] == 0 and (isinstance(x.shape[0], Batch) or rank > 1):
            raise NodeProblem(f"expected axes other than the batch, got {format_shape(axes)}")
        node.set(emit_reduce(node, kind, x, axes, keep_dims))


for _names in _REDUCTIONS.items():
    _register_reduction(*_names)
