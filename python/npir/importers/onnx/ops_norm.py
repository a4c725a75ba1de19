"""Normalization with weights: batch, layer, group, instance norm; LRN."""

import math

import numpy as np

from .axes import on_flat, reduce, refuse_batch
from .formula import Formula
from .moved import emit_view
from .node import axis_of
from .registry import onnx_op
from .report import NodeProblem
from .values import Host, format_shape, product
from .windows import to_channels_first, to_channels_last


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


def _vector(node, index, name, shape):
    """Operand `index`, which broadcasts to `shape`, as a constant of rank 1."""
    host = node.importer.as_float(node.host(index, name))
    count = math.prod(shape)
    if host.shape == tuple(shape):
        return node.constant(host, "flat", lambda array: array.reshape(-1))

    def spread(array):
        return np.array(np.broadcast_to(array, shape)).reshape(-1)

    try:
        np.broadcast_shapes(host.shape, tuple(shape))
        return node.constant(host, f"spread {count}", spread)
    except ValueError:
        raise NodeProblem(
            f"expected {name} of {format_shape(shape)} or what broadcasts to it, got "
            f"{format_shape(host.shape)}"
        ) from None


def _filled(node, name, count, value):
    array = np.full(count, value, np.float32)
    return node.constant(Host(array, f"{node.layer}.{name}"))


@onnx_op("LayerNormalization", inputs=(2, 3), outputs=3)
def import_layer_norm(node):
    node.require("stash_type", 1)
    axis = node.int("axis", -1)
    epsilon = node.float("epsilon", 1e-5)
    x = node.activation(0)
    axis = axis_of(axis, len(x.shape))
    sizes = x.shape[axis:]
    refuse_batch(x, axis)
    count = math.prod(sizes)
    scale = _vector(node, 1, "scale", sizes)
    if node.is_given(2):
        offset = _vector(node, 2, "bias", sizes)
    else:
        offset = _filled(node, "offset", count, 0)

    def normalize(tensor):
        return node.emit(
            "npir.layer_norm", [tensor, scale, offset], {"epsilon": epsilon}
        )

    node.set(on_flat(node, x, axis, normalize))
    if any(node.outputs[1:]):
        _set_statistics(node, axis, epsilon)


def _register_rms_norm(name):
    @onnx_op(name, inputs=(2, 2))
    def import_rms_norm(node):
        node.require("stash_type", 1)
        axis, epsilon = node.int("axis", -1), node.float("epsilon", 1e-5)
        x = node.activation(0)
        axis = axis_of(axis, len(x.shape))
        refuse_batch(x, axis)
        scale = _vector(node, 1, "scale", x.shape[axis:])

        def normalize(tensor):
            return node.emit("npir.rms_norm", [tensor, scale], {"epsilon": epsilon})

        node.set(on_flat(node, x, axis, normalize))


_register_rms_norm("RMSNormalization")
# onnxruntime's name, in ONNX's domain.
_register_rms_norm("SimplifiedLayerNormalization")


def _set_statistics(node, axis, epsilon):
    """The mean and 1 / deviation, for those that a network uses, too."""
    x = node.tensor(0)
    axes = list(range(axis, len(x.shape)))
    f = Formula(node)
    mean = reduce(node, x, "mean", axes, True, ".mean")
    node.set(mean, 1)
    if len(node.outputs) > 2 and node.outputs[2]:
        square = f(".square", f(".sub", x, mean))
        variance = reduce(node, square, "mean", axes, True, ".variance")
        node.set(f(".rsqrt", f(".add", variance, epsilon)), 2)


def _group_norm(node, groups, epsilon, scale, offset):
    """Set the result to npir.group_norm of [N, C, ...]."""
    x = to_channels_last(node, _map(node))
    attributes = {"groups": groups, "epsilon": epsilon}
    y = node.emit("npir.group_norm", [x, scale, offset], attributes)
    node.set(to_channels_first(node, y))


def _map(node):
    x = node.tensor(0)
    if len(x.shape) < 3:
        raise NodeProblem(f"expected [N, C, ...], got {format_shape(x.shape)}")
    return x


@onnx_op("InstanceNormalization", inputs=(3, 3))
def import_instance_norm(node):
    epsilon = node.float("epsilon", 1e-5)
    channels = _map(node).shape[1]
    scale = _vector(node, 1, "scale", [channels])
    offset = _vector(node, 2, "bias", [channels])
    _group_norm(node, channels, epsilon, scale, offset)


@onnx_op("GroupNormalization", inputs=(3, 3))
def import_group_norm(node):
    node.require("stash_type", 1)
    groups = node.int("num_groups", 1)
    epsilon = node.float("epsilon", 1e-5)
    channels = _map(node).shape[1]
    if groups < 1 or channels % groups:
        raise NodeProblem(
            f"expected a divisor of {channels} as num_groups, got {groups}"
        )
    parameters = []
    for index, name in ((1, "scale"), (2, "bias")):
        if node.opset >= 21:
            parameters.append(_vector(node, index, name, [channels]))
            continue
        # Before opset 21 one for each group.
        host = node.weight(index, name, 1)
        if host.array.size != groups:
            raise NodeProblem(
                f"expected {name} of [{groups}], got {format_shape(host.shape)}"
            )
        array = np.repeat(host.array, channels // groups)
        parameters.append(node.constant(Host(array, host.name)))
    _group_norm(node, groups, epsilon, *parameters)


@onnx_op("LRN")
def import_lrn(node):
    """Over the mean of squares of the channels nearby, those outside being 0."""
    size = node.int("size")
    alpha, beta = node.float("alpha", 1e-4), node.float("beta", 0.75)
    bias = node.float("bias", 1.0)
    if size is None or size < 1:
        raise NodeProblem(f"expected a size of at least 1, got {size}")
    x = _map(node)
    f = Formula(node)
    batch, channels, *rest = x.shape
    squares = emit_view(
        node, f(".square", x), (batch, channels, product(rest), 1), ".flat"
    )
    attributes = {
        "kernel": [size, 1],
        "pads": [(size - 1) // 2, size // 2, 0, 0],
        "count_include_pad": True,
    }
    mean = node.emit("npir.avg_pool2d", [squares], attributes, ".mean")
    mean = emit_view(node, mean, x.shape, ".shaped")
    scale = f(".pow", f(".add", f(".mul", mean, alpha), bias), beta)
    node.set(f("div", x, scale))
