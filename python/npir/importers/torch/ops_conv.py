"""Convolutions. Filters get npir's layout: OHWI, depthwise ones [1, KH, KW, C*multiplier]."""

import numpy as np

from ..onnx.report import NodeProblem
from .maps import Maps, TorchWindow
from .registry import aten


def _as_2d(weight):
    return weight[:, :, np.newaxis] if weight.ndim == 3 else weight


def _to_ohwi(weight):
    return np.ascontiguousarray(_as_2d(weight).transpose(0, 2, 3, 1))


def _to_depthwise(weight):
    return np.ascontiguousarray(_as_2d(weight)[:, 0].transpose(1, 2, 0)[np.newaxis])


def _operands(node):
    """The maps, the filter, the window's attributes without the kernel, the groups."""
    dims = len(node.host("weight", "filter").shape) - 2
    if dims not in (1, 2):
        raise NodeProblem(f"expected a convolution over 1 or 2 dimensions, got {dims}")
    filters = node.weight("weight", "filter", dims + 2)
    maps = Maps(node, "input", dims)
    attributes = TorchWindow(node, maps.size, filters.shape[2:]).attributes()
    del attributes["kernel"]
    return maps, filters, attributes, node.number("groups")


def _with_bias(node, operands):
    if node.is_given("bias"):
        operands.append(node.constant(node.weight("bias", "bias", 1)))
    return operands


@aten(
    "conv1d.default", "conv1d.padding", "conv2d.default", "conv2d.padding", "convolution.default"
)
def import_convolution(node):
    if node.has("transposed") and node.argument("transposed"):
        import_transposed(node)
        return
    node.ignore("output_padding")
    maps, filters, attributes, groups = _operands(node)
    if groups > 1 and groups == maps.channels:
        op, weight = "npir.depthwise_conv2d", node.constant(filters, "depthwise", _to_depthwise)
    else:
        op, weight = "npir.conv2d", node.constant(filters, "ohwi", _to_ohwi)
        if groups > 1:
            attributes["groups"] = groups
    node.set(maps.emit(op, _with_bias(node, [weight]), attributes))


@aten("conv_transpose1d.default", "conv_transpose2d.input")
def import_transposed(node):
    maps, filters, attributes, groups = _operands(node)
    output_padding = node.ints("output_padding", len(maps.size)) or [0] * len(maps.size)
    inputs, outputs = filters.shape[:2]

    def to_ohwi(weight):
        weight = _as_2d(weight)
        kernel = weight.shape[2:]
        weight = weight.reshape(groups, inputs // groups, outputs, *kernel)
        weight = weight.transpose(0, 2, 3, 4, 1)
        return np.ascontiguousarray(weight.reshape(groups * outputs, *kernel, -1))

    attributes["output_padding"] = maps.pair(output_padding, 0)
    if groups > 1:
        attributes["groups"] = groups
    weight = node.constant(filters, f"transposed ohwi {groups}", to_ohwi)
    node.set(maps.emit("npir.transpose_conv2d", _with_bias(node, [weight]), attributes))
