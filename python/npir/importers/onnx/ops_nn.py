"""Convolutions, linear layers, pools, normalization.

Weights get npir's layout: filters OHWI, depthwise ones [1, KH, KW, C*multiplier],
linear ones [OC, IC].
"""

import numpy as np

from .node import axis_of, transposed
from .registry import onnx_op
from .report import NodeProblem
from .values import Host, format_shape
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


@onnx_op("BatchNormalization", inputs=(5, 5))
def import_batch_norm(node):
    node.ignore("momentum")
    node.require("training_mode", 0, "expected a trained batch norm: training_mode = 0")
    attributes = {"epsilon": node.float("epsilon", 1e-5), "axis": 1}
    names = ("scale", "bias", "mean", "variance")
    parameters = [
        node.constant(node.weight(i + 1, name, 1)) for i, name in enumerate(names)
    ]
    node.set(node.emit("npir.batch_norm", [node.tensor(0), *parameters], attributes))


def _scaled(host, factor, node):
    """`factor` times a weight, as a weight of its own where that is needed."""
    if factor == 1:
        return host
    return Host(host.array * np.float32(factor), f"{node.name}.{host.name}")


@onnx_op("Gemm", inputs=(2, 3))
def import_gemm(node):
    node.require("transA", 0, "expected transA = 0: the input is [N, C]")
    transpose = node.int("transB", 0)
    alpha, beta = node.float("alpha", 1.0), node.float("beta", 1.0)
    if transpose not in (0, 1):
        raise NodeProblem(f"expected transB of 0 or 1, got {transpose}")
    weight = _scaled(node.weight(1, "weight B", 2), alpha, node)
    bias = None
    if node.is_given(2) and beta != 0:
        bias = node.importer.as_float(node.host(2, "bias C"))
    x = node.tensor(0)
    if len(x.shape) != 2:
        raise NodeProblem(f"expected an input of rank 2, got {format_shape(x.shape)}")
    if transpose:
        operands = [x, node.constant(weight)]
    else:
        operands = [x, node.constant(weight, "transposed", transposed)]
    if bias is not None:
        outputs = weight.array.shape[0 if transpose else 1]
        operands.append(_gemm_bias(node, bias, beta, outputs))
    node.set(node.emit("npir.linear", operands))


def _gemm_bias(node, bias, beta, outputs):
    """The constant [outputs] of a bias that broadcasts along the batch."""
    bias = _scaled(bias, beta, node)
    shape = bias.array.shape
    if shape == (outputs,):
        return node.constant(bias)
    if shape not in ((), (1,), (1, 1), (1, outputs)):
        raise NodeProblem(
            f"expected bias C of [{outputs}] or what broadcasts to it, got "
            f"{format_shape(shape)}"
        )

    def spread(array):
        return np.array(np.broadcast_to(array.reshape(-1), (outputs,)))

    return node.constant(bias, f"spread {outputs}", spread)


@onnx_op("MatMul", inputs=(2, 2))
def import_matmul(node):
    weight = node.weight(1, "weight", 2)
    if node.is_host(0):
        raise NodeProblem("expected the constant on the right, as in x W")
    weight = node.constant(weight, "transposed", transposed)
    node.set(node.emit("npir.linear", [node.tensor(0), weight]))


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
