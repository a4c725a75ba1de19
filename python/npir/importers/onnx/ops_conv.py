"""Convolutions.

Filters get npir's layout: OHWI, depthwise ones [1, KH, KW, C*multiplier].
"""

import numpy as np

from .boxes import Box
from .registry import onnx_op
from .report import NodeProblem
from .values import format_shape
from .windows import Window, emit_nhwc, map_operand


def _as_2d(weight):
    """A filter over one dimension as one over a row."""
    return weight if weight.ndim == 4 else weight[:, :, np.newaxis]


def _to_ohwi(weight):
    return np.ascontiguousarray(_as_2d(weight).transpose(0, 2, 3, 1))


def _to_depthwise(weight):
    return np.ascontiguousarray(_as_2d(weight)[:, 0].transpose(1, 2, 0)[np.newaxis])


def _operands(node):
    """The groups, the window, and the operands of a convolution."""
    groups = node.int("group", 1)
    if groups < 1:
        raise NodeProblem(f"expected at least 1 group, got {groups}")
    window = Window(node)
    filters = node.importer.as_float(node.host(1, "filter"))
    bias = node.weight(2, "bias", 1) if node.is_given(2) else None
    x = map_operand(node, 3)
    if len(filters.shape) != len(x.shape):
        raise NodeProblem(
            f"expected filter of rank {len(x.shape)}, got shape "
            f"{format_shape(filters.shape)}"
        )
    kernel = list(filters.shape[2:])
    window.fit(x.shape[2:], kernel)
    if window.kernel != kernel:
        raise NodeProblem(
            f"expected a filter of kernel_shape {format_shape(window.kernel)}, got "
            f"{format_shape(filters.shape)}"
        )
    return groups, window, x, filters, bias


@onnx_op("Conv", inputs=(2, 3))
def import_conv(node):
    groups, window, x, filters, bias = _operands(node)
    shape, channels = filters.shape, x.shape[1]
    if shape[0] % groups != 0 or channels != shape[1] * groups:
        raise NodeProblem(
            f"expected a filter of [a multiple of {groups}, "
            f"{channels}/{groups}, KH, KW] for {channels} channels in {groups} "
            f"groups, got {format_shape(shape)}"
        )
    window.pad_same()
    if len(window.size) == 3:
        Box(node, window, groups).convolve(filters, _bias_name(node))
        return
    attributes = _attributes(window)
    if groups > 1 and groups == channels:
        op = "npir.depthwise_conv2d"
        operands = [node.constant(filters, "depthwise", _to_depthwise)]
    else:
        op = "npir.conv2d"
        operands = [node.constant(filters, "ohwi", _to_ohwi)]
        if groups > 1:
            attributes["groups"] = groups
    if bias is not None:
        operands.append(node.constant(bias))
    emit_nhwc(node, op, x, operands, attributes)


def _bias_name(node):
    return node.inputs[2] if node.is_given(2) else None


def _attributes(window):
    dims = (0, 1) if len(window.size) == 2 else (None, 0)
    attributes = window.part(dims)
    del attributes["kernel"]
    return attributes


@onnx_op("ConvTranspose", inputs=(2, 3))
def import_conv_transpose(node):
    output_padding = node.ints("output_padding")
    output_shape = node.ints("output_shape")
    groups, window, x, filters, bias = _operands(node)
    rank = len(window.size)
    output_padding = window.given("output_padding", output_padding or [0] * rank, rank)
    inputs, outputs = filters.shape[:2]
    if inputs % groups != 0 or x.shape[1] != inputs:
        raise NodeProblem(
            f"expected a filter of [{x.shape[1]}, OC/{groups}, ...] for {x.shape[1]} "
            f"channels in {groups} groups, got {format_shape(filters.shape)}"
        )
    if output_shape is not None or window.auto_pad.startswith("SAME"):
        sizes = output_shape or [s * n for s, n in zip(window.strides, window.size)]
        # Some exporters give the batch and the channels, too.
        _pad_to(
            window, window.given("output_shape", sizes[-rank:], rank), output_padding
        )

    if rank == 3:
        box = Box(node, window, groups)
        box.convolve_transposed(filters, _bias_name(node), output_padding)
        return

    def to_ohwi(weight):
        weight = _as_2d(weight)
        kernel = weight.shape[2:]
        weight = weight.reshape(groups, inputs // groups, outputs, *kernel)
        weight = weight.transpose(0, 2, 3, 4, 1)
        return np.ascontiguousarray(weight.reshape(groups * outputs, *kernel, -1))

    attributes = _attributes(window)
    attributes["output_padding"] = [0] * (2 - rank) + output_padding
    if groups > 1:
        attributes["groups"] = groups
    operands = [node.constant(filters, f"transposed ohwi {groups}", to_ohwi)]
    if bias is not None:
        operands.append(node.constant(bias))
    emit_nhwc(node, "npir.transpose_conv2d", x, operands, attributes)


def _pad_to(window, sizes, output_padding):
    """Pads, or output padding, so that the result has `sizes`."""
    for i, size in enumerate(sizes):
        whole = window.strides[i] * (window.size[i] - 1) + window.extent(i)
        total = whole + output_padding[i] - size
        if total < 0:
            output_padding[i] -= total
            total = 0
        window.split_padding(i, total, window.auto_pad == "SAME_UPPER")
