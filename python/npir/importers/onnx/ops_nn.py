"""Convolutions, pools, reductions.

Filters get npir's layout: OHWI, depthwise ones [1, KH, KW, C*multiplier].
"""

import numpy as np

from .node import axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import format_shape
from .windows import Window, emit_nhwc, map_operand


def _to_ohwi(weight):
    return np.ascontiguousarray(weight.transpose(0, 2, 3, 1))


def _to_depthwise(weight):
    return np.ascontiguousarray(weight[:, 0].transpose(1, 2, 0)[np.newaxis])


@onnx_op("Conv", inputs=(2, 3))
def import_conv(node):
    groups = node.int("group", 1)
    window = Window(node)
    if groups < 1:
        raise NodeProblem(f"expected at least 1 group, got {groups}")
    filters = node.weight(1, "filter", 4)
    shape = filters.array.shape
    bias = node.weight(2, "bias", 1) if node.is_given(2) else None
    if window.kernel is None:
        window.kernel = list(shape[2:])
    elif window.kernel != list(shape[2:]):
        raise NodeProblem(
            f"expected a filter of kernel_shape {format_shape(window.kernel)}, got "
            f"{format_shape(shape)}"
        )
    x = map_operand(node)
    channels = x.shape[1]
    if shape[0] % groups != 0 or channels != shape[1] * groups:
        raise NodeProblem(
            f"expected a filter of [a multiple of {groups}, "
            f"{channels}/{groups}, KH, KW] for {channels} channels in {groups} "
            f"groups, got {format_shape(shape)}"
        )
    attributes = {
        "strides": window.strides,
        "pads": window.pads(x.shape[2:]),
        "dilations": window.dilations,
    }
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


@onnx_op("MaxPool")
def import_max_pool(node):
    node.ignore("storage_order")  # of the indices, which are not supported
    window = Window(node)
    ceil_mode = node.int("ceil_mode", 0)
    if window.kernel is None:
        raise NodeProblem("attribute 'kernel_shape' is missing")
    x = map_operand(node)
    window.check_ceil_mode(ceil_mode, x.shape[2:])
    attributes = {
        "kernel": window.kernel,
        "strides": window.strides,
        "pads": window.pads(x.shape[2:]),
        "dilations": window.dilations,
    }
    emit_nhwc(node, "npir.max_pool2d", x, [], attributes)


def _emit_reduce(node, kind, x, axes, keep_dims):
    attributes = {
        "kind": f"#npir.reduce_kind<{kind}>",
        "axes": axes,
        "keep_dims": keep_dims,
    }
    node.set(node.emit("npir.reduce", [x], attributes))


@onnx_op("GlobalAveragePool")
def import_global_average_pool(node):
    x = node.tensor(0)
    if len(x.shape) < 3:
        raise NodeProblem(f"expected [N, C, ...], got {format_shape(x.shape)}")
    _emit_reduce(node, "mean", x, list(range(2, len(x.shape))), True)


@onnx_op("AveragePool")
def import_average_pool(node):
    """Only where one window covers the map, which is a global average pool."""
    node.ignore("count_include_pad", "ceil_mode")  # the same without padding
    window = Window(node)
    if window.kernel is None:
        raise NodeProblem("attribute 'kernel_shape' is missing")
    x = map_operand(node)
    size = list(x.shape[2:])
    if window.kernel != size or any(window.pads(size)) or window.dilations != [1, 1]:
        raise NodeProblem(
            "an average pool other than a global one is not supported: kernel "
            f"{format_shape(window.kernel)} over {format_shape(x.shape)}"
        )
    _emit_reduce(node, "mean", x, [2, 3], True)


# Since when the axes are an input, by reduction.
_REDUCTIONS = {"ReduceMean": ("mean", 18), "ReduceSum": ("sum", 13)}


def _register_reduction(onnx_name, kind, axes_are_input_since):
    @onnx_op(onnx_name, inputs=(1, 2))
    def import_reduction(node):
        keep_dims = node.int("keepdims", 1) != 0
        if node.opset < axes_are_input_since:
            axes, noop = node.ints("axes"), 0
        else:
            noop = node.int("noop_with_empty_axes", 0)
            axes = node.static_integers(1, "axes") if node.is_given(1) else []
        if not axes and noop:
            node.set(node.value(0))
            return
        x = node.tensor(0)
        rank = len(x.shape)
        axes = sorted(axis_of(a, rank, "axes") for a in axes or range(rank))
        if axes and axes[0] == 0:
            raise NodeProblem(
                f"expected axes other than the batch, got {format_shape(axes)}"
            )
        _emit_reduce(node, kind, x, axes, keep_dims)


for _name, _kind in _REDUCTIONS.items():
    _register_reduction(_name, *_kind)
